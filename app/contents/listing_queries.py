"""SQL of looking through contents, for operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Content, ContentFile, Publication, PublicationStatus

ASKED_FOR = (PublicationStatus.PENDING, PublicationStatus.FAILED)
DONE = (PublicationStatus.PUBLISHED, PublicationStatus.REPLACED)


@dataclass(frozen=True, slots=True)
class ContentLine:
    """A content with how many files it has and how its latest publication stands."""

    content: Content
    files: int
    publication: PublicationStatus | None


async def list_contents(
    session: AsyncSession, *, prompt_id: int | None, before_id: int | None, limit: int
) -> Sequence[ContentLine]:
    """The newest first."""
    files = select(func.count()).where(col(ContentFile.content_id) == col(Content.id)).scalar_subquery()
    query: Any = select(Content, files, _latest_status()).order_by(col(Content.id).desc()).limit(limit)
    if prompt_id is not None:
        query = query.where(col(Content.prompt_id) == prompt_id)
    if before_id is not None:
        query = query.where(col(Content.id) < before_id)
    return [ContentLine(*row) for row in await session.execute(query)]


def _latest_status() -> Any:
    return (
        select(col(Publication.status))
        .where(col(Publication.content_id) == col(Content.id))
        .order_by(col(Publication.id).desc())
        .limit(1)
        .scalar_subquery()
    )


async def list_asked_for(session: AsyncSession, *, done_too: bool) -> Sequence[int]:
    """The numbers of contents that a page was asked for, oldest first; without those whose page is there."""
    wanted = ASKED_FOR + DONE if done_too else ASKED_FOR
    query = select(col(Content.id)).where(_latest_status().in_(wanted)).order_by(col(Content.id))
    return (await session.scalars(query)).all()


async def list_unpublished(session: AsyncSession) -> Sequence[int]:
    """The numbers of contents that never had a page, asked for or not, oldest first."""
    latest = _latest_status()
    query = select(col(Content.id)).where(latest.is_(None) | latest.in_(ASKED_FOR)).order_by(col(Content.id))
    return (await session.scalars(query)).all()
