"""What `pygai content` does."""

from collections.abc import Sequence
from typing import Any

import obstore
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.output import print_row, print_rows, say
from app.cli.running import Installation, note, run, run_in_session
from app.contents import listing_queries, service
from app.contents.listing_queries import ContentLine
from app.contents.service import GREATEST_ID, ContentReport
from app.contents.shown import shown
from app.core import errors
from app.models import Directory, PublicationStatus
from app.publishing import sites


def print_all(*, prompt_id: int | None, before_id: int | None, limit: int, as_json: bool) -> None:
    async def work(session: AsyncSession) -> Sequence[ContentLine]:
        return await listing_queries.list_contents(session, prompt_id=prompt_id, before_id=before_id, limit=limit)

    print_rows([_line(line) for line in run_in_session(work)], as_json=as_json)


def show(content_id: int, *, as_json: bool) -> None:
    async def work(here: Installation) -> dict[str, Any]:
        async with here.database.session() as session:
            return shown(await get_report(session, content_id), here.settings)

    print_row(run(work), as_json=as_json)


def remove(content_id: int) -> None:
    """The page goes first: should that fail, the content is still there to be tried again."""

    async def work(here: Installation) -> str | None:
        async with here.database.session() as session:
            report = await get_report(session, content_id)
        directory = await _take_page_away(here, report)
        async with here.database.session() as session:
            await session.delete(report.content)
            note(session, "content.remove", f"content {content_id}")
        if directory is None:
            return None
        await _list_anew(here, directory, content_id)
        return directory.name

    site = run(work)
    say(f"Removed content {content_id}" + (f" and its page on {site}." if site else "."))


async def get_report(session: AsyncSession, content_id: int) -> ContentReport:
    if not 0 < content_id <= GREATEST_ID:
        raise errors.NotFound({"id": f"there is no content {content_id}"})
    return await service.get_report(session, content_id=content_id)


async def _take_page_away(here: Installation, report: ContentReport) -> Directory | None:
    page = report.publication
    if page is None or page.status != PublicationStatus.PUBLISHED or not page.filename or page.dir_id is None:
        return None
    async with here.database.session() as session:
        directory = await session.get_one(Directory, page.dir_id)
    await obstore.delete_async(sites.store_of(here.settings, directory), page.filename)
    return directory


async def _list_anew(here: Installation, directory: Directory, content_id: int) -> None:
    """Publishing a neighbour again writes the site's listing, without what is gone."""
    async with here.database.session() as session:
        neighbour = await listing_queries.find_neighbour(session, dir_id=directory.id, content_id=content_id)
    if neighbour is not None:
        async with here.publisher() as (publisher, _extensions):
            await publisher.publish(neighbour, rewrite=True)


def _line(line: ContentLine) -> dict[str, Any]:
    content = line.content
    return {
        "id": content.id,
        "prompt": content.prompt_id,
        "histId": content.hist_id,
        "created": content.created_at,
        "text": content.text,
        "files": line.files,
        "publication": line.publication,
    }
