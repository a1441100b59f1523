"""What `pygai publish` and `pygai unpublish` do."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import typer
from obstore.exceptions import BaseError

from app.cli.output import counted, print_json, print_rows
from app.cli.progress import ProgressBar
from app.cli.running import operator, run
from app.core import errors
from app.core.storage import StorageUnusable
from app.facade.connector import Connector
from app.facade.sites import Progress
from app.runtime import Runtime
from app.sites.errors import no_site

# Why something could not be published is told whole.
REASON = ("reason",)


def publish(contents: Sequence[int] | None, *, rewrite: bool, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        connector = runtime.connector
        ids = contents or await connector.list_unpublished(operator())
        await _publish(connector, ids, lines, rewrite=rewrite)

    with _told(lines, as_json=as_json):
        run(work)
    if any(line["status"] == "failed" for line in lines):
        raise typer.Exit(1)


def schedule(contents: Sequence[int], *, at: datetime, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        for content_id in contents:
            planned = await runtime.connector.schedule_content(operator(), content_id, at=at)
            lines.append({"content": content_id, "status": "scheduled", "at": planned.at.isoformat()})

    with _told(lines, as_json=as_json):
        run(work)


def withdraw(contents: Sequence[int], *, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        for content_id in contents:
            page = await runtime.connector.unpublish_content(operator(), content_id)
            lines.append({"content": content_id, "status": "withdrawn", "page": page})

    with _told(lines, as_json=as_json):
        run(work)


def rebuild(site: str | None, *, rewrite: bool, workers: int | None, as_json: bool) -> None:
    async def work(runtime: Runtime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        connector = runtime.connector
        waiting = [] if site else await connector.list_requested(operator(), done_too=rewrite)
        published: list[dict[str, Any]] = []
        await _publish(connector, waiting, published, rewrite=rewrite)
        failed = [line for line in published if line["reason"]]

        async def rebuild_one(name: str, progress: Progress) -> dict[str, Any]:
            report = await connector.rebuild_site(operator(), name, workers=workers, progress=progress)
            return {"files": report.files}

        return failed, await _over_sites(connector, site, "Building", rebuild_one)

    failed, lines = run(work)
    if as_json:
        print_json([*failed, *lines])
    else:
        _print_tables(failed, lines)
    if failed or any("reason" in line for line in lines):
        raise typer.Exit(1)


def _print_tables(failed: Sequence[dict[str, Any]], sites: Sequence[dict[str, Any]]) -> None:
    if failed:
        print_rows(failed, as_json=False, whole=REASON)
    print_rows(sites, as_json=False, whole=REASON)


def check(site: str | None, *, mend: bool, delete_foreign: bool, workers: int | None, as_json: bool) -> None:
    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        connector = runtime.connector

        async def check_one(name: str, progress: Progress) -> dict[str, Any]:
            report = await connector.check_site(
                operator(), name, repairs=mend, deletes_foreign=delete_foreign, workers=workers, progress=progress
            )
            return report.model_dump()

        return await _over_sites(connector, site, "Checking", check_one)

    lines = run(work)
    print_rows(lines, as_json=as_json, whole=REASON)
    left = any(line.get("foreign") for line in lines) and not (delete_foreign and mend)
    wrong = any(line.get("missing") or line.get("stale") for line in lines) and not mend
    if left or wrong or any("reason" in line for line in lines):
        raise typer.Exit(1)


OneSite = Callable[[str, Progress], Awaitable[dict[str, Any]]]


async def _over_sites(connector: Connector, name: str | None, verb: str, do: OneSite) -> list[dict[str, Any]]:
    lines = []
    with ProgressBar() as bar:
        for site in await _names(connector, name):
            bar.begin(f"{verb} {site}")
            # One site in a bad place is no reason to leave the others.
            try:
                found = await do(site, bar.reach)
            except (errors.DomainError, StorageUnusable, BaseError) as raised:
                found = {"reason": str(raised).partition("\n")[0]}
            lines.append({"site": site, **found})
    return lines


async def _names(connector: Connector, name: str | None) -> list[str]:
    names = [site.name for site in await connector.list_sites(operator())]
    if name is None:
        return names
    if name not in names:
        raise no_site(name)
    return [name]


async def _publish(
    connector: Connector, ids: Sequence[int], lines: list[dict[str, Any]], *, rewrite: bool
) -> None:
    for content_id in counted(ids, len(ids), "Publishing"):
        # One by one: those that are done are told also when a later one is not there.
        page = await connector.publish_content(operator(), content_id, rewrite=rewrite)
        told = {name: getattr(page, name, None) for name in ("status", "url", "reason")}
        lines.append({"content": content_id, **told})


@contextmanager
def _told(lines: list[dict[str, Any]], *, as_json: bool) -> Iterator[None]:
    """Say what was done, also when one of the contents is not there and those after it were left."""
    try:
        yield
    except Exception:
        if lines:
            print_rows(lines, as_json=as_json, whole=REASON)
        raise
    print_rows(lines, as_json=as_json, whole=REASON)
