"""What the commands of topics, intervals, configs, instructions and directories have in common."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel

from app.cli.output import columns_of, print_row, print_rows, say

# Who makes pages that follow a change.
BY_WHOM = "by the running service, or by the next one that starts"
# What a table shows; JSON has everything.
COLUMNS: dict[str, tuple[str, ...]] = {
    "topic": ("id", "name", "memo"),
    "interval": ("id", "name", "expression", "time_zone", "next_at"),
    "config": ("id", "name", "type", "text"),
    "instruction": ("id", "name", "text", "config"),
}


class Named(Protocol):
    """A row of a table, or a model of the facade."""

    id: int
    name: str


def print_list(noun: str, rows: Sequence[BaseModel], *, as_json: bool) -> None:
    print_rows([columns_of(row) for row in rows], as_json=as_json, columns=COLUMNS[noun])


def print_added(noun: str, added: Named, *, as_json: bool) -> None:
    print_row(columns_of(added), as_json=as_json)
    say(f"Added {noun} {added.id}, {added.name}.")


def print_changed(noun: str, changed: Named, *, as_json: bool) -> None:
    print_row(columns_of(changed), as_json=as_json)
    say(f"Changed {noun} {changed.id}, {changed.name}.")


def say_removed(noun: str, removed: Named) -> None:
    say(f"Removed {noun} {removed.id}, {removed.name}.")
