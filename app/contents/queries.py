"""SQL of taking results. The hot statement runs on the driver's own connection."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Content, ContentFile


@dataclass(frozen=True, slots=True)
class NewContent:
    """A row of gaiContent to be; `prompt_id` names a prompt only if there is one of that number."""

    prompt_id: int | None
    external_id: str
    hist_prompt_id: str
    hist_id: str
    cron_id: str
    text: str
    submitted_by: int | None
    digest: bytes | None


STORE = """
WITH prompt AS (
    -- Locked first: results for one prompt are counted one after the other.
    SELECT p.id, i.next_at
    FROM gai_prompt p LEFT JOIN gai_interval i ON i.id = p.interval_id
    WHERE p.id = $1 FOR NO KEY UPDATE OF p
), stored AS (
    INSERT INTO gai_content (prompt_id, external_id, hist_prompt_id, hist_id, cron_id, text,
                             submitted_by, submission_digest)
    VALUES ((SELECT id FROM prompt), $2, $3, $4, $5, $6, $7, $8)
    -- The same submission again stores nothing, and so counts nothing below.
    ON CONFLICT (submission_digest) DO NOTHING
    RETURNING id
), returned AS (
    UPDATE gai_prompt p SET
        last_content_id = s.id,
        last_content_at = now(),
        count = greatest(p.count - 1, 0),
        -- Remembered apart from an operator's decision, for a reset brings only these back.
        is_exhausted = p.is_exhausted OR (p.is_enabled AND p.count <= 1),
        is_enabled = p.is_enabled AND p.count > 1,
        -- Null when the interval's instant has passed: then it is computed after this statement.
        available_at = CASE WHEN q.next_at > now() THEN q.next_at END,
        leased_to = NULL, leased_at = NULL, leased_until = NULL
    FROM stored s, prompt q
    WHERE p.id = q.id
    RETURNING p.interval_id IS NOT NULL AND p.available_at IS NULL AS is_unscheduled
)
SELECT s.id, coalesce(r.is_unscheduled, false) AS is_unscheduled
FROM stored s LEFT JOIN returned r ON true
"""


async def store(connection: asyncpg.Connection, new: NewContent) -> asyncpg.Record | None:
    """T2: keep a content and count it against its prompt; None when this very submission is kept already."""
    return await connection.fetchrow(
        STORE,
        new.prompt_id,
        new.external_id,
        new.hist_prompt_id,
        new.hist_id,
        new.cron_id,
        new.text,
        new.submitted_by,
        new.digest,
    )


async def get_id_by_digest(connection: asyncpg.Connection, digest: bytes | None) -> int:
    content_id: int = await connection.fetchval("SELECT id FROM gai_content WHERE submission_digest = $1", digest)
    return content_id


async def add_files(
    connection: asyncpg.Connection, *, content_id: int, files: Sequence[tuple[str, bytes | None]]
) -> list[int]:
    """A row per file, pending; a `data:` URL comes with its bytes."""
    rows = await connection.fetch(
        """INSERT INTO gai_content_file (content_id, position, source, payload)
           SELECT $1, place - 1, source, payload
           FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS given (source, payload, place)
           RETURNING id""",
        content_id,
        [source for source, _ in files],
        [payload for _, payload in files],
    )
    return [row["id"] for row in rows]


async def lock(connection: asyncpg.Connection, *, content_id: int) -> int | None:
    """Who submitted it. Of several that do the same at once, the later ones see what the first one wrote."""
    submitted_by: int | None = await connection.fetchval(
        "SELECT submitted_by FROM gai_content WHERE id = $1 FOR NO KEY UPDATE", content_id
    )
    return submitted_by


async def add_attempt(
    connection: asyncpg.Connection,
    *,
    prompt_id: int | None,
    hist_prompt_id: str,
    hist_id: str,
    cron_id: str,
    status: str,
    reason: str,
    submitted_by: int | None,
) -> None:
    await connection.execute(
        """INSERT INTO gai_prompt_attempt
               (prompt_id, hist_prompt_id, hist_id, cron_id, status, reason, submitted_by)
           VALUES ((SELECT id FROM gai_prompt WHERE id = $1), $2, $3, $4, $5, $6, $7)""",
        prompt_id,
        hist_prompt_id,
        hist_id,
        cron_id,
        status,
        reason,
        submitted_by,
    )


async def find_content(session: AsyncSession, content_id: int) -> Content | None:
    return await session.get(Content, content_id)


async def list_files(session: AsyncSession, *, content_id: int) -> Sequence[ContentFile]:
    query = (
        select(ContentFile)
        .where(col(ContentFile.content_id) == content_id)
        .order_by(col(ContentFile.position), col(ContentFile.id))
    )
    return (await session.scalars(query)).all()


async def lock_content(session: AsyncSession, content_id: int) -> int | None:
    """Who submitted it. Its files settle one after the other, so that the last one knows that it is the last."""
    query = select(col(Content.submitted_by)).where(col(Content.id) == content_id)
    return await session.scalar(query.with_for_update(key_share=True))
