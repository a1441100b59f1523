"""What the commands of topics, intervals, configs, instructions and directories have in common."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.cli.output import columns_of, print_row, print_rows, say
from app.cli.running import Installation, note, run, run_in_session
from app.models import Config, Directory, Instruction, Interval, Topic
from app.prompts import catalog, schedule

Kind = TypeVar("Kind", Topic, Interval, Config, Instruction, Directory)

# Who makes pages that follow a change.
BY_WHOM = "by the running service, or by the next one that starts"
# What a table shows; JSON has everything.
COLUMNS: dict[str, tuple[str, ...]] = {
    "topic": ("id", "name", "memo"),
    "interval": ("id", "name", "expression", "time_zone", "next_at"),
    "config": ("id", "name", "type", "text"),
    "instruction": ("id", "name", "text", "config"),
    "directory": ("id", "name", "path", "title", "language", "tmpl", "theme"),
}


def print_all(kind: type[Kind], *, as_json: bool) -> None:
    rows = run_in_session(lambda session: catalog.list_all(session, kind))
    print_rows([columns_of(row) for row in rows], as_json=as_json, columns=COLUMNS[_noun(kind)])


def get(kind: type[Kind], reference: str) -> Kind:
    return run_in_session(lambda session: catalog.get(session, kind, reference))


def add(row: Kind, *, as_json: bool) -> None:
    noun = _noun(type(row))

    async def work(here: Installation) -> Kind:
        async with here.database.session() as session:
            added = await catalog.add(session, here.settings, row)
            note(session, f"{noun}.add", f"{noun} {added.id}", name=added.name)
            return added

    added = run(work)
    print_row(columns_of(added), as_json=as_json)
    say(f"Added {noun} {added.id}, {added.name}.")


def edit(kind: type[Kind], reference: str, changes: Mapping[str, Any], *, as_json: bool) -> None:
    noun = _noun(kind)

    async def work(here: Installation) -> Kind:
        async with here.database.session() as session:
            row = await catalog.get(session, kind, reference)
            await catalog.edit(session, here.settings, row, changes)
            note(session, f"{noun}.edit", f"{noun} {row.id}", changed=sorted(changes))
        if not isinstance(row, Interval):
            return row
        await schedule.roll_forward(here.database)
        async with here.database.session() as session:
            return await catalog.get(session, kind, row.name)

    edited = run(work)
    print_row(columns_of(edited), as_json=as_json)
    say(f"Changed {noun} {edited.id}, {edited.name}.")


def remove(kind: type[Kind], reference: str) -> None:
    noun = _noun(kind)

    async def work(here: Installation) -> Kind:
        async with here.database.session() as session:
            row = await catalog.get(session, kind, reference)
            await catalog.remove(session, row)
            note(session, f"{noun}.remove", f"{noun} {row.id}", name=row.name)
            return row

    removed = run(work)
    say(f"Removed {noun} {removed.id}, {removed.name}.")


def _noun(kind: type[Any]) -> str:
    return kind.__name__.lower()
