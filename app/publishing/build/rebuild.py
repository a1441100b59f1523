"""Making a whole site anew, or comparing it with what it should be, on every core or gently.

The site is cut into slices. Workers render them side by side, each in a process of its own, and nobody publishes
to the site for the moment that a slice takes. Pages come before the lists that lead to them, and every file is
replaced whole, so readers have the old site until they have the new one.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import obstore

from app.core import errors
from app.models import Directory, ListKind
from app.publishing.build import change_queries, page_queries, queries
from app.publishing.build.batches import Findings, Mode
from app.publishing.build.checkpoint import resumed
from app.publishing.build.managed_files import list_foreign, list_ours
from app.publishing.build.parts import GoneTopicPart, Part, VolumePart, chunk_of, list_parts, volume_part
from app.publishing.build.rows import ListRow
from app.publishing.build.surplus_pages import list_outgrown
from app.publishing.build.worker_pool import Pool, Work, in_order
from app.publishing.build.workshop import Workshop
from app.publishing.build.writer import Editor
from app.publishing.syndication.search import VOLUME
from app.sites.errors import no_site

SLICE = 50
LISTS_SLICE = 25
# Below this a site is made faster than the workers would start.
WORTH_WORKERS = 300
# Above this a gentle one would be felt by whatever else the process does.
WORTH_GENTLE_WORKER = 50
# How often to look whether another that makes the same site anew has come to its end.
PATIENCE_SECONDS = 1.0

# Told after each slice how many of all slices are done.
Progress = Callable[[int, int], None]


@dataclass
class Survey:
    """What a rebuild or a check came to; paths are those below the site."""

    files: int = 0
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    # Made here once, and not to be there any more.
    unwanted: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)

    def add(self, found: Findings) -> None:
        self.files += found.files
        self.missing += found.missing
        self.stale += found.stale
        self.unwanted.update(found.unwanted)
        self.expected.update(found.expected)


class Rebuilding:
    """One site, whole."""

    def __init__(
        self, workshop: Workshop, directory: Directory, *, workers: int | None = None, is_gentle: bool = False
    ) -> None:
        self._workshop = workshop
        self._directory = directory
        self._editor: Editor = workshop.editor(directory)
        self._workers = 1 if is_gentle else workers or os.cpu_count() or 1
        self._is_gentle = is_gentle

    async def rebuild(self, progress: Progress) -> Survey:
        """Write every file anew, after whoever is at it already.

        One that was interrupted goes on where it was, unless site or theme changed.
        """
        while True:
            survey = await self.rebuild_unless_busy(progress)
            if survey is not None:
                return survey
            await asyncio.sleep(PATIENCE_SECONDS)

    async def rebuild_unless_busy(self, progress: Progress) -> Survey | None:
        """The same; None when another is at it. Raises NotFound for a site that is no more."""
        async with self._workshop.turns.rebuilding(self._directory.id) as is_ours:
            if not is_ours:
                return None
            await self._read_anew()
            return await self._rebuild(progress)

    async def _rebuild(self, progress: Progress) -> Survey:
        survey = Survey()
        await self._ensure_list()
        bookmark = await resumed(self._workshop.database, self._editor)
        pages = await self._page_slices(bookmark.last_page_id)
        async with self._pool(len(pages)) as work:
            start = min(bookmark.done, len(pages))
            async for finished, found in in_order(work, pages, Mode.REBUILD, start=start, ahead=self._ahead):
                survey.add(found)
                await bookmark.record(finished)
                progress(finished, len(pages) + 1)
            await self._index_anew(work, survey)
            lists = await self._lists()
            await self._survey_lists(work, Mode.REBUILD, survey, progress, before=len(pages))
        await self._take_outgrown_away()
        await self._catch_up(lists)
        await bookmark.record(0, is_done=True)
        return survey

    async def check(self, progress: Progress, *, mend: bool) -> Survey:
        """Compare every file with what it should be, and mend what is not; foreign files are only named."""
        survey, mode = Survey(), Mode.MEND if mend else Mode.LOOK
        pages = await self._page_slices(None)
        if not pages and not mend and not await self._lists():
            # A new site has no files before it is made.
            return survey
        if mend:
            await self._ensure_list()
            await self._count_anew()
            await self._extend_index()
        async with self._pool(len(pages)) as work:
            async for finished, found in in_order(work, pages, mode, ahead=self._ahead):
                survey.add(found)
                progress(finished, len(pages) + 1)
            lists = await self._lists()
            await self._survey_lists(work, mode, survey, progress, before=len(pages))
        if mend:
            await self._catch_up(lists)
        survey.unwanted.update(await (self._take_outgrown_away() if mend else self._outgrown()))
        survey.foreign = sorted(survey.unwanted.union(await list_foreign(self._editor, survey.expected)))
        return survey

    async def delete(self, paths: Sequence[str]) -> None:
        """Take foreign files away."""
        async with self._workshop.turns.at(self._directory.id):
            await self._delete(paths)

    async def _delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            await obstore.delete_async(self._editor.store, path)

    async def list_ours(self, progress: Progress) -> list[str]:
        """Every file that was made here: what the site consists of, and what earlier looks of it have left.

        Raises Conflict when one of them is not as it was made: it may be somebody's own.
        """
        survey = await self.check(progress, mend=False)
        if survey.stale:
            raise _not_as_made(self._directory.name, survey.stale)
        return await list_ours(self._editor, survey.expected | survey.unwanted)

    # --- what there is ---

    async def _read_anew(self) -> None:
        """The site as it is now that nobody else is at it."""
        async with self._workshop.database.session() as session:
            directory = await session.get(Directory, self._directory.id)
        if directory is None:
            raise no_site(self._directory.name)
        self._directory, self._editor = directory, self._workshop.editor(directory)

    async def _ensure_list(self) -> None:
        """Without an article it has a front page all the same."""
        if not self._editor.press.has_lists:
            return
        dir_id = self._directory.id
        async with self._workshop.turns.at(dir_id), self._workshop.database.session() as session:
            await page_queries.ensure_site_list(session, dir_id=dir_id)

    # --- slices ---

    async def _page_slices(self, last_page_id: int | None) -> list[list[Part]]:
        async with self._workshop.database.session() as session:
            parts = await page_queries.list_page_parts(session, dir_id=self._directory.id, last=last_page_id)
        return _cut(parts, SLICE)

    async def _list_slices(self, mode: Mode) -> list[list[Part]]:
        parts = list_parts(await self._lists(), page_size=self._editor.press.site.page_size)
        if mode == Mode.REBUILD:
            # The index has been made just now, before the lists.
            parts = [part for part in parts if not isinstance(part, VolumePart)]
        return _cut([*parts, *map(GoneTopicPart, await self._gone_topics())], LISTS_SLICE)

    async def _lists(self) -> list[ListRow]:
        async with self._workshop.database.driver() as connection:
            return await queries.list_lists(connection, dir_id=self._directory.id)

    async def _gone_topics(self) -> Sequence[str]:
        async with self._workshop.database.session() as session:
            return await page_queries.list_gone_topics(session, dir_id=self._directory.id)

    async def _count_anew(self) -> None:
        dir_id = self._directory.id
        async with self._workshop.turns.at(dir_id), self._workshop.database.driver() as connection:
            await change_queries.recount_articles(connection, dir_id=dir_id)

    async def _index_anew(self, work: Work, survey: Survey) -> None:
        """The search index up to the last full chunk, a volume at a time."""
        await self._count_anew()
        if not self._editor.press.has_lists:
            return
        whole = next((row for row in await self._lists() if row.kind == ListKind.SITE), None)
        indexed = whole.indexed if whole else 0
        volumes: list[list[Part]] = [
            [volume_part(number + 1, indexed)] for number in range(chunk_of(indexed, VOLUME) if indexed else 0)
        ]
        async for _finished, found in in_order(work, volumes, Mode.REBUILD, ahead=self._ahead):
            survey.add(found)
        await self._extend_index()

    async def _extend_index(self) -> None:
        is_behind = True
        while is_behind:
            # What is in no volume yet is taken in alone: who publishes meanwhile would write it elsewhere.
            async with self._workshop.turns.at(self._directory.id):
                is_behind = await self._editor.extend_index()

    async def _catch_up(self, lists: Sequence[ListRow]) -> None:
        """The lists are written as far as they went before, and what was left behind by others is as well."""
        places = {row.id: row.last_place for row in lists}
        async with self._workshop.database.driver() as connection:
            await change_queries.mark_written(connection, page_ids=[], places=places)
        is_behind = True
        while is_behind:
            async with self._workshop.turns.at(self._directory.id):
                is_behind = await self._editor.catch_up()

    async def _survey_lists(
        self, work: Work, mode: Mode, survey: Survey, progress: Progress, *, before: int
    ) -> None:
        if not self._editor.press.has_lists:
            survey.add(await self._dressed(mode))
            return
        lists = await self._list_slices(mode)
        async for finished, found in in_order(work, lists, mode, ahead=self._ahead):
            survey.add(found)
            progress(before + finished, before + len(lists))

    async def _dressed(self, mode: Mode) -> Findings:
        """A site of Markdown is made when there is none; what its owner has made of it is nobody else's."""
        async with self._workshop.turns.at(self._directory.id):
            if await self._editor.is_made():
                return Findings()
            files = await self._editor.render_dress()
            if mode != Mode.LOOK:
                await self._editor.put(files)
        paths = [file.path for file in files]
        return Findings(files=len(paths), missing=[] if mode == Mode.REBUILD else paths, expected=paths)

    # --- what is not to be there ---

    async def _take_outgrown_away(self) -> list[str]:
        """Numbered pages of lists that have fewer pages now; by now nothing leads there."""
        async with self._workshop.turns.at(self._directory.id):
            paths = await self._outgrown()
            await self._delete(paths)
        return paths

    async def _outgrown(self) -> list[str]:
        press = self._editor.press
        if not press.has_lists:
            return []
        lists, gone = await self._lists(), await self._gone_topics()
        return await list_outgrown(self._editor.store, lists, gone, page_size=press.site.page_size)

    # --- workers ---

    @property
    def _ahead(self) -> int:
        """So many slices are under way or wait at a worker's door."""
        return 1 if self._is_gentle else (os.cpu_count() or 1) + 1

    def _pool(self, slices: int) -> Pool:
        if self._is_gentle:
            others = 1 if slices * SLICE > WORTH_GENTLE_WORKER else 0
        else:
            others = self._workers - 1 if slices * SLICE > WORTH_WORKERS else 0
        return Pool(self._workshop, self._directory.id, others=others, is_gentle=self._is_gentle)


def _not_as_made(name: str, stale: Sequence[str]) -> errors.Conflict:
    return errors.Conflict(
        {
            "directory": f"{stale[0]} (of {len(stale)} such files) is not as it is made for {name}, so nothing "
            f"was deleted: `pygai publish --all --site {name}` writes them anew, if they are not your own"
        }
    )


def _cut(parts: Sequence[Part], size: int) -> list[list[Part]]:
    return [list(parts[start : start + size]) for start in range(0, len(parts), size)]
