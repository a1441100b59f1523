"""What becomes of jobs when the process that works on them is told to stop."""

import asyncio

import pytest

from app.contents.jobs import REFRESH_PAGE
from app.jobs import queue
from app.jobs.kinds import TryAgain
from app.jobs.runner import JobRunner
from tests.conftest import eventually


async def a_job(database):
    async with database.transaction() as connection:
        await queue.enqueue(connection, REFRESH_PAGE, {})


async def jobs(database):
    async with database.driver() as connection:
        return [row["status"] for row in await connection.fetch("SELECT status FROM pgqueuer")]


async def stopped_in(database, handler, *, stop_seconds):
    """Have the job begun and its runner stopped."""
    begun = asyncio.Event()

    async def work(payload):
        begun.set()
        await handler(payload)

    runner = JobRunner(database, stop_seconds=stop_seconds)
    runner.handle(REFRESH_PAGE, work)
    runner.start()
    await begun.wait()
    await asyncio.wait_for(runner.stop(), 10)


async def for_ever(_payload):
    await asyncio.Event().wait()


async def for_a_moment(_payload):
    await asyncio.sleep(0.2)


async def not_yet(_payload):
    raise TryAgain(after_seconds=60, reason="not yet")


@pytest.mark.parametrize(("handler", "left"), [(for_ever, ["queued"]), (for_a_moment, []), (not_yet, ["queued"])])
async def test_a_job_is_done_or_there_still_after_a_stop(database, handler, left):
    await a_job(database)

    await stopped_in(database, handler, stop_seconds=1)

    assert await jobs(database) == left


async def test_a_job_that_was_cut_off_is_done_by_the_next_runner(database):
    await a_job(database)
    await stopped_in(database, for_ever, stop_seconds=0)

    runner = JobRunner(database)
    runner.handle(REFRESH_PAGE, for_a_moment)
    runner.start()
    await eventually(lambda: _nothing_is_left(database))
    await runner.stop()


async def _nothing_is_left(database):
    return not await jobs(database)
