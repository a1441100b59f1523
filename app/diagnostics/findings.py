"""What `pygai doctor` finds, and how one look at something becomes a finding."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """`note` is worth knowing and no trouble."""

    OK = "ok"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands, in words, and for trouble how to mend it."""

    check: str
    state: State
    words: str
    mend: str | None = None

    @property
    def is_trouble(self) -> bool:
        return self.state is State.TROUBLE

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def ok(check: str, words: str) -> Finding:
    return Finding(check, State.OK, words)


def worth_knowing(check: str, words: str, mend: str | None = None) -> Finding:
    return Finding(check, State.NOTE, words, mend)


def trouble(check: str, words: str, mend: str) -> Finding:
    return Finding(check, State.TROUBLE, words, mend)


Look = Callable[[], Awaitable[Finding]]


async def guarded(check: str, look: Look) -> Finding:
    """A look that itself fails is a finding as well; the other looks go on."""
    try:
        return await look()
    except Exception as raised:  # noqa: BLE001 -- whatever is broken, the doctor must get to the end
        words = f"This could not be looked at: {type(raised).__name__}: {raised}"
        return trouble(check, words, "If nothing else here explains it, this is a defect: please report it.")
