"""SQL of looking through contents, for operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Content, ContentFile, Publication, PublicationStatus

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
    query = select(col(Content.id)).where(_has_publication()).order_by(col(Content.id))
    if not done_too:
        query = query.where(~_has_publication(col(Publication.status).in_(DONE)))
    return (await session.scalars(query)).all()


async def list_unpublished(session: AsyncSession) -> Sequence[int]:
    """The numbers of contents that have no page, asked for or not, oldest first."""
    has_page = _has_publication(col(Publication.status).in_(DONE))
    return (await session.scalars(select(col(Content.id)).where(~has_page).order_by(col(Content.id)))).all()


def _has_publication(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(Publication.content_id) == col(Content.id), *conditions)


async def find_neighbour(session: AsyncSession, *, dir_id: int, content_id: int) -> int | None:
    """The newest other content that has a page on a site."""
    query = (
        select(col(Publication.content_id))
        .where(
            col(Publication.dir_id) == dir_id,
            col(Publication.status) == PublicationStatus.PUBLISHED,
            col(Publication.content_id) != content_id,
        )
        .order_by(col(Publication.id).desc())
        .limit(1)
    )
    return await session.scalar(query)
