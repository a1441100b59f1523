"""Importing an original database: all of it in one transaction, or nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.postgres.database import Database
from app.core.settings import Settings
from app.media import queries as media_queries
from app.media.library import MediaLibrary
from app.models import Content, Directory, Interval, Prompt, Publication
from app.sites import queries as site_queries
from app.transfer import queries
from app.transfer.original import completing, named
from app.transfer.original.context import Context, Draft
from app.transfer.original.files import Shelf, taken_apart
from app.transfer.original.plans import PLANS, Plan, fingerprint
from app.transfer.original.source import OriginalDatabase, Values
from app.transfer.original.values import OddRow, SetAside
from app.transfer.progress import Progress, Quiet
from app.transfer.report import Report

# Beyond it, programs that read JSON no longer tell one number from the next.
GREATEST_ID = 2**53 - 1


async def import_original(
    database: Database,
    settings: Settings,
    library: MediaLibrary,
    *,
    path: Path,
    zone: ZoneInfo,
    uploads: Path | None = None,
    downloads: Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring over everything that is not here yet. `zone` is the one the original wrote its times in.

    Raises Invalid for a file that is damaged or no such database; nothing is changed then.
    """
    async with OriginalDatabase(path) as source:
        shelves = Shelf(uploads, option="--uploads"), Shelf(downloads, option="--downloads")
        await _keep_files(source, library, *shelves, progress or Quiet())
        async with database.session() as session:
            await queries.lock_imports(session)
            await site_queries.lock_places(session)
            context = await _context(session, settings, zone, *shelves)
            importer = Importer(session, source, context, progress or Quiet())
            return await importer.run()


async def _keep_files(
    source: OriginalDatabase, library: MediaLibrary, uploads: Shelf, downloads: Shelf, progress: Progress
) -> None:
    # Before the transaction: while bytes travel, none is open.
    for table, shelf in (("gaiPrompt", uploads), ("gaiContent", downloads)):
        if not shelf.is_given:
            continue
        progress.begin(f"{table}.files", await source.count(table))
        async for batch in source.rows(f"SELECT id, files FROM {table} ORDER BY id"):
            for values in batch:
                entries = OddRow(table, values, ZoneInfo("UTC"), datetime.now(UTC)).names("files")
                await shelf.keep(library, entries)
                await shelf.keep(library, [name for entry in entries for name in taken_apart(entry, shelf)])
            progress.advance(len(batch))


async def _context(
    session: AsyncSession, settings: Settings, zone: ZoneInfo, uploads: Shelf, downloads: Shelf
) -> Context:
    rows = {model: await queries.list_rows(session, model) for model, _ in named.CONVERTERS.values()}
    existing = {model: {row.name: row for row in found} for model, found in rows.items()}
    return Context(
        settings,
        zone,
        datetime.now(UTC),
        uploads,
        downloads,
        existing=existing,
        taken={model: set(names) for model, names in existing.items()},
        directories=list(rows[Directory]),
    )


class Importer:
    """One import: the tables in the order of their references, each in batches."""

    def __init__(
        self, session: AsyncSession, source: OriginalDatabase, context: Context, progress: Progress
    ) -> None:
        self._session = session
        self._source = source
        self._context = context
        self._progress = progress
        self._keeps_ids = False
        self._report = Report()

    async def run(self) -> Report:
        self._keeps_ids = await queries.is_empty(self._session, *queries.GAI_TABLES)
        for plan in PLANS:
            await self._import_table(plan)
            if plan.model is Interval:
                for interval in await queries.list_rows(self._session, Interval):
                    self._context.schedules[interval.id] = (interval.expression, interval.time_zone)
            if plan.model is Content:
                await self._join_last_contents()
        await self._set_aside_attachments()
        self._add_notes()
        return self._report

    async def _import_table(self, plan: Plan) -> None:
        if plan.kind is None:
            await self._reserve_ids(plan)
            self._progress.begin(plan.table, await self._source.count(plan.table))
        async for batch in self._source.rows(plan.query):
            await self._import_batch(plan, batch)
            if plan.kind is None:
                self._progress.advance(len(batch))

    async def _reserve_ids(self, plan: Plan) -> None:
        query = f"SELECT max(id) AS id FROM {plan.table} WHERE id BETWEEN 1 AND {GREATEST_ID}"
        async for batch in self._source.rows(query):
            if self._keeps_ids and batch[0]["id"]:
                await queries.raise_sequence(self._session, plan.model, past=batch[0]["id"])

    async def _import_batch(self, plan: Plan, batch: Sequence[Values]) -> None:
        prints = {fingerprint(plan, values): values for values in batch}
        known = await self._known(plan, prints)
        fresh = {mark: values for mark, values in prints.items() if mark not in known}
        ids = await self._new_ids(plan, fresh)
        drafts: dict[int, Draft] = {}
        origins: dict[bytes, int] = {}
        for mark, values in fresh.items():
            draft = self._converted(plan, values, ids[mark])
            if draft is None:
                continue
            ours = draft.adopted_id or ids[mark]
            origins[mark] = ours
            if draft.adopted_id is None:
                drafts[ours] = draft
            self._remember(plan, values, ours)
        await self._write(plan, drafts)
        await queries.add_origins(self._session, plan.model, origins)

    async def _known(self, plan: Plan, prints: dict[bytes, Values]) -> set[bytes]:
        """Those that an earlier import brought over, whether or not they are still here."""
        origins = await queries.find_origins(self._session, list(prints))
        present = await queries.list_present(self._session, plan.model, list(origins.values()))
        for mark, ours in origins.items():
            self._remember(plan, prints[mark], ours if ours in present else None)
        self._report.tallies[plan.table].already_there += len(origins)
        await self._complete(plan, {ours: prints[mark] for mark, ours in origins.items() if ours in present})
        return set(origins)

    async def _complete(self, plan: Plan, rows: dict[int, Values]) -> None:
        """Give rows of an earlier import the files whose folder was not given then."""
        if plan.kind is not None or not rows:
            return
        context, completed = self._context, 0
        if plan.model is Content and context.downloads.is_given:
            completed = await completing.complete_files(self._session, context.downloads, list(rows))
        if plan.model is Prompt and context.uploads.is_given:
            completed = await completing.complete_attachments(self._session, context, rows)
        if completed:
            self._report.tallies[f"{plan.table}.files"].imported += completed

    async def _new_ids(self, plan: Plan, fresh: dict[bytes, Values]) -> dict[bytes, int]:
        keeps = self._keeps_ids and plan.kind is None
        ids = {mark: row["id"] for mark, row in fresh.items() if keeps and 0 < row["id"] <= GREATEST_ID}
        others = [mark for mark in fresh if mark not in ids]
        if others:
            ids |= zip(others, await queries.next_ids(self._session, plan.model, len(others)), strict=True)
        return ids

    def _converted(self, plan: Plan, values: Values, our_id: int) -> Draft | None:
        row = OddRow(plan.table, values, self._context.zone, self._context.now)
        tally = self._report.tallies[plan.table]
        try:
            draft: Draft | None = plan.convert(row, self._context, our_id)
        except SetAside as reason:
            row.set_aside(str(reason))
            tally.set_aside += 1
            self._remember(plan, values, None)
            draft = None
        if draft is not None and draft.adopted_id is not None:
            tally.already_there += 1
        elif draft is not None:
            if self._keeps_ids and plan.kind is None and our_id != row.id:
                row.mend(f"id is {row.id}", f"{our_id}")
            draft.columns["id"] = our_id
            tally.imported += 1
            tally.mended += row.is_mended
        self._report.add(row.remarks)
        return draft

    def _remember(self, plan: Plan, values: Values, ours: int | None) -> None:
        if plan.model is Publication:
            return
        references = self._context.references
        references.ids[plan.table][values["id"]] = ours
        if plan.table in named.CONVERTERS:
            references.originals[plan.table][values["id"]] = values
        if plan.model is Directory:
            self._context.sites[str(values["path"]).rstrip("/")] = ours

    async def _write(self, plan: Plan, drafts: dict[int, Draft]) -> None:
        for stored in {file.hash: file for draft in drafts.values() for file in draft.media}.values():
            await media_queries.record(self._session, stored)
        await queries.add_rows(self._session, plan.model, [draft.columns for draft in drafts.values()])
        if plan.children is None:
            return
        children = [child for draft in drafts.values() for child in draft.children]
        await queries.add_rows(self._session, plan.children, children)
        tally = self._report.tallies[f"{plan.table}.files"]
        for draft in drafts.values():
            tally.imported += draft.files.imported
            tally.mended += draft.files.mended
            tally.set_aside += draft.files.set_aside

    async def _join_last_contents(self) -> None:
        known = self._context.references.ids["gaiContent"]
        pairs = {prompt: known.get(content) for prompt, content in self._context.last_contents.items()}
        await queries.set_last_contents(self._session, {key: value for key, value in pairs.items() if value})

    async def _set_aside_attachments(self) -> None:
        if not await self._source.has("gaiPublishAttachment"):
            return
        count = await self._source.count("gaiPublishAttachment")
        self._report.tallies["gaiPublishAttachment"].set_aside += count
        if count:
            self._report.note(
                f"{count} rows of gaiPublishAttachment were set aside: the original never reads them; "
                "what a page shows comes from its prompt and its content."
            )

    def _add_notes(self) -> None:
        note, tallies = self._report.note, self._report.tallies
        note(f"Times were taken for local times of {self._context.zone.key}.")
        if tallies["gaiPrompt"].imported:
            note(
                "schedTime is not taken over: a prompt without a last content is available now, the others when "
                "their interval comes due after it."
            )
        if tallies["gaiPublish"].imported:
            note(
                "Publications are kept under their old file names with the status `replaced`: the old pages are "
                "not served from here. `pygai publish` makes new ones."
            )
        if tallies["gaiContent.files"].mended and not self._context.downloads.is_given:
            count = tallies["gaiContent.files"].mended
            note(f"{count} files of contents are on record as failed: their folder was not given (--downloads).")
        note("Users are not part of a PyGai database; add them with `pygai user add`.")
