"""Five-field Cron expressions (crontab(5)) in a time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from app.core import errors


def next_due(expression: str, time_zone: str, *, after: datetime) -> datetime:
    """The first instant strictly after `after` at which the expression comes due, in UTC.

    Raises Invalid for an expression or a time zone that is none, and for one that never comes due.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError) as unknown:
        raise errors.Invalid({"time_zone": f"{time_zone!r} is not a time zone"}) from unknown
    if len(expression.split()) != 5:
        raise errors.Invalid({"expression": f"{expression!r} must have five fields, such as `*/5 * * * *`"})
    try:
        # When clocks are set back, an hour's first pass is given once more during its second one.
        return next(due for due in _instants(expression, after.astimezone(zone)) if due > after)
    except StopIteration as never:
        raise errors.Invalid({"expression": f"{expression!r} never comes due"}) from never
    except (CronSimError, ValueError) as wrong:
        raise errors.Invalid({"expression": f"{expression!r} is not a Cron expression: {wrong}"}) from wrong


def upcoming(expression: str, time_zone: str, *, after: datetime, count: int) -> list[datetime]:
    """The first instants after `after` at which the expression comes due, in its own time zone; none if never."""
    instants: list[datetime] = []
    try:
        for _ in range(count):
            after = next_due(expression, time_zone, after=after)
            instants.append(after.astimezone(ZoneInfo(time_zone)))
    except errors.Invalid:
        return instants
    return instants


def _instants(expression: str, after: datetime) -> Iterator[datetime]:
    for due in CronSim(expression, after):
        yield due.astimezone(UTC)
