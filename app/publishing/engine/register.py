"""Gives pages their addresses and their places in lists, within a transaction and the site's turn."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Directory, ListKind, Page, PageStatus, Topic
from app.publishing import addresses
from app.publishing import queries as publication_queries
from app.publishing.engine import change_queries


async def get_page(
    session: AsyncSession,
    directory: Directory,
    *,
    content_id: int,
    topic_id: int | None,
    proposed: str,
    dated_at: datetime,
) -> Page:
    """The content's page in a site, with an address that is given once and never changes."""
    page = await publication_queries.find_page(session, content_id=content_id, dir_id=directory.id)
    if page is None:
        path = await _free_path(session, directory.id, proposed)
        page = Page(dir_id=directory.id, path=path, content_id=content_id, topic_id=topic_id, dated_at=dated_at)
        session.add(page)
        await session.flush()
    if page.status not in publication_queries.CURRENT:
        page.status, page.moved_to, page.topic_id = PageStatus.PENDING, None, topic_id
        await session.flush()
    await take_places(session, directory, page)
    return page


async def take_places(session: AsyncSession, directory: Directory, page: Page) -> None:
    """A place at the end of each list the page belongs to, where it has none yet."""
    wanted = [(ListKind.SITE.value, ""), (ListKind.YEAR.value, _year_of(page, directory))]
    if page.topic_id is not None:
        wanted.append((ListKind.TOPIC.value, str(page.topic_id)))
    missing = await change_queries.list_missing_lists(session, dir_id=directory.id, wanted=wanted)
    for kind, key in missing:
        slugs = await _slugs(session, kind, key)
        await change_queries.add_list(session, dir_id=directory.id, kind=kind, key=key, slugs=slugs)
    await change_queries.take_places(session, dir_id=directory.id, page_id=page.id, wanted=wanted)


def _year_of(page: Page, directory: Directory) -> str:
    """The one in its address, which stays when the site's time zone changes."""
    year, _, rest = page.path.partition("/")
    if rest and len(year) == 4 and year.isdecimal():
        return year
    return f"{page.dated_at.astimezone(ZoneInfo(directory.time_zone)).year:04}"


async def _slugs(session: AsyncSession, kind: str, key: str) -> Iterable[str]:
    if kind != ListKind.TOPIC:
        return [key]
    topic = await session.get_one(Topic, int(key))
    return addresses.topic_slugs(topic.name, topic.id)


async def show(session: AsyncSession, page: Page, *, facts: Mapping[str, Any], digest: str, renderer: str) -> None:
    """The page is live, says these things, and is counted where it is listed."""
    for name, value in facts.items():
        setattr(page, name, value)
    page.digest, page.renderer = digest, renderer
    await _turn_into(session, page, PageStatus.LIVE)


async def hide(session: AsyncSession, page: Page, status: PageStatus, *, moved_to: int | None = None) -> None:
    """The page is gone or moved; its address and its places stay its own."""
    page.moved_to = moved_to
    await _turn_into(session, page, status)


async def change_topic(session: AsyncSession, directory: Directory, page: Page, topic_id: int | None) -> None:
    is_live = page.status == PageStatus.LIVE
    if is_live:
        await change_queries.count_articles(session, page_id=page.id, change=-1)
    page.topic_id = topic_id
    session.add(page)
    await session.flush()
    await take_places(session, directory, page)
    if is_live:
        await change_queries.count_articles(session, page_id=page.id, change=1)


async def _turn_into(session: AsyncSession, page: Page, status: PageStatus) -> None:
    change = (status == PageStatus.LIVE) - (page.status == PageStatus.LIVE)
    if change:
        await change_queries.count_articles(session, page_id=page.id, change=change)
    page.status = status
    session.add(page)
    await session.flush()


async def _free_path(session: AsyncSession, dir_id: int, path: str) -> str:
    """The path, or a numbered one that no article of the site ever had."""
    number, step = 1, 1
    while True:
        candidates = [addresses.numbered_path(path, number + i) for i in range(step)]
        taken = await change_queries.find_taken(session, dir_id=dir_id, paths=candidates)
        free = next((candidate for candidate in candidates if candidate not in taken), None)
        if free:
            return free
        number, step = number + step, min(step * 4, 1000)
