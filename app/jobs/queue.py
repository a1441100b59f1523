"""Work after the answer: PgQueuer's durable queue in our own database.

A job is enqueued on the connection whose transaction writes the rows it is about, so both are there or neither.
"""

import json
from datetime import timedelta

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.kinds import JobKind, Payload

# Of the names of PgQueuer's own tables.
TABLE_PREFIX = "pgqueuer"


async def enqueue(
    connection: asyncpg.Connection, kind: JobKind, *payloads: Payload, after_seconds: float | None = None
) -> None:
    """Add a job per payload within the connection's transaction.

    A payload's `owner` is the user it is done for, its `host` where it leads to: each has its share of the slots.
    """
    if not payloads:
        return
    delay = None if after_seconds is None else timedelta(seconds=after_seconds)
    await Queries(AsyncpgDriver(connection)).enqueue(
        [kind.name] * len(payloads),
        [json.dumps(payload).encode() for payload in payloads],
        [0] * len(payloads),
        [delay] * len(payloads),
        headers=[_shares(payload) for payload in payloads],
    )


def _shares(payload: Payload) -> dict[str, str]:
    return {name: str(payload[name]) for name in ("owner", "host") if payload.get(name) is not None}


async def enqueue_in_session(
    session: AsyncSession, kind: JobKind, *payloads: Payload, after_seconds: float | None = None
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
    await enqueue(driver, kind, *payloads, after_seconds=after_seconds)
