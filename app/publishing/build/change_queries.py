"""SQL that changes publications, pages and their places in lists; within the caller's transaction."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import asyncpg

from app.publishing.build.rows import (
    PAGE_COLUMNS,
    PUBLICATION_COLUMNS,
    PageRow,
    PublicationRow,
    page_row,
    publication_row,
)


async def add_publication(connection: asyncpg.Connection, content_id: int, **columns: Any) -> PublicationRow:
    """A new row of a content's history, pending unless said otherwise."""
    names = ", ".join(["content_id", *columns])
    values = ", ".join(f"${place}" for place in range(1, len(columns) + 2))
    query = f"INSERT INTO gai_publish ({names}) VALUES ({values}) RETURNING {PUBLICATION_COLUMNS}"
    return publication_row(await connection.fetchrow(query, content_id, *columns.values()))


async def change_publication(connection: asyncpg.Connection, publication_id: int, **columns: Any) -> None:
    query = f"UPDATE gai_publish SET {_assigned(columns)}, modified_at = now() WHERE id = $1"
    await connection.execute(query, publication_id, *columns.values())


async def delete_content(connection: asyncpg.Connection, content_id: int) -> None:
    await connection.execute("DELETE FROM gai_content WHERE id = $1", content_id)


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
INSERT INTO gai_page (dir_id, path, content_id, topic_id, dated_at, title, excerpt)
VALUES ($1, $2, $3, $4, $5, '', '')
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


async def list_missing_lists(
    connection: asyncpg.Connection, *, dir_id: int, wanted: Collection[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Those of the wanted kinds and keys that the site has no list of yet."""
    query = """
SELECT w.kind, w.key FROM unnest($2::text[], $3::text[]) AS w (kind, key)
WHERE NOT EXISTS (
    SELECT FROM gai_page_list AS l WHERE l.dir_id = $1 AND l.kind = w.kind AND l.key = w.key)"""
    found = await connection.fetch(query, dir_id, *_columns(wanted))
    return [(row["kind"], row["key"]) for row in found]


async def take_places(
    connection: asyncpg.Connection, *, dir_id: int, page_id: int, wanted: Collection[tuple[str, str]]
) -> None:
    """Give the page the next place of each of these lists, unless it has one there."""
    query = """
WITH place AS (
    UPDATE gai_page_list AS l SET last_place = l.last_place + 1
    FROM unnest($3::text[], $4::text[]) AS w (kind, key)
    WHERE l.dir_id = $1 AND l.kind = w.kind AND l.key = w.key AND NOT EXISTS (
        SELECT FROM gai_page_place AS taken WHERE taken.list_id = l.id AND taken.page_id = $2)
    RETURNING l.id, l.last_place
)
INSERT INTO gai_page_place (list_id, place, page_id) SELECT id, last_place, $2 FROM place"""
    await connection.execute(query, dir_id, page_id, *_columns(wanted))


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
    await connection.execute("UPDATE gai_page_list SET indexed = $2 WHERE id = $1", list_id, indexed)


def _columns(wanted: Collection[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [kind for kind, _ in wanted], [key for _, key in wanted]


def _assigned(columns: Iterable[str]) -> str:
    """`SET` of these columns to the parameters after the first."""
    return ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
