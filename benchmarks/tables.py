"""Tables for the terminal and for Markdown, and what is to be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Target:
    """Something to be reached, and whether it was."""

    name: str
    wanted: str
    reached: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table before it is drawn."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_markdown(self) -> str:
        lines = [f"## {self.title}", "", _line(self.head), _line(["---"] * len(self.head))]
        return "\n".join([*lines, *(_line(row) for row in self.rows), ""])

    def as_table(self) -> Table:
        table = Table(title=self.title, title_justify="left", highlight=False)
        for place, name in enumerate(self.head):
            table.add_column(name, justify="left" if place == 0 else "right", no_wrap=place == 0)
        for row in self.rows:
            table.add_row(*row)
        return table


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
