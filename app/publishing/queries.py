"""SQL that finds pages and their sites, on the driver's own connection: a client waits for most of it."""

from collections.abc import Collection

import asyncpg

from app.models import Directory, PageStatus
from app.publishing.build.rows import PAGE_COLUMNS, PageRow, page_row

CURRENT = (PageStatus.PENDING, PageStatus.LIVE)


async def find_site(connection: asyncpg.Connection, dir_id: int) -> Directory | None:
    row = await connection.fetchrow("SELECT * FROM gai_directory WHERE id = $1", dir_id)
    return Directory(**row) if row else None


async def list_dir_ids(connection: asyncpg.Connection) -> list[int]:
    return [row["id"] for row in await connection.fetch("SELECT id FROM gai_directory ORDER BY id")]


async def find_page(connection: asyncpg.Connection, *, content_id: int, dir_id: int) -> PageRow | None:
    """Where a content is published in a site, or was last."""
    query = f"""
SELECT {PAGE_COLUMNS} FROM gai_page WHERE content_id = $1 AND dir_id = $2
ORDER BY status IN ('pending', 'live') DESC, id DESC LIMIT 1"""
    row = await connection.fetchrow(query, content_id, dir_id)
    return page_row(row) if row else None


async def get_page(connection: asyncpg.Connection, page_id: int) -> PageRow | None:
    return next(iter(await list_pages(connection, page_ids=[page_id])), None)


async def list_pages(connection: asyncpg.Connection, *, page_ids: Collection[int]) -> list[PageRow]:
    query = f"SELECT {PAGE_COLUMNS} FROM gai_page WHERE id = ANY($1::bigint[]) ORDER BY id"
    return [page_row(row) for row in await connection.fetch(query, list(page_ids))]


async def list_leading(connection: asyncpg.Connection, *, page_id: int) -> list[int]:
    """The pages that moved and lead here, over however many stops."""
    query = """
WITH RECURSIVE led AS (
    SELECT id FROM gai_page WHERE moved_to = $1
    UNION SELECT p.id FROM gai_page AS p JOIN led ON p.moved_to = led.id
) SELECT id FROM led"""
    return [row["id"] for row in await connection.fetch(query, page_id)]
