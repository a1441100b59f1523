"""SQL of handing out prompts. The hot statement runs on the driver's own connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import PromptFile


@dataclass(frozen=True, slots=True)
class Filters:
    """Which prompts are meant; 0 means any."""

    id: int = 0
    interval_id: int = 0
    topic_id: int = 0
    dir_id: int = 0

    @property
    def given(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, value) for name in FILTERABLE if (value := getattr(self, name)))


FILTERABLE = ("id", "interval_id", "topic_id", "dir_id")
ANY = Filters()


def _conditions(names: Sequence[str], *, first: int) -> str:
    return "".join(f" AND {name} = ${first + place}" for place, name in enumerate(names))


TASK_COLUMNS = """t.id, t.type, t.text, i.id AS inst_id, i.name AS inst_name, i.text AS inst_text,
           i.config AS inst_config, c.text AS config,
           (SELECT json_agg(json_build_array(f.media_hash, f.name, f.url) ORDER BY f.position, f.id)
            FROM gai_prompt_file f WHERE f.prompt_id = t.id) AS files"""
TASK_JOINS = """LEFT JOIN gai_instruction i ON i.id = t.inst_id
    LEFT JOIN gai_config c ON c.id = t.config_id"""


@cache
def claim_statement(filters: tuple[str, ...]) -> str:
    """T1 as one statement: $1 the token, $2 lease seconds, $3 whether to claim although one is held.

    `is_stale` instead of a task says that leases have lapsed and must be cleared first: their prompts cannot be
    claimed as they are, for the claim index, along which the order is read, leaves out what is leased.
    """
    only = _conditions(filters, first=4)
    return f"""
    WITH held AS (
        -- The same token gets what it already holds, so that a restarted client loses nothing.
        SELECT id FROM gai_prompt
        WHERE leased_to = $1 AND leased_until > now() AND is_enabled AND NOT $3{only}
        ORDER BY leased_at, id LIMIT 1
    ), lapsed AS (
        SELECT FROM gai_prompt WHERE leased_until <= now() ORDER BY leased_until LIMIT 1
    ), chosen AS (
        SELECT id FROM gai_prompt
        WHERE is_enabled AND count > 0 AND leased_until IS NULL AND available_at <= now(){only}
          AND NOT EXISTS (SELECT FROM held)
          AND NOT EXISTS (SELECT FROM lapsed)
        -- Longest available first, then the lowest id.
        ORDER BY available_at, id LIMIT 1
        -- Locked by another claim is as good as gone; changed since the snapshot is looked at again.
        FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE gai_prompt SET leased_to = $1, leased_at = now(),
               leased_until = now() + make_interval(secs => $2)
        WHERE id = (SELECT id FROM chosen)
        RETURNING id, type, text, inst_id, config_id
    ), task AS (
        SELECT *, true AS is_new FROM leased
        UNION ALL
        SELECT id, type, text, inst_id, config_id, false FROM gai_prompt WHERE id = (SELECT id FROM held)
    )
    SELECT {TASK_COLUMNS}, t.is_new,
           t.id IS NULL AND EXISTS (SELECT FROM lapsed) AS is_stale,
           -- A lost lease is harmless, so this one commit need not wait for the disk.
           set_config('synchronous_commit', 'off', true)
    FROM (SELECT) AS always
    LEFT JOIN task t ON true
    {TASK_JOINS}
    WHERE t.id IS NOT NULL OR EXISTS (SELECT FROM lapsed)
    """


async def claim(
    connection: asyncpg.Connection, *, token: str, filters: Filters, lease_seconds: float, another: bool
) -> asyncpg.Record | None:
    """Lease the next available prompt to a token, or find the one that it holds."""
    given = filters.given
    statement = claim_statement(tuple(name for name, _ in given))
    values = (token, lease_seconds, another, *(value for _, value in given))
    while (row := await connection.fetchrow(statement, *values)) is not None and row["is_stale"]:
        await expire_leases(connection)
    return row


async def find_task(connection: asyncpg.Connection, *, prompt_id: int) -> asyncpg.Record | None:
    """What T1 would show of a prompt, whoever holds it."""
    return await connection.fetchrow(
        f"SELECT {TASK_COLUMNS} FROM gai_prompt t {TASK_JOINS} WHERE t.id = $1", prompt_id
    )


async def expire_leases(connection: asyncpg.Connection) -> None:
    """Clear every lapsed lease; their prompts stand where they stood before, which `available_at` remembers."""
    await connection.execute(
        """
        WITH lapsed AS (
            -- Waits for whoever clears the same ones, for its prompts are claimable only when it is done.
            SELECT id FROM gai_prompt WHERE leased_until <= now() ORDER BY id FOR UPDATE
        )
        UPDATE gai_prompt p SET leased_to = NULL, leased_at = NULL, leased_until = NULL
        FROM lapsed l WHERE p.id = l.id
        """
    )


NEXT_MOMENT = """
SELECT least(
    (SELECT min(available_at) FROM gai_prompt
     WHERE is_enabled AND count > 0 AND leased_until IS NULL AND available_at > now()),
    (SELECT min(leased_until) FROM gai_prompt WHERE leased_until IS NOT NULL AND leased_until > now())
) - now()
"""


async def seconds_to_next_moment(connection: asyncpg.Connection) -> float | None:
    """How long until a prompt comes due or a lease lapses, as things stand; None for never."""
    delta = await connection.fetchval(NEXT_MOMENT)
    return None if delta is None else max(0.0, delta.total_seconds())


async def extend_lease(
    connection: asyncpg.Connection, *, prompt_id: int, token: str, lease_seconds: float
) -> datetime | None:
    """The new end of the token's own running lease, or None when it holds none."""
    leased_until: datetime | None = await connection.fetchval(
        """UPDATE gai_prompt SET leased_until = now() + make_interval(secs => $3)
           WHERE id = $1 AND leased_to = $2 AND leased_until > now() RETURNING leased_until""",
        prompt_id,
        token,
        lease_seconds,
    )
    return leased_until


async def clear_lease(connection: asyncpg.Connection, *, prompt_id: int, token: str) -> bool:
    cleared = await connection.fetchval(
        """UPDATE gai_prompt SET leased_to = NULL, leased_at = NULL, leased_until = NULL
           WHERE id = $1 AND leased_to = $2 AND leased_until > now() RETURNING id""",
        prompt_id,
        token,
    )
    return cleared is not None


async def reset_used(connection: asyncpg.Connection, *, filters: Filters, restore_count: bool) -> int:
    """T4: make every used prompt available at once; how many there were."""
    given = filters.given
    only = _conditions([name for name, _ in given], first=2)
    result: str = await connection.execute(
        f"""
        WITH used AS (
            SELECT id FROM gai_prompt
            WHERE (last_content_id IS NOT NULL OR last_content_at IS NOT NULL OR is_exhausted){only}
            -- In one order for all, so that two resets at once cannot wait for each other.
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE gai_prompt p SET
            last_content_id = NULL,
            last_content_at = NULL,
            available_at = now(),
            count = CASE WHEN $1 THEN p.initial_count ELSE p.count END,
            -- What running out had disabled comes back; what an operator disabled stays as it is.
            is_enabled = p.is_enabled OR ($1 AND p.is_exhausted AND p.initial_count > 0),
            is_exhausted = p.is_exhausted AND NOT ($1 AND p.initial_count > 0),
            modified_at = now()
        FROM used u WHERE p.id = u.id
        """,
        restore_count,
        *(value for _, value in given),
    )
    return int(result.rsplit(" ", 1)[-1])


async def list_passed_intervals(connection: asyncpg.Connection) -> Sequence[asyncpg.Record]:
    """Intervals whose next instant is unknown or has passed."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        "SELECT id, expression, time_zone FROM gai_interval WHERE next_at IS NULL OR next_at <= now()"
    )
    return rows


async def set_next_at(connection: asyncpg.Connection, *, interval_id: int, next_at: datetime) -> None:
    await connection.execute("UPDATE gai_interval SET next_at = $2 WHERE id = $1", interval_id, next_at)


async def list_unscheduled(connection: asyncpg.Connection, *, limit: int = 1000) -> Sequence[asyncpg.Record]:
    """Returned prompts that nothing makes due yet although they have an interval."""
    rows: Sequence[asyncpg.Record] = await connection.fetch(
        """SELECT p.id, p.last_content_at, i.expression, i.time_zone
           FROM gai_prompt p JOIN gai_interval i ON i.id = p.interval_id
           WHERE p.is_enabled AND p.count > 0 AND p.available_at IS NULL AND p.interval_id IS NOT NULL
           ORDER BY p.id LIMIT $1""",
        limit,
    )
    return rows


async def set_available_at(
    connection: asyncpg.Connection, *, prompt_id: int, returned_at: datetime | None, available_at: datetime
) -> None:
    """Only if the prompt has not been returned or reset meanwhile."""
    await connection.execute(
        """UPDATE gai_prompt SET available_at = $3
           WHERE id = $1 AND available_at IS NULL AND last_content_at IS NOT DISTINCT FROM $2""",
        prompt_id,
        returned_at,
        available_at,
    )


async def exists(connection: asyncpg.Connection, *, prompt_id: int) -> bool:
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM gai_prompt WHERE id = $1)", prompt_id))


async def list_files(session: AsyncSession, *, prompt_id: int) -> Sequence[PromptFile]:
    query = (
        select(PromptFile)
        .where(col(PromptFile.prompt_id) == prompt_id)
        .order_by(col(PromptFile.position), col(PromptFile.id))
    )
    return (await session.scalars(query)).all()
