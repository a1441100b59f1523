"""Reading the values of an original row: what is odd is mended, and said."""

import json
import math
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json

from app.transfer.original.source import Values
from app.transfer.report import Remark, RemarkKind

GREATEST_COUNT = 2**31 - 1
LONGEST_SHOWN = 60


class SetAside(Exception):
    """A row that cannot come over; the message says why."""


class OddRow:
    """One row of the original. Each method reads a column and leaves a remark where it had to be mended."""

    def __init__(self, table: str, values: Values, zone: ZoneInfo, now: datetime) -> None:
        self.table = table
        self.id: int = values["id"]
        self.remarks: list[Remark] = []
        self._values = values
        self._zone = zone
        self._now = now

    @property
    def is_mended(self) -> bool:
        return any(remark.kind is RemarkKind.MENDED for remark in self.remarks)

    def raw(self, column: str) -> Any:
        return self._values.get(column)

    def is_blank(self, column: str) -> bool:
        return self.raw(column) in (None, "")

    def mend(self, what: str, done: str) -> None:
        self._remark(RemarkKind.MENDED, what, done)

    def note(self, what: str, done: str) -> None:
        self._remark(RemarkKind.NOTED, what, done)

    def set_aside(self, what: str) -> None:
        self._remark(RemarkKind.SET_ASIDE, what, "left out")

    def text(self, column: str) -> str:
        """What PostgreSQL can keep of a text; empty for null."""
        value = self.raw(column)
        if value is None:
            return ""
        given = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
        kept = given.replace("\x00", "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if kept != given:
            self.mend(
                f"{column} holds NUL characters or bytes that are no text", "these were taken out or replaced"
            )
        return kept

    def optional_text(self, column: str) -> str | None:
        return None if self.raw(column) is None else self.text(column)

    def flag(self, column: str, *, strict: bool) -> bool:
        """Strict: 1 alone means yes, as the original asks of `enabled`. Otherwise any true value does."""
        value = self.raw(column)
        if value in (0, 1) and not isinstance(value, str):
            return bool(value)
        is_true = bool(value) and not strict
        self.mend(f"{column} is {shown(value)}", f"counts as {'yes' if is_true else 'no'}, as in the original")
        return is_true

    def quota(self) -> int:
        """May be 0 or less, which is odd only together with `enabled`."""
        value = self.raw("quota")
        number = whole_number(value)
        if number is None:
            self.mend(f"quota is {shown(value)}", "the default of 10")
            return 10
        if number != value or number > GREATEST_COUNT:
            self.mend(f"quota is {shown(value)}", f"counts as {min(number, GREATEST_COUNT)}")
        return min(number, GREATEST_COUNT)

    def instant(self, column: str) -> datetime | None:
        """A local time of the original in UTC; None when there is none."""
        value = self.raw(column)
        if value in (None, "", 0):
            return None
        instant = _instant(value, self._zone)
        if instant is None:
            self.mend(f"{column} is {shown(value)}, which is no time", "taken for none")
        return instant

    def needed_instant(self, column: str) -> datetime:
        """The same where there must be one: the time of the import stands in."""
        instant = self.instant(column)
        if instant is None:
            self.mend(f"{column} holds no time", "the time of the import")
        return instant or self._now

    def json_object(self, column: str) -> dict[str, Any] | None:
        """A JSON object in a text column; None when there is none or it cannot be read."""
        value = self.raw(column)
        if value is None:
            return None
        found = _json(value)
        if isinstance(found, dict):
            return found
        self.mend(f"{column} is {shown(value)}, which is no JSON object", "left empty")
        return None

    def names(self, column: str) -> list[str]:
        """A JSON array of texts; blank ones and what is none is left out."""
        if self.is_blank(column):
            return []
        value = self.raw(column)
        found = _json(value)
        if not isinstance(found, list):
            self.mend(f"{column} is {shown(value)}, which is no JSON array", "no files")
            return []
        kept = [entry.strip() for entry in found if isinstance(entry, str) and entry.strip() and _is_text(entry)]
        if len(kept) != len(found):
            self.mend(f"{column} is {shown(value)}, with entries that name nothing", "these were left out")
        return kept

    def _remark(self, kind: RemarkKind, what: str, done: str) -> None:
        self.remarks.append(Remark(self.table, self.id, kind, what, done))


def shown(value: Any) -> str:
    """A value as a remark shows it."""
    if value == "":
        return "empty text"
    text = "null" if value is None else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def whole_number(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return None


def _instant(value: Any, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.strip())
        placed = found if found.tzinfo else found.replace(tzinfo=zone)
        return placed.astimezone(UTC)
    except (AttributeError, ValueError, OverflowError):
        return None


def _json(value: Any) -> Any:
    """Parsed as the service will parse it when it hands it out; None for what it could not."""
    try:
        found = from_json(value, allow_inf_nan=False)
        # Said once more: 1e999 reads as a number that JSON cannot hold.
        json.dumps(found, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None
    return found


def _is_text(entry: str) -> bool:
    return "\x00" not in entry and entry.encode("utf-8", "replace").decode() == entry
