"""SQL of files that come later than their rows."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import ContentFile, FileStatus, PromptFile


async def list_failed_files(session: AsyncSession, content_ids: Sequence[int]) -> Sequence[ContentFile]:
    query = select(ContentFile).where(
        col(ContentFile.content_id).in_(content_ids), col(ContentFile.status) == FileStatus.FAILED
    )
    return (await session.scalars(query)).all()


async def list_attached(session: AsyncSession, prompt_ids: Sequence[int]) -> set[tuple[int, str | None]]:
    """The stored files of prompts: each prompt's id with a hash."""
    query = select(col(PromptFile.prompt_id), col(PromptFile.media_hash))
    rows = await session.execute(query.where(col(PromptFile.prompt_id).in_(prompt_ids)))
    return {(row[0], row[1]) for row in rows}
