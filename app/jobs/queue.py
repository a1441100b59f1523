"""Work after the answer: PgQueuer's durable queue in our own database.

A job is enqueued on the connection whose transaction writes the rows it is about, so both are there or neither.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Job, Schedule
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.postgres.database import UNAVAILABLE, Database
from app.jobs.queries import FairQueries, Slots

log = structlog.get_logger(__name__)

Payload = dict[str, Any]
# A handler gets its job's payload with `attempt`, counted from 0.
Handler = Callable[[Payload], Awaitable[None]]
Tick = Callable[[], Awaitable[None]]

# A job whose worker was killed is picked up again after this long without a heartbeat.
HEARTBEAT_TIMEOUT = timedelta(seconds=10)
# New jobs are told by NOTIFY at once; those to be tried again are not, and are looked for this often.
POLL = timedelta(seconds=2)
RESTART_SECONDS = 0.5
# How long a job may go on when its process is to stop.
STOP_SECONDS = 5
CUT_OFF_SECONDS = 1
BATCH = 10
# A handler that fails this many times is put aside; `pygai jobs` shows it.
LAST_ATTEMPT = 5


class JobName(StrEnum):
    """Every kind of job; the names are in the database and stay as they are."""

    FETCH_FILE = "fetch_file"
    PUBLISH_CONTENT = "publish_content"
    MEND_PAGE = "mend_page"
    REBUILD_SITE = "rebuild_site"


# Slots of one process, most pressing kind first. The rest waits in the queue, not in memory. No kind ever takes a
# slot of another, and no client and no host takes all of a kind.
SLOTS: dict[str, Slots] = {
    JobName.PUBLISH_CONTENT: Slots(total=20, per_owner=10, per_host=20),
    JobName.FETCH_FILE: Slots(total=24, per_owner=8, per_host=16),
    JobName.MEND_PAGE: Slots(total=8, per_owner=8, per_host=8),
    JobName.REBUILD_SITE: Slots(total=6, per_owner=6, per_host=6),
}


class TryAgain(Exception):
    """Raised by a handler to be called again after a while, however often."""

    def __init__(self, *, after_seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds
        self.reason = reason


async def enqueue(
    connection: asyncpg.Connection, name: JobName, *payloads: Payload, after_seconds: float | None = None
) -> None:
    """Add a job per payload within the connection's transaction.

    A payload's `owner` is the user it is done for, its `host` where it leads to: each has its share of the slots.
    """
    if not payloads:
        return
    delay = None if after_seconds is None else timedelta(seconds=after_seconds)
    await Queries(AsyncpgDriver(connection)).enqueue(
        [name.value] * len(payloads),
        [json.dumps(payload).encode() for payload in payloads],
        [0] * len(payloads),
        [delay] * len(payloads),
        headers=[_shares(payload) for payload in payloads],
    )


def _shares(payload: Payload) -> dict[str, str]:
    return {name: str(payload[name]) for name in ("owner", "host") if payload.get(name) is not None}


async def enqueue_in_session(
    session: AsyncSession, name: JobName, *payloads: Payload, after_seconds: float | None = None
) -> None:
    """The same within a session's transaction."""
    await session.flush()
    connection = await session.connection()
    # SQLAlchemy begins at the first statement; the driver must be inside before the job is written.
    await connection.execute(text("SELECT 1"))
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if driver is None:
        raise RuntimeError("the session has no driver connection")
    await enqueue(driver, name, *payloads, after_seconds=after_seconds)


class JobRunner:
    """Runs jobs until stopped, through restarts of the database too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handlers: dict[JobName, Handler] = {}
        self._ticks: dict[str, Tick] = {}
        self._task: asyncio.Task[None] | None = None
        self._queuer: PgQueuer | None = None

    def handle(self, name: JobName, handler: Handler) -> None:
        self._handlers[name] = handler

    def every_minute(self, name: str, tick: Tick) -> None:
        """Run `tick` once a minute, in one of all processes."""
        self._ticks[name] = tick

    @property
    def is_running(self) -> bool:
        return self._queuer is not None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="jobs")

    async def stop(self) -> None:
        """Let running jobs finish for a moment, then cut them off; those are queued again."""
        if self._task is None:
            return
        if self._queuer is not None:
            self._queuer.shutdown.set()
            await asyncio.wait({self._task}, timeout=STOP_SECONDS)
        while not self._task.done():
            # One that comes while PgQueuer looks for jobs ends the looking, and only another one the jobs.
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CUT_OFF_SECONDS)
        await asyncio.gather(self._task, return_exceptions=True)

    async def wait(self) -> None:
        """Until the runner is stopped."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            if await self._run_until_lost():
                return
            await asyncio.sleep(RESTART_SECONDS)

    async def _run_until_lost(self) -> bool:
        """Whether it ended because it was to stop."""
        try:
            await self._run_once()
        except (*UNAVAILABLE, asyncpg.PostgresError, FailingListenerError, ExceptionGroup) as lost:
            log.warning("job runner lost the database, starting again", reason=repr(lost))
            return False
        return True

    async def _run_once(self) -> None:
        connection = await self._database.connect()
        try:
            self._queuer = self._prepared(connection)
            await self._queuer.run(
                dequeue_timeout=POLL,
                batch_size=BATCH,
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
                max_concurrent_tasks=sum(slots.total for slots in SLOTS.values()),
                shutdown_on_listener_failure=True,
            )
        finally:
            self._queuer = None
            connection.terminate()

    def _prepared(self, connection: asyncpg.Connection) -> PgQueuer:
        driver = AsyncpgDriver(connection)
        queuer = PgQueuer(driver, queries=FairQueries(driver, SLOTS))
        for name, handler in self._handlers.items():
            queuer.entrypoint(name.value, on_failure="hold", executor_factory=_retrying)(_as_entrypoint(handler))
        for tick_name, tick in self._ticks.items():
            queuer.schedule(tick_name, "* * * * *", clean_old=True)(_as_schedule(tick))
        return queuer


def _retrying(parameters: EntrypointExecutorParameters) -> DatabaseRetryEntrypointExecutor:
    return DatabaseRetryEntrypointExecutor(parameters, max_attempts=LAST_ATTEMPT)


def _as_entrypoint(handler: Handler) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        try:
            await handler({**json.loads(job.payload or b"{}"), "attempt": job.attempts})
        except TryAgain as again:
            raise RetryRequested(delay=timedelta(seconds=again.after_seconds), reason=again.reason) from again
        except asyncio.CancelledError as cut_off:
            # A runner that stops has cancelled it, and PgQueuer would take it off the queue for good.
            raise RetryRequested(delay=POLL, reason="cut off, because its worker stopped") from cut_off

    return run


def _as_schedule(tick: Tick) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_schedule: Schedule) -> None:
        with suppress(asyncpg.InterfaceError):
            await tick()

    return run
