"""Working on the queue."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Job, Schedule

from app.core.postgres.database import UNAVAILABLE, Database
from app.jobs.kinds import JobKind, Payload, TryAgain
from app.jobs.queries import FairQueries

log = structlog.get_logger(__name__)

# A handler gets its job's payload with `attempt`, counted from 0.
Handler = Callable[[Payload], Awaitable[None]]
Tick = Callable[[], Awaitable[None]]

# A job whose worker was killed is picked up again after this long without a heartbeat.
HEARTBEAT_TIMEOUT = timedelta(seconds=10)
# New jobs are told by NOTIFY at once; those to be tried again are not, and are looked for this often.
POLL = timedelta(seconds=2)
RESTART_SECONDS = 0.5
STOP_SECONDS = 5
CUT_OFF_SECONDS = 1
BATCH = 10
# A handler that fails this many times is put aside; `pygai jobs` shows it.
LAST_ATTEMPT = 5


class JobRunner:
    """Runs jobs until stopped, through restarts of the database too."""

    def __init__(self, database: Database, *, stop_seconds: float = STOP_SECONDS) -> None:
        """`stop_seconds` is how long a job may go on when its process is to stop."""
        self._database = database
        self._stop_seconds = stop_seconds
        self._handlers: dict[JobKind, Handler] = {}
        self._ticks: dict[str, Tick] = {}
        self._task: asyncio.Task[None] | None = None
        self._queuer: PgQueuer | None = None

    def handle(self, kind: JobKind, handler: Handler) -> None:
        """Have `handler` do the jobs of a kind. Call it before `start`."""
        self._handlers[kind] = handler

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
            await asyncio.wait({self._task}, timeout=self._stop_seconds)
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
                max_concurrent_tasks=max(sum(kind.slots.total for kind in self._handlers), 2 * BATCH),
                shutdown_on_listener_failure=True,
            )
        finally:
            self._queuer = None
            connection.terminate()

    def _prepared(self, connection: asyncpg.Connection) -> PgQueuer:
        driver = AsyncpgDriver(connection)
        queuer = PgQueuer(driver, queries=FairQueries(driver, self._handlers))
        for kind, handler in self._handlers.items():
            queuer.entrypoint(kind.name, on_failure="hold", executor_factory=_retrying)(_as_entrypoint(handler))
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
