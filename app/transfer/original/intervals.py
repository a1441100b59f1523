"""From the original's SQLite date modifiers, such as `+5 minutes`, to Cron expressions."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from app.catalog.cron import next_due
from app.core import errors

MINUTES = {"minute": 1.0, "hour": 60.0, "day": 1440.0, "week": 10080.0, "month": 43830.0, "year": 525960.0}
# A unit that so many of another fill, when it does.
LARGER = {
    "second": (60, "minute"),
    "minute": (60, "hour"),
    "hour": (24, "day"),
    "day": (7, "week"),
    "month": (12, "year"),
}

_MODIFIER = re.compile(
    r"\+?\s*0*([1-9]\d{0,8})(?:\.0*)?\s+(second|minute|hour|day|week|month|year)s?", re.IGNORECASE
)

EXACT = {
    **{(n, "minute"): "* * * * *" if n == 1 else f"*/{n} * * * *" for n in range(1, 60) if 60 % n == 0},
    **{(n, "hour"): "0 * * * *" if n == 1 else f"0 */{n} * * *" for n in range(1, 24) if 24 % n == 0},
    (1, "day"): "0 0 * * *",
    (1, "week"): "0 0 * * 0",
    **{(n, "month"): "0 0 1 * *" if n == 1 else f"0 0 1 */{n} *" for n in range(1, 12) if 12 % n == 0},
    (1, "year"): "0 0 1 1 *",
}
# These begin anew with each month, so they only come close.
CLOSE = {
    **{(n, "day"): f"0 0 */{n} * *" for n in (2, 3, 4, 5, 6, 10)},
    (2, "week"): "0 0 1,15 * *",
}


@dataclass(frozen=True, slots=True)
class Converted:
    expression: str
    is_exact: bool = True


def is_cron(expression: str) -> bool:
    """Whether it has five fields and comes due at some time."""
    try:
        next_due(expression, "UTC", after=datetime.now(UTC))
    except errors.Invalid:
        return False
    return True


def cron_of(modifier: str) -> Converted | None:
    """The Cron expression of a modifier, or the nearest one there is; None for what is no span of time."""
    found = _MODIFIER.fullmatch(modifier.strip())
    if found is None:
        return None
    span = _in_largest_unit(int(found[1]), found[2].lower())
    if span in EXACT:
        return Converted(EXACT[span])
    return Converted(_nearest(span), is_exact=False)


def _in_largest_unit(amount: int, unit: str) -> tuple[int, str]:
    while unit in LARGER and amount % LARGER[unit][0] == 0:
        size, larger = LARGER[unit]
        amount, unit = amount // size, larger
    return amount, unit


def _nearest(span: tuple[int, str]) -> str:
    """By the ratio of the lengths: two hours are nearer to ninety minutes than one hour is."""
    wanted = _minutes(span)
    candidates = EXACT | CLOSE
    best = min(candidates, key=lambda candidate: abs(math.log(_minutes(candidate) / wanted)))
    return candidates[best]


def _minutes(span: tuple[int, str]) -> float:
    amount, unit = span
    return amount / 60 if unit == "second" else amount * MINUTES[unit]
