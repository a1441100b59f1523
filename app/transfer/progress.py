"""How long work tells how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told of each stage of some work; the command line draws a bar of it."""

    def begin(self, stage: str, total: int | None = None) -> None: ...

    def advance(self, by: int = 1) -> None: ...


class Quiet:
    """For work that nobody watches."""

    def begin(self, stage: str, total: int | None = None) -> None: ...

    def advance(self, by: int = 1) -> None: ...
