"""SQL of websites: their rows, and the lock under which they are given places."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.postgres.advisory_locks import AdvisoryLock
from app.models import Page


async def lock_places(session: AsyncSession) -> None:
    """Places are given to one site at a time, until the transaction ends: two would not see each other's."""
    await session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.SITE_PLACES.value)))


async def has_pages(session: AsyncSession, *, dir_id: int) -> bool:
    """Whether a site has ever given an address to an article."""
    query = select(col(Page.id)).where(col(Page.dir_id) == dir_id).limit(1)
    return await session.scalar(query) is not None
