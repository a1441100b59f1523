"""Sites that follow their settings by themselves: the job that makes one anew, beside all else and gently."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from app.jobs.kinds import Payload
from app.models import Directory
from app.publishing.build.rebuild import Rebuilding, Survey
from app.publishing.build.workshop import Workshop
from app.sites import rebuilds

log = structlog.get_logger(__name__)

# In a process, one at a time; a few wait beside it, and the rest in the queue, where they hold up nothing else.
MOST_WAITING = 4
PUT_OFF_SECONDS = 5.0


class Renewing:
    """Makes sites anew when somebody has asked for it. One per process."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._database = workshop.database
        self._one = asyncio.Lock()
        self._running: int | None = None
        self._waiting: set[int] = set()

    async def work(self, payload: Payload) -> None:
        """The job: write every file of a site anew. Safe to run twice; one that was cut off goes on."""
        dir_id = int(payload["dir_id"])
        if dir_id in self._waiting:
            # The one that waits has not looked at the site yet, and will do for both.
            return
        if dir_id == self._running or len(self._waiting) >= MOST_WAITING:
            await self._put_off(dir_id)
            return
        async with self._turn(dir_id):
            await self._renew(dir_id)

    @asynccontextmanager
    async def _turn(self, dir_id: int) -> AsyncIterator[None]:
        self._waiting.add(dir_id)
        try:
            await self._one.acquire()
        finally:
            self._waiting.remove(dir_id)
        self._running = dir_id
        try:
            yield
        finally:
            self._running = None
            self._one.release()

    async def _renew(self, dir_id: int) -> None:
        directory = await self._find(dir_id)
        if directory is None:
            return
        try:
            survey = await self._rebuilt(directory)
        except Exception:
            if await self._find(dir_id) is None:
                # Somebody has removed the site meanwhile.
                return
            raise
        if survey is None:
            await self._put_off(dir_id)
            return
        log.info("made anew", site=directory.name, files=survey.files)

    async def _rebuilt(self, directory: Directory) -> Survey | None:
        rebuilding = Rebuilding(self._workshop, directory, is_gentle=True)
        return await rebuilding.rebuild_unless_busy(_untold)

    async def _find(self, dir_id: int) -> Directory | None:
        async with self._database.session() as session:
            return await session.get(Directory, dir_id)

    async def _put_off(self, dir_id: int) -> None:
        async with self._database.session() as session:
            await rebuilds.postpone(session, dir_id, seconds=PUT_OFF_SECONDS)


def _untold(_done: int, _of: int) -> None:
    """Nobody watches."""
