"""What operators do with jobs, through PgQueuer's own queries."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import JobId

from app.core import errors
from app.core.postgres.database import Database
from schemas.job import JobState, JobStatus

MOST_FAILED = 100_000


async def list_jobs(database: Database, *, status: JobStatus | None, limit: int) -> list[JobState]:
    async with transaction(database) as connection:
        queue = Queries(AsyncpgDriver(connection))
        statuses = [status] if status else list(JobStatus)
        jobs = await queue.browse_queue(limit=limit, statuses=[one.value for one in statuses])
        return [await _to_wire(queue, job) for job in jobs]


async def retry(connection: asyncpg.Connection, numbers: Sequence[int] | None) -> list[int]:
    """Queue failed jobs again, every one when no numbers are given; which they were. Raises NotFound, Conflict."""
    queue = Queries(AsyncpgDriver(connection))
    failed = await _failed(queue, numbers)
    await queue.requeue_jobs(failed)
    return list(failed)


async def remove(connection: asyncpg.Connection, numbers: Sequence[int] | None) -> list[int]:
    """Remove jobs, every failed one when no numbers are given; which they were. Raises NotFound."""
    queue = Queries(AsyncpgDriver(connection))
    if numbers is None:
        doomed = await _failed(queue, None)
    else:
        doomed = [job.id for job in [await _get(queue, number) for number in numbers]]
    await queue.mark_job_as_cancelled(doomed)
    return list(doomed)


@asynccontextmanager
async def transaction(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of a connection that PgQueuer can read: SQLAlchemy has those of the pool decode JSON."""
    connection = await database.connect()
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


async def _to_wire(queue: Queries, job: Job) -> JobState:
    return JobState(
        id=job.id,
        job=job.entrypoint,
        status=JobStatus(job.status),
        about=json.loads(job.payload or b"{}"),
        attempts=job.attempts,
        created_at=job.created,
        due_at=job.execute_after,
        reason=await _reason(queue, job),
    )


async def _reason(queue: Queries, job: Job) -> str | None:
    if JobStatus(job.status) is JobStatus.QUEUED and job.attempts == 0:
        return None
    failures = [line.traceback for line in await queue.job_log_history(job.id) if line.traceback]
    return f"{failures[-1].exception_type}: {failures[-1].exception_message}" if failures else None


async def _failed(queue: Queries, numbers: Sequence[int] | None) -> list[JobId]:
    if numbers is None:
        return [job.id for job in await queue.list_failed_jobs(limit=MOST_FAILED)]
    jobs = [await _get(queue, number) for number in numbers]
    for job in jobs:
        if JobStatus(job.status) is not JobStatus.FAILED:
            raise errors.Conflict({"id": f"job {job.id} has not failed, it is {job.status}"})
    return [job.id for job in jobs]


async def _get(queue: Queries, number: int) -> Job:
    job = await queue.queue_job_by_id(JobId(number)) if 0 < number < 2**31 else None
    if job is None:
        raise errors.NotFound({"id": f"there is no job {number}"})
    return job
