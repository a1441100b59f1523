"""Intervals: when prompts that were returned come due again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import queries, rows
from app.catalog.cron import next_due
from app.models import Interval

# Changing one of these moves the instants at which prompts come due.
_SCHEDULING = frozenset({"expression", "time_zone"})


async def add(session: AsyncSession, interval: Interval) -> Interval:
    """Raises Invalid, also for an expression that never comes due, and Conflict."""
    interval.next_at = _next_due(interval)
    return await rows.add(session, interval)


async def edit(session: AsyncSession, interval: Interval, changes: Mapping[str, Any]) -> Interval:
    """Change columns. Raises Invalid, Conflict.

    A changed schedule leaves the interval and its returned prompts without instants: call
    `prompts.schedule.roll_forward` after the commit; failing that, the next minute's round gives them new ones.
    """
    changed = rows.assign(interval, changes)
    _next_due(interval)
    if changed & _SCHEDULING:
        interval.next_at = None
        await queries.unschedule_returned(session, interval_id=interval.id)
    return await rows.save(session, interval)


async def remove(session: AsyncSession, interval: Interval) -> None:
    """Its prompts go on without one: nothing makes those that were returned due."""
    await queries.unschedule_returned(session, interval_id=interval.id)
    await rows.remove(session, interval)


def _next_due(interval: Interval) -> datetime:
    return next_due(interval.expression, interval.time_zone, after=datetime.now(UTC))
