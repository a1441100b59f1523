"""What `pygai publish` and `pygai unpublish` do."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer
from obstore.exceptions import BaseError

from app.cli.content_work import get_report
from app.cli.output import counted, print_json, print_rows
from app.cli.progress import ProgressBar
from app.cli.running import note, run
from app.contents import listing_queries
from app.contents.shown import shown_publication
from app.core import errors
from app.core.postgres import named_rows
from app.core.storage import StorageUnusable
from app.jobs.runner import LAST_ATTEMPT
from app.models import Directory
from app.publishing.build.rebuild import Rebuilding, Survey
from app.publishing.build.workshop import Workshop
from app.publishing.changes import Changes
from app.publishing.service import Publisher
from app.runtime import Runtime
from app.sites import service as sites

# Why something could not be published is told whole.
REASON = ("reason",)


def publish(contents: Sequence[int] | None, *, rewrite: bool, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        ids = contents or await _unpublished(runtime)
        publisher = runtime.publisher
        await _publish(runtime, publisher, ids, lines, rewrite=rewrite)

    with _told(lines, as_json=as_json):
        run(work)
    if any(line["status"] == "failed" for line in lines):
        raise typer.Exit(1)


def schedule(contents: Sequence[int], *, at: datetime, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        publisher = runtime.publisher
        for content_id in contents:
            moment = at if at.tzinfo else at.replace(tzinfo=await _zone_of(runtime, publisher, content_id))
            await publisher.schedule(content_id, at=moment)
            async with runtime.database.session() as session:
                note(session, "content.schedule", f"content {content_id}", at=moment.isoformat())
            lines.append({"content": content_id, "status": "scheduled", "at": moment.isoformat()})

    with _told(lines, as_json=as_json):
        run(work)


def withdraw(contents: Sequence[int], *, as_json: bool) -> None:
    lines: list[dict[str, Any]] = []

    async def work(runtime: Runtime) -> None:
        publisher = runtime.publisher
        changes = Changes(publisher)
        for content_id in contents:
            async with runtime.database.session() as session:
                await get_report(session, content_id)
            page = await changes.withdraw(content_id)
            async with runtime.database.session() as session:
                note(session, "content.unpublish", f"content {content_id}")
            lines.append({"content": content_id, "status": "withdrawn", "page": page.path if page else None})

    with _told(lines, as_json=as_json):
        run(work)


def rebuild(site: str | None, *, rewrite: bool, workers: int | None, as_json: bool) -> None:
    async def work(runtime: Runtime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        publisher = runtime.publisher
        waiting = [] if site else await _asked_for(runtime, done_too=rewrite)
        published: list[dict[str, Any]] = []
        await _publish(runtime, publisher, waiting, published, rewrite=rewrite)
        failed = [line for line in published if line["reason"]]
        return failed, await _over_sites(publisher.workshop, site, workers, "Building", _rebuild_one)

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
    async def check_one(rebuilding: Rebuilding, progress: Callable[[int, int], None]) -> dict[str, Any]:
        survey = await rebuilding.check(progress, mend=mend)
        if delete_foreign and mend:
            await rebuilding.delete(survey.foreign)
        return _findings(survey)

    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        publisher = runtime.publisher
        return await _over_sites(publisher.workshop, site, workers, "Checking", check_one)

    lines = run(work)
    print_rows(lines, as_json=as_json, whole=REASON)
    left = any(line.get("foreign") for line in lines) and not (delete_foreign and mend)
    wrong = any(line.get("missing") or line.get("stale") for line in lines) and not mend
    if left or wrong or any("reason" in line for line in lines):
        raise typer.Exit(1)


OneSite = Callable[[Rebuilding, Callable[[int, int], None]], Awaitable[dict[str, Any]]]


async def _over_sites(
    workshop: Workshop, name: str | None, workers: int | None, verb: str, do: OneSite
) -> list[dict[str, Any]]:
    lines = []
    with ProgressBar() as bar:
        for directory in await _sites(workshop, name):
            bar.begin(f"{verb} {directory.name}")

            def progress(done: int, of: int) -> None:
                bar.reach(done, of)

            # One site in a bad place is no reason to leave the others.
            try:
                found = await do(Rebuilding(workshop, directory, workers=workers), progress)
            except (errors.DomainError, StorageUnusable, BaseError) as raised:
                found = {"reason": str(raised).partition("\n")[0]}
            lines.append({"site": directory.name, **found})
    return lines


async def _rebuild_one(rebuilding: Rebuilding, progress: Callable[[int, int], None]) -> dict[str, Any]:
    return {"files": (await rebuilding.rebuild(progress)).files}


def _findings(survey: Survey) -> dict[str, Any]:
    return {
        "files": survey.files,
        "missing": survey.missing,
        "stale": survey.stale,
        "foreign": survey.foreign,
    }


async def _sites(workshop: Workshop, name: str | None) -> Sequence[Directory]:
    if name is not None:
        return [await sites.get_by_name(workshop.database, name)]
    async with workshop.database.session() as session:
        return await named_rows.list_all(session, Directory)


async def _zone_of(runtime: Runtime, publisher: Publisher, content_id: int) -> ZoneInfo:
    async with runtime.database.session() as session:
        await get_report(session, content_id)
    directory = await publisher.site_for(content_id)
    return ZoneInfo(directory.time_zone if directory else "UTC")


async def _asked_for(runtime: Runtime, *, done_too: bool) -> Sequence[int]:
    async with runtime.database.session() as session:
        return await listing_queries.list_asked_for(session, done_too=done_too)


async def _unpublished(runtime: Runtime) -> Sequence[int]:
    async with runtime.database.session() as session:
        return await listing_queries.list_unpublished(session)


async def _publish(
    runtime: Runtime, publisher: Publisher, ids: Sequence[int], lines: list[dict[str, Any]], *, rewrite: bool
) -> None:
    for content_id in counted(ids, len(ids), "Publishing"):
        # One by one: those that are done are told also when a later one is not there.
        lines.append(await _publish_one(runtime, publisher, content_id, rewrite=rewrite))  # noqa: PERF401


async def _publish_one(
    runtime: Runtime, publisher: Publisher, content_id: int, *, rewrite: bool
) -> dict[str, Any]:
    async with runtime.database.session() as session:
        await get_report(session, content_id)
        note(session, "content.publish", f"content {content_id}", rewrite=rewrite)
    # What goes wrong is on the publication's record then, and read from there.
    with suppress(Exception):
        # As the last attempt: nobody tries again after a command.
        await publisher.work(
            {"content_id": content_id, "rewrite": rewrite, "commanded": True, "attempt": LAST_ATTEMPT}
        )
    async with runtime.database.session() as session:
        page = shown_publication(await get_report(session, content_id), runtime.settings)
    return {"content": content_id, **{name: getattr(page, name, None) for name in ("status", "url", "reason")}}


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
