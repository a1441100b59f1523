"""SQL of publications."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Content,
    ContentFile,
    Directory,
    FileStatus,
    Media,
    Prompt,
    Publication,
    PublicationStatus,
    Topic,
)


async def find_origin(
    session: AsyncSession, content_id: int
) -> tuple[Content, Prompt | None, Topic | None, Directory | None] | None:
    """A content with its prompt, topic and site."""
    query = (
        select(Content, Prompt, Topic, Directory)
        .outerjoin(Prompt, col(Prompt.id) == col(Content.prompt_id))
        .outerjoin(Topic, col(Topic.id) == col(Prompt.topic_id))
        .outerjoin(Directory, col(Directory.id) == col(Prompt.dir_id))
        .where(col(Content.id) == content_id)
    )
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1], row[2], row[3])


async def find_default_directory(session: AsyncSession) -> Directory | None:
    """The oldest site: where contents go whose prompt names none."""
    return await session.scalar(select(Directory).order_by(col(Directory.id)).limit(1))


async def find_directory(session: AsyncSession, name: str) -> Directory | None:
    return await session.scalar(select(Directory).where(col(Directory.name) == name))


async def list_stored_files(session: AsyncSession, content_id: int) -> Sequence[tuple[ContentFile, Media]]:
    query = (
        select(ContentFile, Media)
        .join(Media, col(Media.hash) == col(ContentFile.media_hash))
        .where(col(ContentFile.content_id) == content_id, col(ContentFile.status) == FileStatus.STORED)
        .order_by(col(ContentFile.position), col(ContentFile.id))
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def find_publication(session: AsyncSession, content_id: int) -> Publication | None:
    """The latest publication of a content."""
    query = select(Publication).where(col(Publication.content_id) == content_id)
    return await session.scalar(query.order_by(col(Publication.id).desc()).limit(1))


async def list_filenames(session: AsyncSession, *, dir_id: int, folder: str) -> set[str]:
    """The addresses that were given out below a folder of a site, whatever became of their pages."""
    below = col(Publication.filename).startswith(folder, autoescape=True)
    query = select(col(Publication.filename)).where(col(Publication.dir_id) == dir_id, below)
    return {name for name in await session.scalars(query) if name}


def _is_listed(dir_id: int, including: int) -> ColumnElement[bool]:
    is_live = or_(col(Publication.status) == PublicationStatus.PUBLISHED, col(Publication.id) == including)
    return (col(Publication.dir_id) == dir_id) & is_live


async def list_latest(
    session: AsyncSession, *, dir_id: int, including: int, limit: int
) -> Sequence[tuple[Publication, Content, str | None]]:
    """The newest articles of a site, with one that is about to be published."""
    query: Any = (
        select(Publication, Content, col(Topic.name))
        .join(Content, col(Content.id) == col(Publication.content_id))
        .outerjoin(Topic, col(Topic.id) == col(Publication.topic_id))
        .where(_is_listed(dir_id, including))
        .order_by(col(Publication.created_at).desc(), col(Publication.id).desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def tell_settled(session: AsyncSession, content_id: int) -> None:
    """NOTIFY whoever waits for this content's page, when the transaction commits."""
    await session.execute(select(func.pg_notify("pygai_publication_done", str(content_id))))
