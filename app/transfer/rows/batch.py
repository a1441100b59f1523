"""Lines on their way into the database, and how a line is known again."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.transfer.report import Remark, RemarkKind
from app.transfer.rows.kinds import RowKind
from app.transfer.rows.lines import Line

# How a row is told from all others, wherever it goes: its number and the instant it was made.
Identity = tuple[int, datetime]


@dataclass
class Incoming:
    """A good line: where it stood, what it says, and the number its row gets or has."""

    number: int
    line: Any
    mark: bytes
    id: int = 0
    remarks: list[Remark] = field(default_factory=list)

    @property
    def identity(self) -> Identity | None:
        return identity(self.line.id, self.line.created_at)

    def mend(self, kind: RowKind, what: str, done: str) -> None:
        self.remarks.append(Remark(kind, self.number, RemarkKind.MENDED, what, done))


def identity(id_: int | None, created_at: datetime | None) -> Identity | None:
    return None if id_ is None or created_at is None else (id_, created_at.astimezone(UTC))


def mark_of(kind: RowKind, known: Identity) -> bytes:
    return _digest([kind, known[0], known[1].isoformat()])


class Marks:
    """A line without an identity is known by all it says, and by how often that has been said before."""

    def __init__(self, kind: RowKind) -> None:
        self._kind = kind
        self._said: Counter[bytes] = Counter()

    def of(self, line: Line) -> bytes:
        known = identity(line.id, line.created_at)
        if known is not None:
            return mark_of(self._kind, known)
        said = _digest([self._kind, line.model_dump(mode="json", exclude_unset=True)])
        self._said[said] += 1
        return _digest([said.hex(), self._said[said]])


def _digest(value: Any) -> bytes:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
