"""SQL that gives pages their addresses and places, and counts them; within the caller's transaction."""

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Reading a statement for its parameters costs more than sending it.
_statement = cache(text)


async def find_taken(session: AsyncSession, *, dir_id: int, paths: Collection[str]) -> set[str]:
    """Which of these addresses a site has given already, whatever became of them."""
    query = "SELECT path FROM gai_page WHERE dir_id = :dir_id AND path = ANY(:paths)"
    return {row["path"] for row in await _rows(session, query, dir_id=dir_id, paths=list(paths))}


async def ensure_list(session: AsyncSession, *, dir_id: int, kind: str, key: str, slugs: Iterable[str]) -> int:
    """The list's number; made with the first free slug when it is new. The site's turn is the caller's."""
    known = await _rows(
        session,
        "SELECT id FROM gai_page_list WHERE dir_id = :dir_id AND kind = :kind AND key = :key",
        dir_id=dir_id,
        kind=kind,
        key=key,
    )
    if known:
        return int(known[0]["id"])
    for slug in slugs:
        made = await _rows(
            session,
            """INSERT INTO gai_page_list (dir_id, kind, key, slug) VALUES (:dir_id, :kind, :key, :slug)
               ON CONFLICT DO NOTHING RETURNING id""",
            dir_id=dir_id,
            kind=kind,
            key=key,
            slug=slug,
        )
        if made:
            return int(made[0]["id"])
    raise RuntimeError("no slug is free")


async def take_place(session: AsyncSession, *, list_id: int, page_id: int) -> None:
    """Give the page the next place of a list, unless it has one."""
    query = """
WITH place AS (
    UPDATE gai_page_list SET last_place = last_place + 1
    WHERE id = :list_id AND NOT EXISTS (
        SELECT FROM gai_page_place WHERE list_id = :list_id AND page_id = :page_id)
    RETURNING last_place
)
INSERT INTO gai_page_place (list_id, place, page_id) SELECT :list_id, last_place, :page_id FROM place"""
    await session.execute(_statement(query), {"list_id": list_id, "page_id": page_id})


async def count_articles(session: AsyncSession, *, page_id: int, change: int) -> None:
    """One article more or less in every list that shows the page."""
    query = """
UPDATE gai_page_list AS l SET articles = l.articles + :change
FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
WHERE pl.list_id = l.id AND p.id = :page_id AND (l.kind <> 'topic' OR l.key = p.topic_id::text)"""
    await session.execute(_statement(query), {"page_id": page_id, "change": change})


async def recount_articles(session: AsyncSession, *, dir_id: int) -> None:
    query = """
UPDATE gai_page_list AS l SET articles = (
    SELECT count(*) FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
    WHERE pl.list_id = l.id AND p.status = 'live' AND (l.kind <> 'topic' OR l.key = p.topic_id::text))
WHERE l.dir_id = :dir_id"""
    await session.execute(_statement(query), {"dir_id": dir_id})


async def mark_indexed(session: AsyncSession, *, list_id: int, indexed: int) -> None:
    query = "UPDATE gai_page_list SET indexed = :indexed WHERE id = :list_id"
    await session.execute(_statement(query), {"list_id": list_id, "indexed": indexed})


async def _rows(session: AsyncSession, query: str, **parameters: Any) -> Sequence[Any]:
    return (await session.execute(_statement(query), parameters)).mappings().all()
