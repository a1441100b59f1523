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


async def add_list(session: AsyncSession, *, dir_id: int, kind: str, key: str, slugs: Iterable[str]) -> None:
    """A new list with the first slug that is free. The site's turn is the caller's."""
    query = """
INSERT INTO gai_page_list (dir_id, kind, key, slug) VALUES (:dir_id, :kind, :key, :slug)
ON CONFLICT DO NOTHING RETURNING id"""
    for slug in slugs:
        if await _rows(session, query, dir_id=dir_id, kind=kind, key=key, slug=slug):
            return


async def list_missing_lists(
    session: AsyncSession, *, dir_id: int, wanted: Collection[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Those of the wanted kinds and keys that the site has no list of yet."""
    query = """
SELECT w.kind, w.key FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS w (kind, key)
WHERE NOT EXISTS (
    SELECT FROM gai_page_list AS l WHERE l.dir_id = :dir_id AND l.kind = w.kind AND l.key = w.key)"""
    kinds, keys = [kind for kind, _ in wanted], [key for _, key in wanted]
    return [
        (row["kind"], row["key"]) for row in await _rows(session, query, dir_id=dir_id, kinds=kinds, keys=keys)
    ]


async def take_places(
    session: AsyncSession, *, dir_id: int, page_id: int, wanted: Collection[tuple[str, str]]
) -> None:
    """Give the page the next place of each of these lists, unless it has one there."""
    query = """
WITH place AS (
    UPDATE gai_page_list AS l SET last_place = l.last_place + 1
    FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS w (kind, key)
    WHERE l.dir_id = :dir_id AND l.kind = w.kind AND l.key = w.key AND NOT EXISTS (
        SELECT FROM gai_page_place AS taken WHERE taken.list_id = l.id AND taken.page_id = :page_id)
    RETURNING l.id, l.last_place
)
INSERT INTO gai_page_place (list_id, place, page_id) SELECT id, last_place, :page_id FROM place"""
    kinds, keys = [kind for kind, _ in wanted], [key for _, key in wanted]
    parameters = {"dir_id": dir_id, "page_id": page_id, "kinds": kinds, "keys": keys}
    await session.execute(_statement(query), parameters)


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
