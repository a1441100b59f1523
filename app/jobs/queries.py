"""SQL of the queue where PgQueuer's own would let one kind of work, or one client, have all of it."""

from collections.abc import Iterable
from datetime import timedelta

from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports import Driver
from pgqueuer.ports.repository import EntrypointExecutionParameter

from app.jobs.kinds import JobKind

CLAIM = """
WITH RECURSIVE mine AS (
    -- What this process works on now; another one has slots of its own.
    SELECT entrypoint, coalesce(headers->>'owner', '') AS owner, headers->>'host' AS host
    FROM pgqueuer WHERE queue_manager_id = $5 AND status = 'picked'
), kind AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::int[])
        WITH ORDINALITY AS kind (name, total, per_owner, per_host, rank)
    -- A kind without a free slot leaves those of the others alone.
    WHERE (SELECT count(*) FROM mine WHERE mine.entrypoint = kind.name) < kind.total
), host AS (
    SELECT entrypoint, host, count(*) AS jobs FROM mine GROUP BY entrypoint, host
), waiting AS (
    -- Whose jobs there are, by one look into the index for each: how many they have does not matter.
    SELECT kind.name, (
        SELECT coalesce(headers->>'owner', '') FROM pgqueuer WHERE entrypoint = kind.name AND status = 'queued'
        ORDER BY coalesce(headers->>'owner', '') LIMIT 1
    ) AS owner
    FROM kind
    UNION ALL
    SELECT waiting.name, (
        SELECT coalesce(headers->>'owner', '') FROM pgqueuer WHERE entrypoint = waiting.name AND status = 'queued'
            AND coalesce(headers->>'owner', '') > waiting.owner
        ORDER BY coalesce(headers->>'owner', '') LIMIT 1
    )
    FROM waiting WHERE waiting.owner IS NOT NULL
), fresh AS (
    SELECT first.id, first.priority, kind.rank, load.jobs
    FROM kind
    JOIN waiting ON waiting.name = kind.name
    CROSS JOIN LATERAL (
        SELECT count(*) AS jobs FROM mine WHERE mine.entrypoint = kind.name AND mine.owner = waiting.owner
    ) load
    CROSS JOIN LATERAL (
        SELECT job.id, job.priority
        FROM pgqueuer job
        LEFT JOIN host ON host.entrypoint = job.entrypoint AND host.host = job.headers->>'host'
        WHERE job.entrypoint = kind.name AND job.status = 'queued'
            AND coalesce(job.headers->>'owner', '') = waiting.owner
            AND job.execute_after < now()
            AND coalesce(host.jobs, 0) < kind.per_host
        ORDER BY job.priority DESC, job.id
        LIMIT 1
        FOR UPDATE OF job SKIP LOCKED
    ) first
    WHERE load.jobs < kind.per_owner
), stale AS (
    -- Its worker has died.
    SELECT job.id, job.priority, kind.rank, 0 AS jobs
    FROM pgqueuer job JOIN kind ON kind.name = job.entrypoint
    WHERE job.status = 'picked' AND job.heartbeat < now() - $6::interval AND job.execute_after < now()
    LIMIT 1
    FOR UPDATE OF job SKIP LOCKED
), claimed AS (
    UPDATE pgqueuer SET status = 'picked', updated = now(), heartbeat = now(), queue_manager_id = $5
    WHERE id = (
        -- Whoever has the fewest at work comes first, however much others have waiting.
        SELECT id FROM (TABLE fresh UNION ALL TABLE stale) job ORDER BY rank, jobs, priority DESC, id LIMIT 1
    )
    RETURNING *
), logged AS (
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, status, entrypoint, priority FROM claimed
)
SELECT * FROM claimed
"""


class FairQueries(Queries):
    """PgQueuer's queries, but a claim that goes by kinds, the lowest rank first, and by owners.

    A job that has to wait is not claimed, so that it holds no slot and costs nothing meanwhile.
    """

    def __init__(self, driver: Driver, kinds: Iterable[JobKind]) -> None:
        super().__init__(driver)
        self._kinds = sorted(kinds, key=lambda kind: kind.rank)

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Job]:
        """One job at a time: the next one depends on whose this was. PgQueuer asks until there is none."""
        del batch_size, global_concurrency_limit
        kinds = [kind for kind in self._kinds if kind.name in entrypoints]
        rows = await self.driver.fetch(
            CLAIM,
            [kind.name for kind in kinds],
            [kind.slots.total for kind in kinds],
            [kind.slots.per_owner for kind in kinds],
            [kind.slots.per_host for kind in kinds],
            queue_manager_id,
            heartbeat_timeout,
        )
        return [Job.model_validate(row) for row in rows]
