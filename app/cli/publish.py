"""`pygai publish`: make pages of contents, now."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.cli.running import Installation
    from app.publishing.service import Publisher


def publish(
    contents: Annotated[
        list[int] | None, typer.Argument(metavar="[CONTENT_ID]...", help="The numbers of contents.")
    ] = None,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Make the pages anew that are there already.")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Every content that a page was asked for; with --rewrite made anew.")
    ] = False,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Every content that has no page, asked for or not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish contents as pages of their sites, through the extensions that take part.

    Examples:

    - `pygai publish 12 13`
    - `pygai publish --all`
    - `pygai publish --all --rewrite --json`
    - `pygai publish --unpublished`
    """
    from app.cli.output import print_rows
    from app.cli.running import run

    if sum([bool(contents), all_, unpublished]) != 1:
        raise typer.BadParameter("give numbers of contents, or --all, or --unpublished")

    async def work(here: "Installation") -> list[dict[str, Any]]:
        ids = contents or await _find(here, asked_for=all_, rewrite=rewrite)
        async with here.publisher() as (publisher, _extensions):
            return await _publish(here, publisher, ids, rewrite=rewrite)

    lines = run(work)
    print_rows(lines, as_json=as_json)
    if any(line["status"] == "failed" for line in lines):
        raise typer.Exit(1)


async def _find(here: "Installation", *, asked_for: bool, rewrite: bool) -> Sequence[int]:
    from app.contents import listing_queries

    async with here.database.session() as session:
        if asked_for:
            return await listing_queries.list_asked_for(session, done_too=rewrite)
        return await listing_queries.list_unpublished(session)


async def _publish(
    here: "Installation", publisher: "Publisher", ids: Sequence[int], *, rewrite: bool
) -> list[dict[str, Any]]:
    from app.cli.output import counted

    return [
        await _publish_one(here, publisher, content_id, rewrite=rewrite)
        for content_id in counted(ids, len(ids), "Publishing")
    ]


async def _publish_one(
    here: "Installation", publisher: "Publisher", content_id: int, *, rewrite: bool
) -> dict[str, Any]:
    from app.cli.content_work import get_report
    from app.cli.running import note
    from app.contents.shown import shown
    from app.core.queue import LAST_ATTEMPT

    async with here.database.session() as session:
        await get_report(session, content_id)
        note(session, "content.publish", f"content {content_id}", rewrite=rewrite)
    # What goes wrong is on the publication's record then, and read from there.
    with suppress(Exception):
        # As the last attempt: nobody tries again after a command.
        await publisher.work({"content_id": content_id, "rewrite": rewrite, "attempt": LAST_ATTEMPT})
    async with here.database.session() as session:
        page = shown(await get_report(session, content_id), here.settings)["publish"] or {}
    return {"content": content_id, **{name: page.get(name) for name in ("status", "url", "reason")}}
