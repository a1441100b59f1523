"""SQL of publications, and of what they are made from."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Content, Directory, Page, PageStatus, Prompt, Publication, Topic

CURRENT = (PageStatus.PENDING, PageStatus.LIVE)


async def lock_content(session: AsyncSession, content_id: int) -> bool:
    """Of several that begin to publish a content at once, each sees what the one before wrote."""
    query = select(col(Content.id)).where(col(Content.id) == content_id).with_for_update(key_share=True)
    return await session.scalar(query) is not None


async def find_origin(session: AsyncSession, content_id: int) -> tuple[Content, Prompt | None] | None:
    """A content with its prompt."""
    query = (
        select(Content, Prompt)
        .outerjoin(Prompt, col(Prompt.id) == col(Content.prompt_id))
        .where(col(Content.id) == content_id)
    )
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1])


async def find_default_directory(session: AsyncSession) -> Directory | None:
    """The oldest site: where contents go whose prompt names none."""
    return await session.scalar(select(Directory).order_by(col(Directory.id)).limit(1))


async def find_directory(session: AsyncSession, name: str) -> Directory | None:
    return await session.scalar(select(Directory).where(col(Directory.name) == name))


async def list_directories(session: AsyncSession) -> Sequence[Directory]:
    return (await session.scalars(select(Directory).order_by(col(Directory.id)))).all()


async def find_topic(session: AsyncSession, name: str) -> Topic | None:
    return await session.scalar(select(Topic).where(col(Topic.name) == name))


async def find_page(session: AsyncSession, *, content_id: int, dir_id: int | None = None) -> Page | None:
    """Where a content is published or was last; of one site only when `dir_id` is given."""
    query = select(Page).where(col(Page.content_id) == content_id)
    if dir_id is not None:
        query = query.where(col(Page.dir_id) == dir_id)
    is_current = col(Page.status).in_(CURRENT)
    return await session.scalar(query.order_by(is_current.desc(), col(Page.id).desc()).limit(1))


async def list_pages(session: AsyncSession, *, page_ids: Collection[int]) -> Sequence[Page]:
    query = select(Page).where(col(Page.id).in_(list(page_ids))).order_by(col(Page.id))
    return (await session.scalars(query)).all()


async def list_leading(session: AsyncSession, *, page_id: int) -> Sequence[int]:
    """The pages that moved and lead here, over however many stops."""
    first = select(col(Page.id)).where(col(Page.moved_to) == page_id).cte("leading", recursive=True)
    others = select(col(Page.id)).join(first, col(Page.moved_to) == first.c.id)
    return (await session.scalars(select(first.union(others).c.id))).all()


async def find_publication(session: AsyncSession, content_id: int) -> Publication | None:
    """The latest publication of a content: how it stands."""
    query = select(Publication).where(col(Publication.content_id) == content_id)
    return await session.scalar(query.order_by(col(Publication.id).desc()).limit(1))


async def tell_settled(session: AsyncSession, content_id: int) -> None:
    """NOTIFY whoever waits for this content's page, when the transaction commits."""
    await session.execute(select(func.pg_notify("pygai_publication_done", str(content_id))))
