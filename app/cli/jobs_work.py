"""What `pygai jobs` does, through PgQueuer's own queries."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import JobId

from app.cli.output import print_rows, say
from app.cli.running import note, run
from app.core import errors
from app.core.postgres.database import Database
from app.runtime import Runtime, working

Status = Literal["queued", "picked", "failed"]
STATUSES: tuple[Status, ...] = ("queued", "picked", "failed")
COLUMNS = ("id", "job", "status", "about", "attempts", "due_at", "reason")
MOST_FAILED = 100_000


@asynccontextmanager
async def queue_of(database: Database) -> AsyncIterator[Queries]:
    # Not one of the pool: SQLAlchemy has those decode JSON, which PgQueuer does by itself.
    connection = await database.connect()
    try:
        yield Queries(AsyncpgDriver(connection))
    finally:
        await connection.close()


def print_all(*, status: Status | None, limit: int, as_json: bool) -> None:
    async def work(runtime: Runtime) -> list[dict[str, Any]]:
        async with queue_of(runtime.database) as queue:
            jobs = await queue.browse_queue(limit=limit, statuses=[status] if status else list(STATUSES))
            return [await _line(queue, job) for job in jobs]

    print_rows(run(work), as_json=as_json, columns=COLUMNS)


async def _line(queue: Queries, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "job": job.entrypoint,
        "status": job.status,
        "about": json.loads(job.payload or b"{}"),
        "attempts": job.attempts,
        "created_at": job.created,
        "due_at": job.execute_after,
        "reason": await _reason(queue, job),
    }


async def _reason(queue: Queries, job: Job) -> str | None:
    """Why it failed the last time it did."""
    if job.status == "queued" and job.attempts == 0:
        return None
    failures = [line.traceback for line in await queue.job_log_history(job.id) if line.traceback]
    return f"{failures[-1].exception_type}: {failures[-1].exception_message}" if failures else None


def retry(numbers: Sequence[int] | None) -> None:
    async def work(runtime: Runtime) -> int:
        async with queue_of(runtime.database) as queue:
            failed = await _failed(queue, numbers)
            await queue.requeue_jobs(failed)
        await _noted(runtime, "jobs.retry", failed)
        return len(failed)

    say(f"{run(work)} jobs wait to be tried again.")


def remove(numbers: Sequence[int] | None) -> None:
    async def work(runtime: Runtime) -> int:
        async with queue_of(runtime.database) as queue:
            if numbers is None:
                doomed = await _failed(queue, None)
            else:
                doomed = [job.id for job in [await _get(queue, number) for number in numbers]]
            await queue.mark_job_as_cancelled(doomed)
        await _noted(runtime, "jobs.remove", doomed)
        return len(doomed)

    say(f"{run(work)} jobs removed.")


async def _failed(queue: Queries, numbers: Sequence[int] | None) -> list[JobId]:
    """Every failed job, or those of the numbers, each of which must be one."""
    if numbers is None:
        return [job.id for job in await queue.list_failed_jobs(limit=MOST_FAILED)]
    jobs = [await _get(queue, number) for number in numbers]
    for job in jobs:
        if job.status != "failed":
            raise errors.Conflict({"id": f"job {job.id} has not failed, it is {job.status}"})
    return [job.id for job in jobs]


async def _get(queue: Queries, number: int) -> Job:
    job = await queue.queue_job_by_id(JobId(number)) if 0 < number < 2**31 else None
    if job is None:
        raise errors.NotFound({"id": f"there is no job {number}"})
    return job


async def _noted(runtime: Runtime, action: str, jobs: Sequence[int]) -> None:
    async with runtime.database.session() as session:
        note(session, action, "jobs", ids=list(jobs))


def run_until_stopped() -> None:
    async def work(runtime: Runtime) -> None:
        stop = asyncio.Event()
        for wanted in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
        async with working(runtime):
            say("Working on jobs; Ctrl-C stops.")
            await stop.wait()

    run(work)
    say("Stopped.")
