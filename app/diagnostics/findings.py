"""What a check finds, and how checks are run so that one that fails does not stop the others."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Subject = TypeVar("Subject")


class State(StrEnum):
    """A `note` is worth knowing but is not a problem."""

    OK = "ok"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; trouble always comes with a way to fix it."""

    check: str
    state: State
    message: str
    fix: str | None = None

    @property
    def is_trouble(self) -> bool:
        return self.state is State.TROUBLE


def ok(check: str, message: str) -> Finding:
    return Finding(check, State.OK, message)


def note(check: str, message: str, fix: str | None = None) -> Finding:
    return Finding(check, State.NOTE, message, fix)


def trouble(check: str, message: str, fix: str) -> Finding:
    return Finding(check, State.TROUBLE, message, fix)


def check_failed(check: str, raised: Exception) -> Finding:
    """A check that raises is a finding as well."""
    return trouble(
        check,
        f"This check failed: {type(raised).__name__}: {raised}",
        "If no other finding explains it, this is a defect: please report it.",
    )


Check = Callable[[Subject], Awaitable[Finding]]


async def run_check(name: str, check: Check[Subject], subject: Subject) -> Finding:
    try:
        return await check(subject)
    except Exception as raised:  # noqa: BLE001 -- whatever is broken, the other checks must run
        return check_failed(name, raised)


async def run_checks(checks: Mapping[str, Check[Subject]], subject: Subject) -> list[Finding]:
    return [await run_check(name, check, subject) for name, check in checks.items()]
