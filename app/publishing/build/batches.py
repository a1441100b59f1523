"""A part of a rebuild, small enough for publications to wait for, in a process of its own or in this one."""

import asyncio
import os
import threading
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection, wait

from app.core import storage
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.models import Directory
from app.publishing.build import page_queries
from app.publishing.build.asset_copies import Copies
from app.publishing.build.html_renderer import Output, Removal
from app.publishing.build.parts import Part
from app.publishing.build.workshop import OpenWorkshop, Workshop
from app.publishing.build.writer import Editor
from app.publishing.model import File
from app.sites.errors import no_site

# How much less urgent than all else a gentle worker is, of 19 at most.
NICENESS = 10


class Mode(StrEnum):
    """Write everything; write what is not as it should be; or only look."""

    REBUILD = "rebuild"
    MEND = "mend"
    LOOK = "look"


_COPIES = {Mode.REBUILD: Copies.TRUSTED, Mode.MEND: Copies.MENDED, Mode.LOOK: Copies.LOOKED_AT}


@dataclass(frozen=True)
class Findings:
    """What a slice came to; `expected` are the paths of its files, given when there was something to compare."""

    files: int = 0
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)


async def work_on(workshop: Workshop, dir_id: int, parts: Sequence[Part], mode: Mode) -> Findings:
    """Render some parts of a site, with nobody publishing there meanwhile."""
    async with workshop.turns.beside_others(dir_id):
        async with workshop.database.session() as session:
            directory = await session.get(Directory, dir_id)
        if directory is None:
            raise no_site(dir_id)
        editor = workshop.editor(directory)
        outputs = await editor.render(parts, copies=_COPIES[mode])
        if mode == Mode.REBUILD:
            await editor.put(outputs)
            await _record(workshop.database, editor, outputs)
            return Findings(files=sum(isinstance(output, File) for output in outputs))
        found, wrong = await _compared(editor, outputs)
        if mode == Mode.MEND and wrong:
            await editor.put(wrong)
            await _record(workshop.database, editor, outputs)
        return found


async def _compared(editor: Editor, outputs: Sequence[Output]) -> tuple[Findings, list[Output]]:
    """What is not as it should be, and what would make it so."""
    found, wrong = Findings(files=sum(isinstance(output, File) for output in outputs)), []
    for output in outputs:
        body = await storage.read(editor.store, output.path)
        if isinstance(output, Removal):
            if body is None:
                continue
            found.unwanted.append(output.path)
        else:
            found.expected.append(output.path)
            if body == output.body:
                continue
            (found.missing if body is None else found.stale).append(output.path)
        wrong.append(output)
    found.expected.extend(editor.supplies.paths)
    found.missing.extend(sorted(editor.supplies.wrong))
    return found, wrong


async def _record(database: Database, editor: Editor, outputs: Sequence[Output]) -> None:
    """The lists say what the pages say: where another renderer made another title, they follow."""
    proofs = editor.proofs(outputs)
    if proofs:
        async with database.session() as session:
            await page_queries.record_proofs(
                session, dir_id=editor.dir_id, proofs=proofs, renderer=editor.renderer
            )


# --- in a process of its own ---


class _Worker:
    """What one process keeps from slice to slice."""

    runner: asyncio.Runner
    opened: AbstractAsyncContextManager[Workshop]
    workshop: Workshop


def start_worker(open_workshop: OpenWorkshop, settings: Settings, is_gentle: bool, lifeline: Connection) -> None:
    """Called once in each process; a gentle one gives way to all others of the machine.

    It ends when nobody holds the other end of `lifeline` any more, whatever it is doing then.
    """
    if is_gentle and hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()
    _Worker.runner = asyncio.Runner()
    # It is closed with the process.
    _Worker.opened = open_workshop(settings)
    _Worker.workshop = _Worker.runner.run(_Worker.opened.__aenter__())


def _end_with(lifeline: Connection) -> None:
    """A process that is killed tells its workers nothing; they would wait for their next slice for ever."""
    # Nothing is ever sent: the end of the line is all there is to read.
    wait([lifeline])
    os._exit(1)


def work_in_worker(dir_id: int, parts: Sequence[Part], mode: Mode) -> Findings:
    return _Worker.runner.run(work_on(_Worker.workshop, dir_id, parts, mode))
