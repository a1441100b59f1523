"""Gives pages their addresses and their places in lists, within a transaction and the site's turn."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from app.models import Directory, ListKind, PageStatus
from app.publishing import addresses, queries
from app.publishing.build import change_queries
from app.publishing.build.rows import PageRow


async def ensure_page(
    connection: asyncpg.Connection,
    directory: Directory,
    *,
    page: PageRow | None,
    content_id: int,
    topic_id: int | None,
    proposed: str,
    dated_at: datetime,
) -> PageRow:
    """The content's page in a site, with an address that is given once and never changes.

    `page` is the one that it has or had there. Until its files are there, its row says so.
    """
    if page is None:
        page = await change_queries.add_page(
            connection,
            dir_id=directory.id,
            path=await _free_path(connection, directory.id, proposed),
            content_id=content_id,
            topic_id=topic_id,
            dated_at=dated_at,
        )
    else:
        is_current = page.status in queries.CURRENT
        back = {} if is_current else {"status": PageStatus.PENDING.value, "moved_to": None, "topic_id": topic_id}
        page = await change_queries.change_page(connection, page.id, is_written=False, **back)
    await take_places(connection, directory, page)
    return page


async def take_places(connection: asyncpg.Connection, directory: Directory, page: PageRow) -> None:
    """A place at the end of each list the page belongs to, where it has none yet."""
    wanted = [(ListKind.SITE.value, ""), (ListKind.YEAR.value, _year_of(page, directory))]
    if page.topic_id is not None:
        wanted.append((ListKind.TOPIC.value, str(page.topic_id)))
    missing = await change_queries.take_places(connection, dir_id=directory.id, page_id=page.id, wanted=wanted)
    for kind, key in missing:
        slugs = await _slugs(connection, kind, key)
        await change_queries.add_list(connection, dir_id=directory.id, kind=kind, key=key, slugs=slugs)
    if missing:
        await change_queries.take_places(connection, dir_id=directory.id, page_id=page.id, wanted=missing)


def _year_of(page: PageRow, directory: Directory) -> str:
    """The one in its address, which stays when the site's time zone changes."""
    year, _, rest = page.path.partition("/")
    if rest and len(year) == 4 and year.isdecimal():
        return year
    return f"{page.dated_at.astimezone(ZoneInfo(directory.time_zone)).year:04}"


async def _slugs(connection: asyncpg.Connection, kind: str, key: str) -> Iterable[str]:
    if kind != ListKind.TOPIC:
        return [key]
    topic_id = int(key)
    return addresses.topic_slugs(await change_queries.find_topic_name(connection, topic_id), topic_id)


async def mark_live(
    connection: asyncpg.Connection, page: PageRow, *, facts: Mapping[str, Any], digest: str, renderer: str
) -> None:
    """The page is live, says these things, and is counted where it is listed."""
    await _turn_into(connection, page, PageStatus.LIVE, is_written=True, **facts, digest=digest, renderer=renderer)


async def mark_gone(connection: asyncpg.Connection, page: PageRow, status: PageStatus) -> PageRow:
    """The page is gone or moved; its address and its places stay its own."""
    return await _turn_into(connection, page, status, moved_to=None, is_written=False)


async def change_topic(
    connection: asyncpg.Connection, directory: Directory, page: PageRow, topic_id: int | None
) -> PageRow:
    is_live = page.status == PageStatus.LIVE
    if is_live:
        await change_queries.count_articles(connection, page_id=page.id, change=-1)
    page = await change_queries.change_page(connection, page.id, topic_id=topic_id, is_written=False)
    await take_places(connection, directory, page)
    if is_live:
        await change_queries.count_articles(connection, page_id=page.id, change=1)
    return page


async def _turn_into(connection: asyncpg.Connection, page: PageRow, status: PageStatus, **columns: Any) -> PageRow:
    change = (status == PageStatus.LIVE) - (page.status == PageStatus.LIVE)
    if change:
        await change_queries.count_articles(connection, page_id=page.id, change=change)
    return await change_queries.change_page(connection, page.id, status=status.value, **columns)


async def _free_path(connection: asyncpg.Connection, dir_id: int, path: str) -> str:
    """The path, or a numbered one that no article of the site ever had."""
    number, step = 1, 1
    while True:
        candidates = [addresses.numbered_path(path, number + i) for i in range(step)]
        taken = await change_queries.find_taken(connection, dir_id=dir_id, paths=candidates)
        free = next((candidate for candidate in candidates if candidate not in taken), None)
        if free:
            return free
        number, step = number + step, min(step * 4, 1000)
