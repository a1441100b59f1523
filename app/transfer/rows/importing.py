"""Reading prompts or contents from lines: all of a file, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.contents import queries as content_queries
from app.contents.files import fetch_job
from app.contents.jobs import FETCH_FILE
from app.core import errors
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.jobs.queue import enqueue_in_session
from app.transfer import queries
from app.transfer.progress import Progress, Quiet
from app.transfer.report import Remark, RemarkKind, Report
from app.transfer.rows import contents, formats, prompts
from app.transfer.rows import queries as row_queries
from app.transfer.rows.batch import Incoming, Marks
from app.transfer.rows.exporting import as_record
from app.transfer.rows.finding import MODELS, find_marks, find_rows
from app.transfer.rows.formats import Entry
from app.transfer.rows.kinds import RowFormat, RowKind
from app.transfer.rows.lines import LINES, PromptLine
from app.transfer.rows.references import NamedRows, Unusable

BATCH = 500
MOST_REASONS = 100

# What the place a row is in decides, so that it says nothing about a row having been changed.
UNCOMPARED = {
    "id",
    "prompt_id",
    "prompt_created_at",
    "is_last_of_prompt",
    "last_content_id",
    "last_content_created_at",
    "interval_expression",
    "interval_time_zone",
    "config_type",
    "config_text",
    "instruction_text",
    "instruction_config",
    "directory_path",
    "directory_settings",
    "files",
}


async def import_rows(
    database: Database,
    settings: Settings,
    *,
    path: Path,
    kind: RowKind | None = None,
    skips_bad: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Add the rows of a file that are not here yet; those that are stay as they are.

    Raises Invalid when lines are broken, naming them, unless `skips_bad`; nothing is changed then.
    """
    progress = progress or Quiet()
    held: RowKind = await asyncio.to_thread(kind_of, path) if kind is None else kind
    await asyncio.to_thread(refuse_other_columns, path, held)
    progress.begin(held)
    async with database.session() as session:
        await queries.lock_imports(session)
        importer = RowImporter(session, settings, held, skips_bad=skips_bad)
        await importer.begin()
        async for batch in _batches(path):
            await importer.add(batch)
            progress.advance(len(batch))
        importer.refuse_broken()
        return importer.report


def kind_of(path: Path) -> RowKind:
    """Told from the columns. Raises Invalid."""
    columns = set(formats.columns_of(path))
    if "type" in columns:
        return RowKind.PROMPTS
    if columns & {"hist_id", "hist_prompt_id", "prompt_id", "cron_id"}:
        return RowKind.CONTENTS
    raise errors.Invalid(
        {"file": f"{path} does not tell what it holds; say it with --kind prompts or --kind contents"}
    )


def refuse_other_columns(path: Path, kind: RowKind) -> None:
    """A CSV file has the same columns in all its rows, so one word about them is enough. Raises Invalid."""
    if formats.format_of(path) is not RowFormat.CSV:
        return
    fields, columns = LINES[kind].model_fields, formats.columns_of(path)
    unknown = [name for name in columns if name not in fields]
    missing = [name for name, field in fields.items() if field.is_required() and name not in columns]
    if unknown:
        raise errors.Invalid({"file": f"has columns that {kind} have not: {', '.join(unknown)[:200]}"})
    if missing:
        raise errors.Invalid({"file": f"lacks columns that {kind} must have: {', '.join(missing)}"})


async def _batches(path: Path) -> AsyncIterator[Sequence[Entry]]:
    entries = formats.decode(formats.format_of(path), path)
    while batch := await asyncio.to_thread(lambda: list(islice(entries, BATCH))):
        yield batch


class RowImporter:
    """One import; broken lines are gathered to be told together."""

    def __init__(self, session: AsyncSession, settings: Settings, kind: RowKind, *, skips_bad: bool) -> None:
        self.report = Report()
        self._session = session
        self._settings = settings
        self._kind = kind
        self._skips_bad = skips_bad
        self._keeps_ids = False
        self._marks = Marks(kind)
        self._named = NamedRows(session, settings, self.report)
        self._now = datetime.now(UTC)
        self._tally = self.report.tallies[kind]

    async def begin(self) -> None:
        self._keeps_ids = await queries.is_empty(self._session, MODELS[self._kind])
        await self._named.load()

    async def add(self, entries: Sequence[Entry]) -> None:
        lines = [new for entry in entries if (new := self._checked(entry))]
        fresh = await self._fresh(lines)
        references = await self._resolved(fresh)
        good = [new for new in fresh if new.number in references]
        if not good or self._is_in_vain:
            return
        await self._number(good)
        unfinished: list[int] = []
        if self._kind is RowKind.PROMPTS:
            ids = [references[new.number] for new in good]
            await prompts.add_prompts(self._session, good, ids, self._now)
        else:
            unfinished = await contents.add_contents(self._session, good, self._now)
        await queries.add_origins(self._session, MODELS[self._kind], {new.mark: new.id for new in good})
        await self._fetch(unfinished)
        self._count(good)

    def refuse_broken(self) -> None:
        """Raises Invalid when lines are broken and not to be skipped."""
        broken = [remark for remark in self.report.remarks if remark.kind is RemarkKind.SET_ASIDE]
        if self._skips_bad or not broken:
            return
        reasons = {f"line {remark.row}": remark.what for remark in broken[:MOST_REASONS]}
        more = f" and {len(broken) - MOST_REASONS} more" if len(broken) > MOST_REASONS else ""
        raise errors.Invalid(
            reasons
            | {"file": f"{len(reasons)}{more} broken lines, so nothing was imported; --skip-bad imports the rest"}
        )

    @property
    def _is_in_vain(self) -> bool:
        """Whether nothing will be kept, so that only the other broken lines are still of interest."""
        return self._tally.set_aside > 0 and not self._skips_bad

    def _checked(self, entry: Entry) -> Incoming | None:
        if entry.record is None:
            self._break(entry.line, entry.reason)
            return None
        given = {name: value for name, value in entry.record.items() if value is not None}
        try:
            line = LINES[self._kind].model_validate(given)
        except ValidationError as invalid:
            self._break(entry.line, "; ".join(_reason(problem) for problem in invalid.errors()))
            return None
        # An absent and an empty time are different things here: the row is new, or nothing makes it due.
        line.model_fields_set.update(entry.record.keys() & LINES[self._kind].model_fields.keys())
        refused = prompts.refusal(line) if isinstance(line, PromptLine) else None
        if refused is not None:
            self._break(entry.line, refused)
            return None
        return Incoming(entry.line, line, self._marks.of(line))

    def _break(self, number: int, reason: str) -> None:
        self._tally.set_aside += 1
        self.report.add([Remark(self._kind, number, RemarkKind.SET_ASIDE, reason, "left out")])

    async def _fresh(self, lines: Sequence[Incoming]) -> list[Incoming]:
        here = await find_rows(self._session, self._kind, [new.identity for new in lines])
        marked = await find_marks(self._session, self._kind, [new.mark for new in lines])
        fresh, seen = [], set[bytes]()
        for new in lines:
            known = (here.get(new.identity) if new.identity else None) or marked.get(new.mark)
            new.id = known or 0
            if known or new.mark in seen:
                self._tally.already_there += 1
            else:
                fresh.append(new)
            seen.add(new.mark)
        await self._note_changed([new for new in lines if new.id])
        return fresh

    async def _note_changed(self, present: Sequence[Incoming]) -> None:
        """A row that is here stays as it is; where the file says otherwise, that is told."""
        rows = await row_queries.list_records(self._session, self._kind, [new.id for new in present])
        ours = {
            row["id"]: LINES[self._kind].model_validate(as_record(row, self._kind, self._settings)) for row in rows
        }
        for new in present:
            names = sorted(new.line.model_fields_set - UNCOMPARED)
            changed = [name for name in names if getattr(new.line, name) != getattr(ours[new.id], name)]
            if changed:
                what = f"{self._kind.rstrip('s')} {new.id} is here already, with another {', '.join(changed)}"
                self.report.add([Remark(self._kind, new.number, RemarkKind.NOTED, what, "left as it is here")])

    async def _resolved(self, fresh: Sequence[Incoming]) -> dict[int, dict[str, Any]]:
        """What each line refers to, by its number; a line that cannot be resolved is broken."""
        if self._kind is RowKind.CONTENTS:
            return {new.number: {} for new in fresh}
        resolved = {}
        for new in fresh:
            try:
                resolved[new.number] = await self._named.resolve(new.line)
            except Unusable as reason:
                self._break(new.number, str(reason))
        return resolved

    async def _number(self, lines: Sequence[Incoming]) -> None:
        """Ids as they were, in a table that was empty; new ones otherwise."""
        model, kept = MODELS[self._kind], dict[int, Incoming]()
        for new in lines if self._keeps_ids else ():
            if new.line.id is not None:
                kept.setdefault(new.line.id, new)
        # Lines without an id may have been given one that a later line has.
        for taken in await queries.list_present(self._session, model, list(kept)):
            del kept[taken]
        for id_, new in kept.items():
            new.id = id_
        if kept:
            await queries.raise_sequence(self._session, model, past=max(kept))
        others = [new for new in lines if not new.id]
        for new, id_ in zip(others, await queries.next_ids(self._session, model, len(others)), strict=True):
            new.id = id_

    async def _fetch(self, content_ids: Sequence[int]) -> None:
        for content_id in content_ids:
            files = await content_queries.list_files(self._session, content_id=content_id)
            unfinished = [file for file in files if contents.is_unfinished(file.status)]
            jobs = [fetch_job(file.id, file.source, None) for file in unfinished]
            await enqueue_in_session(self._session, FETCH_FILE, *jobs)

    def _count(self, lines: Sequence[Incoming]) -> None:
        self._tally.imported += len(lines)
        for new in lines:
            self._tally.mended += bool(new.remarks)
            self.report.add(new.remarks)


def _reason(problem: Any) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else str(problem["msg"])
