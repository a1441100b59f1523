"""What the commands of topics, intervals, configs and instructions have in common."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.catalog import configs, instructions, intervals, topics
from app.cli.output import columns_of, print_row, print_rows, say
from app.cli.running import note, run, run_in_session
from app.core.postgres import named_rows
from app.models import Config, Instruction, Interval, Topic
from app.prompts import schedule
from app.runtime import Runtime

Kind = TypeVar("Kind", Topic, Interval, Config, Instruction)

MODULES: dict[Any, Any] = {Topic: topics, Interval: intervals, Config: configs, Instruction: instructions}
# Who makes pages that follow a change.
BY_WHOM = "by the running service, or by the next one that starts"
# What a table shows; JSON has everything.
COLUMNS: dict[str, tuple[str, ...]] = {
    "topic": ("id", "name", "memo"),
    "interval": ("id", "name", "expression", "time_zone", "next_at"),
    "config": ("id", "name", "type", "text"),
    "instruction": ("id", "name", "text", "config"),
}


def print_all(kind: type[Kind], *, as_json: bool) -> None:
    rows = run_in_session(lambda session: named_rows.list_all(session, kind))
    print_rows([columns_of(row) for row in rows], as_json=as_json, columns=COLUMNS[_noun(kind)])


def get(kind: type[Kind], reference: str) -> Kind:
    return run_in_session(lambda session: named_rows.get(session, kind, reference))


def add(row: Kind, *, as_json: bool) -> None:
    noun = _noun(type(row))

    async def work(runtime: Runtime) -> Kind:
        async with runtime.database.session() as session:
            added: Kind = await MODULES[type(row)].add(session, row)
            note(session, f"{noun}.add", f"{noun} {added.id}", name=added.name)
            return added

    added = run(work)
    print_row(columns_of(added), as_json=as_json)
    say(f"Added {noun} {added.id}, {added.name}.")


def edit(kind: type[Kind], reference: str, changes: Mapping[str, Any], *, as_json: bool) -> None:
    noun = _noun(kind)

    async def work(runtime: Runtime) -> Kind:
        async with runtime.database.session() as session:
            row = await named_rows.get(session, kind, reference)
            await MODULES[kind].edit(session, row, changes)
            note(session, f"{noun}.edit", f"{noun} {row.id}", changed=sorted(changes))
        if not isinstance(row, Interval):
            return row
        await schedule.roll_forward(runtime.database)
        async with runtime.database.session() as session:
            return await named_rows.get(session, kind, row.name)

    edited = run(work)
    print_row(columns_of(edited), as_json=as_json)
    say(f"Changed {noun} {edited.id}, {edited.name}.")


def remove(kind: type[Kind], reference: str) -> None:
    noun = _noun(kind)

    async def work(runtime: Runtime) -> Kind:
        async with runtime.database.session() as session:
            row = await named_rows.get(session, kind, reference)
            await MODULES[kind].remove(session, row)
            note(session, f"{noun}.remove", f"{noun} {row.id}", name=row.name)
            return row

    removed = run(work)
    say(f"Removed {noun} {removed.id}, {removed.name}.")


def _noun(kind: type[Any]) -> str:
    return kind.__name__.lower()
