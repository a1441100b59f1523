"""SQL of asking for sites to be made anew."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.ext.asyncio import AsyncSession

from app.sites.jobs import REBUILD_SITE


async def lock_sites(session: AsyncSession, *, dir_ids: Collection[int]) -> Sequence[int]:
    """Those of the sites that there are; who else asks for one of them waits until this transaction ends."""
    # In one order everywhere, or two could wait for each other.
    query = "SELECT id FROM gai_directory WHERE id = ANY(:dir_ids) ORDER BY id FOR NO KEY UPDATE"
    return (await session.scalars(text(query), {"dir_ids": list(dir_ids)})).all()


async def forget_progress(session: AsyncSession, *, dir_ids: Collection[int]) -> None:
    """A rebuild of these sites, also one that is under way and interrupted, begins at their first page."""
    query = "UPDATE gai_directory SET rebuilt_as = NULL, rebuilt_parts = 0 WHERE id = ANY(:dir_ids)"
    await session.execute(text(query), {"dir_ids": list(dir_ids)})


async def hasten_waiting(session: AsyncSession, *, payloads: Collection[bytes]) -> set[bytes]:
    """The payloads for which a job waits that nobody has begun, nor begins before this transaction has ended."""
    # Workers pass over rows that somebody has locked; one that failed and was to be tried later is as good as new.
    query = text("""
UPDATE pgqueuer SET execute_after = least(execute_after, now()), attempts = 0
WHERE entrypoint = :name AND status = 'queued' AND payload = ANY(:payloads) RETURNING payload""")
    query = query.bindparams(bindparam("payloads", type_=ARRAY(BYTEA)))
    found = await session.scalars(query, {"name": REBUILD_SITE.name, "payloads": list(payloads)})
    return set(found.all())


async def list_sites_of_topic(session: AsyncSession, *, topic_id: int) -> Sequence[int]:
    """The sites that have a list of a topic."""
    query = "SELECT dir_id FROM gai_page_list WHERE kind = 'topic' AND key = :key ORDER BY dir_id"
    return (await session.scalars(text(query), {"key": str(topic_id)})).all()
