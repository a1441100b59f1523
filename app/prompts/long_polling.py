"""Long-polling: clients that wait for a task share one watcher and hold no connection meanwhile."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from app.core.postgres.database import Database, is_unavailable
from app.core.postgres.notifications import Notifications
from app.prompts import queries
from app.prompts.queries import Filters

log = structlog.get_logger(__name__)

AWAY_SECONDS = 1.0
# The channel on which a trigger tells that a prompt became available.
PROMPT_AVAILABLE = "pygai_prompt_available"

Task = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task, and whether it was leased just now or is one that the token held already."""

    task: Task
    is_new: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """What a waiting client wants done, and how to undo it when the client has gone."""

    token: str
    filters: Filters
    claim: Callable[[], Awaitable[Claimed | None]]
    give_back: Callable[[Claimed], Awaitable[None]]


@dataclass(eq=False)
class Waiter:
    """One client, and its task when there is one."""

    errand: Errand
    claimed: asyncio.Future[Claimed] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class WaitingRoom:
    """Looks for tasks on behalf of those who wait: on a NOTIFY, when one comes due, when a lease lapses."""

    def __init__(self, database: Database, notifications: Notifications, *, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds
        self._waiters: dict[Waiter, None] = {}
        self._news = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        notifications.subscribe(PROMPT_AVAILABLE, lambda _payload: self._news.set())
        notifications.on_gap(self._news.set)

    async def wait(self, errand: Errand, *, seconds: float) -> Claimed | None:
        """The task that the errand brings, as soon as there is one, or None at the end of the wait.

        A client that goes away meanwhile, or whose time is up, is handed nothing.
        """
        waiter = Waiter(errand)
        self._waiters[waiter] = None
        # What became available between the caller's own try and this line was told to nobody.
        self._news.set()
        self._watch()
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(waiter.claimed)
        except TimeoutError:
            return waiter.claimed.result() if waiter.claimed.done() else None
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
        clock = asyncio.get_running_loop()
        while self._waiters:
            self._news.clear()
            try:
                # Looked up before serving: what comes due meanwhile is not slept through.
                look_again_at = clock.time() + await self._seconds_to_next_look()
                await self._serve()
            except Exception as raised:
                is_strange = not is_unavailable(raised)
                log.warning("cannot look for tasks while clients wait", reason=repr(raised), exc_info=is_strange)
                look_again_at = clock.time() + AWAY_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(look_again_at):
                    await self._news.wait()

    async def _serve(self) -> None:
        """First come, first served; filters that found nothing once are not asked again in this round."""
        fruitless: set[Filters] = set()
        served: set[str] = set()
        for waiter in list(self._waiters):
            errand = waiter.errand
            # A second request of a token that was just served gets the same task, whatever others found.
            if waiter not in self._waiters or (errand.filters in fruitless and errand.token not in served):
                continue
            if await self._offer(waiter):
                served.add(errand.token)
            else:
                fruitless.add(errand.filters)

    async def _offer(self, waiter: Waiter) -> bool:
        try:
            claimed = await waiter.errand.claim()
        except Exception as raised:
            if is_unavailable(raised):
                raise
            if self._leave(waiter):
                waiter.claimed.set_exception(raised)
            return True
        if claimed is None:
            return False
        if self._leave(waiter):
            waiter.claimed.set_result(claimed)
        else:
            # A task for nobody would be held for a whole lease.
            await waiter.errand.give_back(claimed)
        return True

    def _leave(self, waiter: Waiter) -> bool:
        """Whether the waiter was still there."""
        is_there = waiter in self._waiters
        self._waiters.pop(waiter, None)
        return is_there

    async def _seconds_to_next_look(self) -> float:
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
