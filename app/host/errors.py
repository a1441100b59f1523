"""What can go wrong with extensions.

Exception
├── ExtensionError   loading went wrong and `strict_extensions` makes that fatal
├── HandlerFailed    a handler failed and `extension_on_error` is `fail`; answered with a 5xx
└── Failure          one run of a handler failed; never leaves the host
"""

from collections.abc import Sequence
from enum import StrEnum

from app.host.records import LoadProblem


class Outcome(StrEnum):
    """How one run of a handler ended."""

    DONE = "done"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    WRONG_TYPE = "wrong_type"
    STUCK = "stuck"


class ExtensionError(Exception):
    """Extensions could not be loaded: `problems` says which and why."""

    def __init__(self, problems: Sequence[LoadProblem]) -> None:
        super().__init__("; ".join(f"{problem.extension}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


class HandlerFailed(Exception):
    """A handler failed and nothing may stand in for it. `message` may be shown, `reason` belongs in the log."""

    message = "An extension of this service failed"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"extension {name} failed: {reason}")
        self.name = name
        self.reason = reason


class Failure(Exception):
    """One run of a handler failed."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
