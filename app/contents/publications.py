"""SQL of publications: the history of each content, whose latest row says how it stands.

Nothing else writes or finds them: T2 asks for them here, and `app.publishing` carries them out.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Directory, Publication, PublicationStatus


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """One publication of a content, and how it stands."""

    id: int
    content_id: int
    page_id: int | None
    status: PublicationStatus
    due_at: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record, *, prefix: str = "") -> "PublicationRow":
        values = {name: row[prefix + name] for name in FIELDS}
        return cls(**{**values, "status": PublicationStatus(values["status"])})


# The channel on which it is told that a content's publication is settled.
PUBLICATION_DONE = "pygai_publication_done"
FIELDS = tuple(column.name for column in fields(PublicationRow))
_COLUMNS = ", ".join(FIELDS)


async def ensure_publication(connection: asyncpg.Connection, *, content_id: int) -> bool:
    """A pending publication, unless one is under way, done, planned or was withdrawn; whether it was added."""
    added = await connection.fetchval(
        """INSERT INTO gai_publish (content_id)
           SELECT $1 WHERE NOT EXISTS (
               SELECT FROM gai_publish
               WHERE content_id = $1 AND status <> 'failed')
           RETURNING id""",
        content_id,
    )
    return added is not None


async def add_publication(connection: asyncpg.Connection, content_id: int, **columns: Any) -> PublicationRow:
    """A new row of a content's history, pending unless said otherwise."""
    names = ", ".join(["content_id", *columns])
    values = ", ".join(f"${place}" for place in range(1, len(columns) + 2))
    query = f"INSERT INTO gai_publish ({names}) VALUES ({values}) RETURNING {_COLUMNS}"
    return PublicationRow.of(await connection.fetchrow(query, content_id, *columns.values()))


async def change_publication(connection: asyncpg.Connection, publication_id: int, **columns: Any) -> None:
    await connection.execute(_update(columns), publication_id, *columns.values())


async def settle_publication(connection: asyncpg.Connection, publication_id: int, **columns: Any) -> None:
    """Change it, and NOTIFY whoever waits for the content's page when the transaction commits."""
    query = f"""
WITH settled AS ({_update(columns)} RETURNING content_id)
SELECT pg_notify('{PUBLICATION_DONE}', content_id::text) FROM settled"""
    await connection.execute(query, publication_id, *columns.values())


async def tell_settled(connection: asyncpg.Connection, content_id: int) -> None:
    """NOTIFY them of a publication that was settled before."""
    await connection.execute("SELECT pg_notify($1, $2)", PUBLICATION_DONE, str(content_id))


async def withdraw_publications(session: AsyncSession, *, dir_id: int) -> None:
    """The contents that are live on a site are so no more, once it is removed."""
    query = """
UPDATE gai_publish AS latest SET status = 'withdrawn', page_id = NULL, dir_id = NULL, modified_at = now()
FROM gai_page AS p
WHERE p.dir_id = :dir_id AND p.status = 'live' AND latest.page_id = p.id AND latest.status = 'published'
  AND NOT EXISTS (SELECT FROM gai_publish AS later
                  WHERE later.content_id = latest.content_id AND later.id > latest.id)"""
    await session.execute(text(query), {"dir_id": dir_id})


async def find_publication(connection: asyncpg.Connection, content_id: int) -> PublicationRow | None:
    """The latest publication of a content: how it stands."""
    query = f"SELECT {_COLUMNS} FROM gai_publish WHERE content_id = $1 ORDER BY id DESC LIMIT 1"
    row = await connection.fetchrow(query, content_id)
    return PublicationRow.of(row) if row else None


async def get_publication(connection: asyncpg.Connection, publication_id: int) -> PublicationRow | None:
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM gai_publish WHERE id = $1", publication_id)
    return PublicationRow.of(row) if row else None


async def is_publication_pending(connection: asyncpg.Connection, *, content_id: int) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM gai_publish WHERE content_id = $1 AND status = 'pending')", content_id
        )
    )


async def find_publication_and_site(
    session: AsyncSession, *, content_id: int
) -> tuple[Publication, Directory | None] | None:
    """The latest publication and its site."""
    query = (
        select(Publication, Directory)
        .outerjoin(Directory, col(Directory.id) == col(Publication.dir_id))
        .where(col(Publication.content_id) == content_id)
        .order_by(col(Publication.id).desc())
        .limit(1)
    )
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1])


def _update(columns: dict[str, Any]) -> str:
    assigned = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
    return f"UPDATE gai_publish SET {assigned}, modified_at = now() WHERE id = $1"
