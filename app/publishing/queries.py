"""SQL that finds publications and pages, on the driver's own connection: a client waits for most of it."""

from collections.abc import Collection

import asyncpg

from app.models import Directory, PageStatus
from app.publishing.build.rows import (
    PAGE_COLUMNS,
    PUBLICATION_COLUMNS,
    OriginRow,
    PageRow,
    PublicationRow,
    page_row,
    publication_row,
)

CURRENT = (PageStatus.PENDING, PageStatus.LIVE)


async def find_origin(
    connection: asyncpg.Connection, content_id: int, *, is_locked: bool = False
) -> OriginRow | None:
    """A content, and where its prompt wants it; locked, those that begin at once see what the others wrote."""
    query = """
SELECT c.id AS content_id, c.created_at, r.dir_id, r.topic_id
FROM gai_content AS c LEFT JOIN gai_prompt AS r ON r.id = c.prompt_id WHERE c.id = $1"""
    row = await connection.fetchrow(f"{query} FOR NO KEY UPDATE OF c" if is_locked else query, content_id)
    return OriginRow(**row) if row else None


async def find_site(connection: asyncpg.Connection, dir_id: int) -> Directory | None:
    row = await connection.fetchrow("SELECT * FROM gai_directory WHERE id = $1", dir_id)
    return Directory(**row) if row else None


async def find_default_site(connection: asyncpg.Connection) -> Directory | None:
    """The oldest, where contents go whose prompt names none."""
    row = await connection.fetchrow("SELECT * FROM gai_directory ORDER BY id LIMIT 1")
    return Directory(**row) if row else None


async def list_dir_ids(connection: asyncpg.Connection) -> list[int]:
    return [row["id"] for row in await connection.fetch("SELECT id FROM gai_directory ORDER BY id")]


async def find_page(
    connection: asyncpg.Connection, *, content_id: int, dir_id: int | None = None
) -> PageRow | None:
    """Where a content is published or was last; of one site only when `dir_id` is given."""
    query = f"""
SELECT {PAGE_COLUMNS} FROM gai_page WHERE content_id = $1 AND ($2::bigint IS NULL OR dir_id = $2)
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


async def find_publication(connection: asyncpg.Connection, content_id: int) -> PublicationRow | None:
    """The latest publication of a content: how it stands."""
    query = f"SELECT {PUBLICATION_COLUMNS} FROM gai_publish WHERE content_id = $1 ORDER BY id DESC LIMIT 1"
    row = await connection.fetchrow(query, content_id)
    return publication_row(row) if row else None


async def get_publication(connection: asyncpg.Connection, publication_id: int) -> PublicationRow | None:
    query = f"SELECT {PUBLICATION_COLUMNS} FROM gai_publish WHERE id = $1"
    row = await connection.fetchrow(query, publication_id)
    return publication_row(row) if row else None


async def tell_settled(connection: asyncpg.Connection, content_id: int) -> None:
    """NOTIFY whoever waits for this content's page, when the transaction commits."""
    await connection.execute("SELECT pg_notify('pygai_publication_done', $1)", str(content_id))
