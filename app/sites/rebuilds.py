"""Asking for sites to be made anew, in the transaction that changes what their pages are made from."""

import json
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.queue import enqueue_in_session
from app.sites import rebuild_queries as queries
from app.sites.jobs import REBUILD_SITE


async def request(session: AsyncSession, dir_ids: Collection[int]) -> None:
    """Have sites made anew by the next free worker.

    One job that waits for a site is enough for all changes before it begins; a change after that asks again.
    """
    await session.flush()
    await _enqueue(session, dir_ids)
    await queries.forget_progress(session, dir_ids=dir_ids)


async def request_for_topic(session: AsyncSession, topic_id: int) -> None:
    """The same for every site that lists a topic."""
    await request(session, await queries.list_sites_of_topic(session, topic_id=topic_id))


async def postpone(session: AsyncSession, dir_id: int, *, seconds: float) -> None:
    """Later, because it cannot be done now; what has been done already need not be done again."""
    await _enqueue(session, [dir_id], after_seconds=seconds)


async def _enqueue(session: AsyncSession, dir_ids: Collection[int], *, after_seconds: float | None = None) -> None:
    present = await queries.lock_sites(session, dir_ids=dir_ids)
    payloads = {json.dumps({"dir_id": dir_id}).encode(): dir_id for dir_id in present}
    waiting = await queries.hasten_waiting(session, payloads=payloads.keys())
    wanted = [{"dir_id": dir_id} for payload, dir_id in payloads.items() if payload not in waiting]
    await enqueue_in_session(session, REBUILD_SITE, *wanted, after_seconds=after_seconds)
