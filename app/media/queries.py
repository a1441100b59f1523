from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.media.library import StoredFile
from app.models import Media


async def record(session: AsyncSession, stored: StoredFile) -> None:
    """Enter a stored file; one that is known already stays as it is."""
    await session.execute(insert(Media).values(asdict(stored)).on_conflict_do_nothing())


async def find_media(session: AsyncSession, hash_: str) -> StoredFile | None:
    media = await session.get(Media, hash_)
    if media is None:
        return None
    return StoredFile(media.hash, media.size, media.media_type, media.width, media.height)


async def list_hashes(session: AsyncSession) -> Sequence[str]:
    """The hash of every file there is, in order."""
    return (await session.scalars(select(col(Media.hash)).order_by(col(Media.hash)))).all()
