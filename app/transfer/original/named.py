"""Topics, intervals, instructions, configs and directories."""

from collections.abc import Callable
from pathlib import Path

from slugify import slugify
from sqlmodel import SQLModel

from app.core import errors
from app.models import Config, Directory, Instruction, Interval, Topic
from app.sites import location, validation
from app.transfer.original.context import NOUNS, Context, Draft
from app.transfer.original.intervals import Converted, cron_of, is_cron
from app.transfer.original.values import OddRow, SetAside, shown
from app.transfer.queries import Columns
from schemas.prompt import GenerationType

# What the original writes is Markdown for MkDocs.
MARKDOWN = "mkdocs"


def topic(row: OddRow, context: Context) -> Draft:
    return _named(Topic, row, context, {"memo": row.optional_text("memo")})


def interval(row: OddRow, context: Context) -> Draft:
    columns = {
        "expression": _expression(row),
        "time_zone": context.zone.key,
        "memo": row.optional_text("memo"),
    }
    return _named(Interval, row, context, columns, same=("expression", "time_zone"))


def instruction(row: OddRow, context: Context) -> Draft:
    columns = {
        "text": row.text("text"),
        "config": row.json_object("config"),
        "memo": row.optional_text("memo"),
    }
    return _named(Instruction, row, context, columns, same=("text", "config"))


def config(row: OddRow, context: Context) -> Draft:
    columns = {"type": generation_type(row), "text": row.json_object("text") or {}}
    return _named(Config, row, context, columns, same=("type", "text"))


def directory(row: OddRow, context: Context) -> Draft:
    """A site that MkDocs makes from Markdown, as all of the original's are."""
    draft = _named(Directory, row, context, {})
    if draft.adopted_id is not None:
        return draft
    if row.raw("tmpl") not in (None, "default"):
        row.mend(f"tmpl is {shown(row.raw('tmpl'))}", f"`{MARKDOWN}`")
    site = Directory(name=draft.columns["name"], path="", tmpl=MARKDOWN)
    _place(site, row, context)
    context.directories.append(site)
    draft.columns |= {"name": site.name, "path": site.path, "tmpl": site.tmpl, "language": site.language}
    # Dates and file names of its pages are local times, as before.
    draft.columns["time_zone"] = context.zone.key
    return draft


CONVERTERS: dict[str, tuple[type[SQLModel], Callable[[OddRow, Context], Draft]]] = {
    "gaiTopic": (Topic, topic),
    "gaiInterval": (Interval, interval),
    "gaiInstruction": (Instruction, instruction),
    "gaiConfig": (Config, config),
    "gaiDirectory": (Directory, directory),
}


def generation_type(row: OddRow) -> GenerationType:
    """Raises SetAside: nobody could work on anything else."""
    try:
        return GenerationType(row.raw("type"))
    except ValueError as unknown:
        raise SetAside(f"type is {shown(row.raw('type'))}, neither gentxt nor genimg") from unknown


def _named(
    table: type[SQLModel], row: OddRow, context: Context, columns: Columns, *, same: tuple[str, ...] = ()
) -> Draft:
    """A row with a name of its own, or the row of ours that has the name and says the `same`."""
    name = row.text("name")
    present = context.existing[table].get(name)
    if present is not None and all(getattr(present, column) == columns[column] for column in same):
        return Draft(adopted_id=present.id)
    modified_at = row.needed_instant("lastModified")
    return Draft(
        {"name": _free_name(table, row, name, context), "created_at": modified_at, "modified_at": modified_at}
        | columns
    )


def _free_name(table: type[SQLModel], row: OddRow, name: str, context: Context) -> str:
    wanted = name if name.strip() else f"{NOUNS[row.table]} {row.id}"
    taken, number, free = context.taken[table], 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted} ({number})"
    if not name.strip():
        row.mend("name is empty", f"named {free!r}")
    elif free != name:
        row.mend(f"another {NOUNS[row.table]} here is named {name!r}", f"named {free!r}")
    taken.add(free)
    return free


def _expression(row: OddRow) -> str:
    """Five-field Cron: as the memo shows it, or as the modifier means it. Raises SetAside."""
    given, memo = row.text("expr").strip(), row.text("memo").strip()
    meant = Converted(given) if is_cron(given) else cron_of(given)
    if is_cron(memo):
        if meant and meant.is_exact and meant.expression != memo:
            row.note(f"expr {given!r} says `{meant.expression}`, memo `{memo}`", "the memo's counts")
        return memo
    if meant is None:
        raise SetAside(f"expr {shown(given)} is no span of time, nor is memo {shown(row.raw('memo'))} a Cron text")
    if not meant.is_exact:
        row.mend(f"no Cron expression says {given!r}", f"the nearest, `{meant.expression}`")
    return meant.expression


def _place(site: Directory, row: OddRow, context: Context) -> None:
    """Where its pages were, if the operator allows that place; otherwise below our sites' folder."""
    _name_site(site, row, context)
    theirs = row.text("path")
    folder = Path(theirs).expanduser()
    # The original kept the folder of the Markdown, we keep that of the site around it.
    site.path = str(folder.parent if folder.name == "docs" else folder)
    if folder.is_absolute() and _is_free(site, context):
        row.note(f"its pages were in {theirs}", "new ones go there too")
        return
    site.path = slugify(site.name, max_length=60) or f"site-{row.id}"
    try:
        location.take_free_path(context.settings, site, context.directories)
    except errors.Conflict as taken:
        # Another site is in the folder of this one's name.
        site.name = _free_name(Directory, row, f"{site.name} ({row.id})", context)
        row.mend(str(taken), f"named {site.name!r}")
        location.take_free_path(context.settings, site, context.directories)
    row.note(f"its pages were in {theirs}", f"new ones go to `{site.path}` below the sites' folder")


def _name_site(site: Directory, row: OddRow, context: Context) -> None:
    try:
        validation.check(site)
    except errors.Invalid as odd:
        given, site.name = site.name, _free_name(Directory, row, f"directory {row.id}", context)
        row.mend(f"name {shown(given)} {odd.reasons['name']}", f"named {site.name!r}")


def _is_free(site: Directory, context: Context) -> bool:
    try:
        return location.conflict(context.settings, site, context.directories) is None
    except errors.Invalid:
        return False
