"""What operators do with jobs leaves its line in the audit log, or nothing when it is refused."""

import pytest

from app.core import errors
from tests.cli.test_work import a_failed_job, add_job
from tests.facade.callers import CLIENT, OPERATOR, audited


async def test_failed_jobs_are_queued_again_and_it_says_who_had_them(runtime):
    job_id = await a_failed_job(runtime.database, content_id=1)

    count = await runtime.connector.retry_jobs(OPERATOR)

    assert count == 1
    assert [job.status for job in await runtime.connector.list_jobs(OPERATOR)] == ["queued"]
    assert await audited(runtime.database) == [("cli:ada", "jobs.retry", "jobs", {"after": {"ids": [job_id]}})]


async def test_a_job_that_has_not_failed_is_not_tried_again_and_nothing_is_said(runtime):
    job_id = await add_job(runtime.database, content_id=1)

    with pytest.raises(errors.Conflict):
        await runtime.connector.retry_jobs(OPERATOR, [job_id])

    assert await audited(runtime.database) == []


async def test_jobs_are_removed_and_it_says_which(runtime):
    job_id = await add_job(runtime.database, content_id=1)

    await runtime.connector.remove_jobs(OPERATOR, [job_id])

    assert await runtime.connector.list_jobs(OPERATOR) == []
    assert await audited(runtime.database) == [("cli:ada", "jobs.remove", "jobs", {"after": {"ids": [job_id]}})]


async def test_a_client_may_do_nothing_with_jobs(runtime):
    for verb in (runtime.connector.list_jobs, runtime.connector.retry_jobs, runtime.connector.remove_jobs):
        with pytest.raises(errors.Forbidden):
            await verb(CLIENT)
