from sqlalchemy.ext.asyncio import AsyncSession

from app.media import queries
from app.media.errors import no_file
from app.media.library import MediaLibrary, StoredFile, is_hash


async def get_file(session: AsyncSession, *, library: MediaLibrary, hash_: str) -> StoredFile:
    """What is known of a file; from memory when it was asked for before, so pictures cost no query."""
    stored = library.recall(hash_)
    if stored is None and is_hash(hash_):
        stored = await queries.find_media(session, hash_)
    if stored is None:
        raise no_file()
    library.remember(stored)
    return stored
