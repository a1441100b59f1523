"""Five-field Cron expressions (crontab(5)) in a time zone."""

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
        return next(CronSim(expression, after.astimezone(zone))).astimezone(UTC)
    except CronSimError as wrong:
        raise errors.Invalid({"expression": f"{expression!r} is not a Cron expression"}) from wrong
    except StopIteration as never:
        raise errors.Invalid({"expression": f"{expression!r} never comes due"}) from never
