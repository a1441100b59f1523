"""A bar for long work, on the terminal alone: what is piped or asked for as JSON stays clean."""

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from app.cli.output import complaints


class ProgressBar:
    """Shows the stages of some work, one line each, while it is entered as a context manager."""

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=complaints,
            disable=not complaints.is_terminal,
        )
        self._stage: TaskID | None = None

    def begin(self, stage: str, total: int | None = None) -> None:
        self._finish()
        self._stage = self._bars.add_task(stage, total=total)

    def advance(self, by: int = 1) -> None:
        if self._stage is not None:
            self._bars.advance(self._stage, by)

    def reach(self, done: int, of: int) -> None:
        if self._stage is not None:
            self._bars.update(self._stage, completed=done, total=of)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._bars.stop()

    def _finish(self) -> None:
        """What has ended is as long as it was."""
        if self._stage is not None:
            task = self._bars.tasks[self._stage]
            self._bars.update(self._stage, total=task.completed, completed=task.completed)
