"""SQL of the pictures from elsewhere that texts show."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import ContentPicture


async def list_settled_digests(session: AsyncSession, content_id: int, *, pause: timedelta) -> set[bytes]:
    """The addresses that are not to be tried now: those that were had, and those tried within the pause."""
    is_settled = or_(
        col(ContentPicture.media_hash).is_not(None), col(ContentPicture.tried_at) > func.now() - pause
    )
    query = select(col(ContentPicture.source_digest)).where(
        col(ContentPicture.content_id) == content_id, is_settled
    )
    return set(await session.scalars(query))


async def record_pictures(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Enter what became of addresses, each once; one that another process has had meanwhile stays as it is."""
    # In one order everywhere, or two transactions could wait for each other.
    statement = insert(ContentPicture).values(sorted(rows, key=lambda row: row["source_digest"]))
    changes: dict[str, Any] = {name: statement.excluded[name] for name in ("name", "media_hash", "reason")}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["content_id", "source_digest"],
            set_=changes | {"tried_at": func.now()},
            where=col(ContentPicture.media_hash).is_(None),
        )
    )
