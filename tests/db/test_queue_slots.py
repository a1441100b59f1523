"""Who gets the slots of a process when there is more work than it can do at a time."""

import asyncio
from dataclasses import replace

import pytest

from app.contents import jobs
from app.jobs import queue
from app.jobs.kinds import Slots
from app.jobs.runner import JobRunner
from tests.conftest import eventually

FILES = Slots(total=12, per_owner=4, per_host=6)
PAGES = Slots(total=12, per_owner=12, per_host=12)
FETCH_FILE = replace(jobs.FETCH_FILE, slots=FILES)
PUBLISH_CONTENT = replace(jobs.PUBLISH_CONTENT, slots=PAGES)


class Work:
    """Handlers that go on until they are let go, and a note of which jobs have begun."""

    def __init__(self, runner):
        self.begun = []
        self._ends = asyncio.Semaphore(0)
        for kind in (PUBLISH_CONTENT, FETCH_FILE):
            runner.handle(kind, self.handler(kind))

    def handler(self, name):
        async def work(payload):
            self.begun.append((name, payload.get("owner"), payload.get("host")))
            await self._ends.acquire()

        return work

    def end(self, number):
        for _ in range(number):
            self._ends.release()

    def of(self, name, **share):
        """How many jobs of a kind have begun, of an owner or a host where one is given."""
        begun = [{"owner": owner, "host": host} for kind, owner, host in self.begun if kind == name]
        return sum(share.items() <= each.items() for each in begun)


@pytest.fixture
async def work(database):
    runner = JobRunner(database)
    work = Work(runner)
    work.start = runner.start
    yield work
    work.end(1000)
    await runner.stop()


async def add(database, name, number, **share):
    async with database.transaction() as connection:
        await queue.enqueue(connection, name, *([share] * number))


async def begun(work, name, number, **share):
    async def are_there():
        return work.of(name, **share) >= number

    await eventually(are_there)


async def test_a_kind_of_work_takes_no_slot_of_another(database, work):
    for owner in range(4):
        await add(database, FETCH_FILE, 20, owner=owner)
    work.start()
    await begun(work, FETCH_FILE, FILES.total)

    await add(database, PUBLISH_CONTENT, PAGES.total)
    await begun(work, PUBLISH_CONTENT, PAGES.total)

    assert work.of(FETCH_FILE) == FILES.total


async def test_one_client_leaves_slots_to_the_others(database, work):
    await add(database, FETCH_FILE, 50, owner=1)
    await add(database, FETCH_FILE, 3, owner=2)
    work.start()

    await begun(work, FETCH_FILE, 3, owner=2)
    await begun(work, FETCH_FILE, FILES.per_owner, owner=1)

    assert work.of(FETCH_FILE, owner=1) == FILES.per_owner


async def test_one_host_leaves_slots_to_the_others(database, work):
    for owner in range(5):
        await add(database, FETCH_FILE, 10, owner=owner, host="slow.example")
    await add(database, FETCH_FILE, 3, owner=9, host="quick.example")
    work.start()

    await begun(work, FETCH_FILE, 3, host="quick.example")
    await begun(work, FETCH_FILE, FILES.per_host, host="slow.example")

    assert work.of(FETCH_FILE, host="slow.example") == FILES.per_host


async def test_a_slot_that_becomes_free_goes_to_who_has_the_fewest(database, work):
    for owner in (1, 2, 3):
        await add(database, FETCH_FILE, 40, owner=owner)
    work.start()
    await begun(work, FETCH_FILE, FILES.total)
    await add(database, FETCH_FILE, 1, owner=4)
    before = len(work.begun)

    work.end(1)
    await begun(work, FETCH_FILE, 1, owner=4)

    assert [owner for _, owner, _ in work.begun[before:]] == [4]


async def test_publishing_comes_before_files(database, work):
    await add(database, FETCH_FILE, 3, owner=1)
    await add(database, PUBLISH_CONTENT, 3, owner=1)
    work.end(6)

    work.start()
    await begun(work, FETCH_FILE, 3)

    assert [name for name, *_ in work.begun] == [PUBLISH_CONTENT] * 3 + [FETCH_FILE] * 3
