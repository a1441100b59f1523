"""Work after the answer, for operators."""

from collections.abc import Sequence

from app.access.caller import Caller
from app.audit.service import Change, record_on
from app.facade.base import Facade
from app.jobs import service
from schemas.job import JobState, JobStatus


class Jobs(Facade):
    """Jobs that wait, are worked on, or failed and are held."""

    async def list_jobs(
        self, caller: Caller, *, status: JobStatus | None = None, limit: int = 50
    ) -> list[JobState]:
        """Jobs with the reason of their last failure. Raises Forbidden."""
        caller.require_admin()
        return await service.list_jobs(self._database, status=status, limit=limit)

    async def retry_jobs(self, caller: Caller, job_ids: Sequence[int] | None = None) -> int:
        """Queue failed jobs again, every one when none is named; how many.

        Raises Forbidden, NotFound, Conflict.
        """
        caller.require_admin()
        async with service.transaction(self._database) as connection:
            retried = await service.retry(connection, job_ids)
            await record_on(connection, Change(caller.username, "jobs.retry", "jobs", after={"ids": retried}))
        return len(retried)

    async def remove_jobs(self, caller: Caller, job_ids: Sequence[int] | None = None) -> int:
        """Remove jobs, every failed one when none is named; how many. Raises Forbidden, NotFound."""
        caller.require_admin()
        async with service.transaction(self._database) as connection:
            removed = await service.remove(connection, job_ids)
            await record_on(connection, Change(caller.username, "jobs.remove", "jobs", after={"ids": removed}))
        return len(removed)
