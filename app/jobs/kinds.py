"""What kinds of work there are: each feature declares its own, and so may an extension."""

from dataclasses import dataclass
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slots:
    """How many jobs of a kind a process works on at a time: at all, of one owner, and on one host.

    The rest waits in the queue, not in memory. No kind ever takes a slot of another.
    """

    total: int
    per_owner: int
    per_host: int


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. Its name is in the database and stays as it is; of several, the lowest rank comes first."""

    name: str
    slots: Slots
    rank: int


class TryAgain(Exception):
    """Raised by a handler to be called again after a while, however often."""

    def __init__(self, *, after_seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds
        self.reason = reason
