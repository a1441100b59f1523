"""When prompts with an interval come due again."""

from datetime import UTC, datetime

import asyncpg
import structlog

from app.catalog.cron import next_due
from app.core import errors
from app.core.postgres.database import Database
from app.prompts import queries

log = structlog.get_logger(__name__)


async def roll_forward(database: Database) -> None:
    """Give every interval its next instant, and every returned prompt its own that has none yet.

    Runs each minute, at the start, and whenever a return finds an interval's instant passed.
    """
    async with database.driver() as connection:
        await _roll_intervals(connection)
        await _schedule_returned(connection)


async def _roll_intervals(connection: asyncpg.Connection) -> None:
    now = datetime.now(UTC)
    for interval in await queries.list_passed_intervals(connection):
        due_at = _due(interval, after=now)
        if due_at is not None:
            await queries.set_next_at(connection, interval_id=interval["id"], next_at=due_at)


async def _schedule_returned(connection: asyncpg.Connection) -> None:
    for prompt in await queries.list_unscheduled(connection):
        due_at = _due(prompt, after=prompt["last_content_at"] or datetime.now(UTC))
        if due_at is not None:
            await queries.set_available_at(
                connection,
                prompt_id=prompt["id"],
                returned_at=prompt["last_content_at"],
                available_at=due_at,
            )


def _due(row: asyncpg.Record, *, after: datetime) -> datetime | None:
    try:
        return next_due(row["expression"], row["time_zone"], after=after)
    except errors.Invalid as invalid:
        log.error("an interval never comes due", expression=row["expression"], reason=str(invalid))
        return None
