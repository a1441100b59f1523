"""What `pygai directory add`, `edit` and `remove` do to pages and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from app.cli.output import columns_of, print_row, say
from app.cli.progress import ProgressBar
from app.cli.running import note, run
from app.cli.things import BY_WHOM
from app.core import errors
from app.core.postgres import named_rows
from app.core.settings import Settings
from app.models import Directory
from app.publishing.build.workshop import Workshop
from app.publishing.closing import Closed, Closing, Files
from app.runtime import Runtime
from app.sites import service as sites
from app.sites.location import location_of


@dataclass(frozen=True)
class _Edited:
    directory: Directory
    is_shown: bool
    # Where it was kept, when that is another place than now.
    left: str | None


def edit(reference: str, changes: Mapping[str, Any], *, as_json: bool) -> None:
    async def work(runtime: Runtime) -> _Edited:
        async with runtime.database.session() as session:
            row = await named_rows.get(session, Directory, reference)
            was, place = columns_of(row), _place(runtime.settings, row)
            await sites.edit(session, runtime.settings, row, changes)
            note(session, "directory.edit", f"directory {row.id}", changed=sorted(changes))
        is_shown = any(getattr(row, name) != was[name] for name in changes)
        return _Edited(row, is_shown, place if place != _place(runtime.settings, row) else None)

    edited = run(work)
    row = edited.directory
    print_row(columns_of(row), as_json=as_json)
    say(f"Changed directory {row.id}, {row.name}.")
    if edited.is_shown:
        say_renewed(row.name)
    if edited.left:
        say(f"What has been written so far stays in {edited.left}; nobody looks after it there any more.")


def say_renewed(name: str, *, verb: str = "made anew") -> None:
    say(f"Its pages are {verb} {BY_WHOM}; `pygai publish --all --site {quote(name)}` does it now.")


def remove(reference: str, *, files: Files) -> None:
    async def work(runtime: Runtime) -> Closed:
        async with runtime.database.session() as session:
            row = await named_rows.get(session, Directory, reference)
        publisher = runtime.publisher
        closed = await _closed(publisher.workshop, row, files)
        async with runtime.database.session() as session:
            note(session, "directory.remove", f"directory {row.id}", name=row.name, files=files.value)
        return closed

    closed = run(work)
    say(f"Removed directory {closed.directory.id}, {closed.directory.name}.")
    say(_said_of_files(closed, files))


async def _closed(workshop: Workshop, directory: Directory, files: Files) -> Closed:
    with ProgressBar() as bar:
        if files == Files.DELETED:
            bar.begin(f"Looking through {directory.name}")
        return await Closing(workshop, directory).close(bar.reach, files=files)


def _said_of_files(closed: Closed, files: Files) -> str:
    place = closed.location or "their place"
    if files == Files.DELETED:
        return f"{closed.deleted} files were deleted; what was not made here is still in {place}."
    return f"Its files stay in {place}; nobody looks after them any more."


def _place(settings: Settings, directory: Directory) -> str | None:
    """None for a place that is not allowed any more."""
    try:
        return location_of(settings, directory)
    except errors.Invalid:
        return None
