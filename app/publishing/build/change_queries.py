"""SQL that changes pages and their places in lists; within the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import asyncpg

from app.publishing.build.rows import PAGE_COLUMNS, PageRow, page_row


async def delete_content(connection: asyncpg.Connection, content_id: int) -> asyncpg.Record | None:
    """What the log tells of it; None when there is no such content."""
    query = "DELETE FROM gai_content WHERE id = $1 RETURNING prompt_id, hist_id, created_at"
    return await connection.fetchrow(query, content_id)


async def add_page(
    connection: asyncpg.Connection,
    *,
    dir_id: int,
    path: str,
    content_id: int,
    topic_id: int | None,
    dated_at: datetime,
) -> PageRow:
    query = f"""
INSERT INTO gai_page (dir_id, path, content_id, topic_id, dated_at, title, excerpt, is_written)
VALUES ($1, $2, $3, $4, $5, '', '', false)
RETURNING {PAGE_COLUMNS}"""
    return page_row(await connection.fetchrow(query, dir_id, path, content_id, topic_id, dated_at))


async def change_page(connection: asyncpg.Connection, page_id: int, **columns: Any) -> PageRow:
    query = f"UPDATE gai_page SET {_assigned(columns)} WHERE id = $1 RETURNING {PAGE_COLUMNS}"
    return page_row(await connection.fetchrow(query, page_id, *columns.values()))


async def find_taken(connection: asyncpg.Connection, *, dir_id: int, paths: Collection[str]) -> set[str]:
    """Which of these addresses a site has given already, whatever became of them."""
    query = "SELECT path FROM gai_page WHERE dir_id = $1 AND path = ANY($2::text[])"
    return {row["path"] for row in await connection.fetch(query, dir_id, list(paths))}


async def find_topic_name(connection: asyncpg.Connection, topic_id: int) -> str:
    name: str | None = await connection.fetchval("SELECT name FROM gai_topic WHERE id = $1", topic_id)
    return name or ""


async def add_list(
    connection: asyncpg.Connection, *, dir_id: int, kind: str, key: str, slugs: Iterable[str]
) -> None:
    """A new list with the first slug that is free. The site's turn is the caller's."""
    query = """
INSERT INTO gai_page_list (dir_id, kind, key, slug) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING id"""
    for slug in slugs:
        if await connection.fetchval(query, dir_id, kind, key, slug):
            return


async def take_places(
    connection: asyncpg.Connection, *, dir_id: int, page_id: int, wanted: Collection[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Give the page the next place of each of these lists, unless it has one there; those that there are not."""
    query = """
WITH wanted AS (
    SELECT * FROM unnest($3::text[], $4::text[]) AS w (kind, key)
), place AS (
    UPDATE gai_page_list AS l SET last_place = l.last_place + 1
    FROM wanted AS w
    WHERE l.dir_id = $1 AND l.kind = w.kind AND l.key = w.key AND NOT EXISTS (
        SELECT FROM gai_page_place AS taken WHERE taken.list_id = l.id AND taken.page_id = $2)
    RETURNING l.id, l.last_place
), taken AS (
    INSERT INTO gai_page_place (list_id, place, page_id) SELECT id, last_place, $2 FROM place
)
SELECT w.kind, w.key FROM wanted AS w
WHERE NOT EXISTS (
    SELECT FROM gai_page_list AS l WHERE l.dir_id = $1 AND l.kind = w.kind AND l.key = w.key)"""
    found = await connection.fetch(query, dir_id, page_id, *_columns(wanted))
    return [(row["kind"], row["key"]) for row in found]


async def count_articles(connection: asyncpg.Connection, *, page_id: int, change: int) -> None:
    """One article more or less in every list that shows the page."""
    query = """
UPDATE gai_page_list AS l SET articles = l.articles + $2::int
FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
WHERE pl.list_id = l.id AND p.id = $1 AND (l.kind <> 'topic' OR l.key = p.topic_id::text)"""
    await connection.execute(query, page_id, change)


async def recount_articles(connection: asyncpg.Connection, *, dir_id: int) -> None:
    query = """
UPDATE gai_page_list AS l SET articles = (
    SELECT count(*) FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
    WHERE pl.list_id = l.id AND p.status = 'live' AND (l.kind <> 'topic' OR l.key = p.topic_id::text))
WHERE l.dir_id = $1"""
    await connection.execute(query, dir_id)


async def mark_indexed(connection: asyncpg.Connection, *, list_id: int, indexed: int) -> None:
    # Others may have come further meanwhile.
    query = "UPDATE gai_page_list SET indexed = greatest(indexed, $2) WHERE id = $1"
    await connection.execute(query, list_id, indexed)


async def mark_unwritten(connection: asyncpg.Connection, *, page_ids: Collection[int]) -> None:
    """Pages on which a change shows that is in no file yet."""
    await connection.execute("UPDATE gai_page SET is_written = false WHERE id = ANY($1::bigint[])", list(page_ids))


async def mark_written(
    connection: asyncpg.Connection, *, page_ids: Collection[int], places: Mapping[int, int]
) -> None:
    """All files are there on which these pages show, and those of these lists up to a place of each."""
    query = """
WITH page AS (UPDATE gai_page SET is_written = true WHERE id = ANY($1::bigint[]) AND NOT is_written)
UPDATE gai_page_list AS l SET written = greatest(l.written, w.place)
FROM unnest($2::bigint[], $3::int[]) AS w (list_id, place) WHERE l.id = w.list_id"""
    await connection.execute(query, list(page_ids), list(places), list(places.values()))


def _columns(wanted: Collection[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [kind for kind, _ in wanted], [key for _, key in wanted]


def _assigned(columns: Iterable[str]) -> str:
    """`SET` of these columns to the parameters after the first."""
    return ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
