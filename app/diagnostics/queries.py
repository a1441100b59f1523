"""SQL of `pygai doctor`."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg


async def server_version(connection: asyncpg.Connection) -> int:
    """As PostgreSQL counts it: 180001 is 18.1."""
    version: int = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    return version


async def database_clock(connection: asyncpg.Connection) -> datetime:
    clock: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return clock


async def seconds_of_oldest_due_job(connection: asyncpg.Connection) -> float | None:
    waits: float | None = await connection.fetchval(
        """SELECT extract(epoch FROM now() - min(execute_after))::float8 FROM pgqueuer
           WHERE status = 'queued' AND execute_after <= now()"""
    )
    return waits


async def count_failed_jobs(connection: asyncpg.Connection) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM pgqueuer WHERE status = 'failed'")
    return count


async def failed_publications(connection: asyncpg.Connection) -> tuple[int, str]:
    """How many contents have no page because their latest publication failed, and why the last of them did."""
    return await _count_and_reason(
        connection,
        """SELECT count(*), (array_agg(reason ORDER BY id DESC))[1] FROM (
               SELECT DISTINCT ON (content_id) id, status, reason FROM gai_publish ORDER BY content_id, id DESC
           ) AS latest WHERE status = 'failed'""",
    )


async def given_up_files(connection: asyncpg.Connection) -> tuple[int, str]:
    """How many submitted files could not be had, and why the last of them."""
    return await _count_and_reason(
        connection,
        """SELECT count(*), (array_agg(reason ORDER BY id DESC))[1] FROM gai_content_file
           WHERE status = 'failed'""",
    )


async def list_intervals(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        "SELECT name, expression, time_zone FROM gai_interval ORDER BY id"
    )
    return rows


async def _count_and_reason(connection: asyncpg.Connection, query: str) -> tuple[int, str]:
    count, reason = await connection.fetchrow(query)
    return count, reason or "no reason is on record"
