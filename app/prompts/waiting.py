"""Long-polling: clients that wait for a task share one watcher and hold no connection meanwhile."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from app.core.db import Database, is_unavailable
from app.core.notifications import Channel, Notifications
from app.prompts import queries
from app.prompts.queries import Filters

log = structlog.get_logger(__name__)

Task = dict[str, Any]
Claim = Callable[[], Awaitable[Task | None]]


@dataclass(eq=False)
class Waiter:
    """One client's wish, and the task when there is one."""

    filters: Filters
    claim: Claim
    task: asyncio.Future[Task] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class WaitingRoom:
    """Looks for tasks on behalf of those who wait: on a NOTIFY, when one comes due, when a lease lapses."""

    def __init__(self, database: Database, notifications: Notifications, *, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._waiters: dict[Waiter, None] = {}
        self._news = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        notifications.subscribe(Channel.PROMPT_AVAILABLE, lambda _payload: self._news.set())
        notifications.on_gap(self._news.set)

    async def wait(self, filters: Filters, claim: Claim, *, seconds: float) -> Task | None:
        """The task that `claim` finds, as soon as there is one, or None at the end of the wait.

        A client that goes away meanwhile is handed nothing: its claim is cancelled before it is made.
        """
        waiter = Waiter(filters, claim)
        self._waiters[waiter] = None
        # What became available between the caller's own try and this line was told to nobody.
        self._news.set()
        self._watch()
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(waiter.task)
        except TimeoutError:
            return waiter.task.result() if waiter.task.done() else None
        finally:
            self._waiters.pop(waiter, None)

    def _watch(self) -> None:
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._run(), name="waiting room")

    async def close(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)

    async def _run(self) -> None:
        while self._waiters:
            self._news.clear()
            try:
                await self._serve()
                pause = await self._pause()
            except Exception as raised:
                if not is_unavailable(raised):
                    raise
                log.warning("database away while clients wait", reason=str(raised))
                pause = 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), pause)

    async def _serve(self) -> None:
        """First come, first served; filters that found nothing once are not asked again in this round."""
        fruitless: set[Filters] = set()
        for waiter in list(self._waiters):
            if waiter.filters in fruitless or waiter not in self._waiters:
                continue
            if not await self._offer(waiter):
                fruitless.add(waiter.filters)

    async def _offer(self, waiter: Waiter) -> bool:
        try:
            task = await waiter.claim()
        except Exception as raised:
            if is_unavailable(raised):
                raise
            self._waiters.pop(waiter, None)
            waiter.task.set_exception(raised)
            return True
        if task is None:
            return False
        self._waiters.pop(waiter, None)
        waiter.task.set_result(task)
        return True

    async def _pause(self) -> float:
        """Until a prompt comes due or a lease lapses.

        Leases and schedules made after this look cannot come sooner than a whole lease or the next minute,
        for Cron expressions come due at whole minutes.
        """
        async with self._database.driver() as connection:
            next_moment = await queries.seconds_to_next_moment(connection)
        now = datetime.now(UTC)
        next_minute = 60 - now.second - now.microsecond / 1_000_000
        latest = min(next_minute, self._lease_seconds)
        return latest if next_moment is None else min(next_moment, latest)
