"""Making a whole site anew, or comparing it with what it should be, on every core.

The site is cut into slices. Workers render them side by side, each in a process of its own, and nobody publishes
to the site for the moment that a slice takes. Pages come before the lists that lead to them, and every file is
replaced whole, so readers have the old site until they have the new one.
"""

import asyncio
import hashlib
import multiprocessing
import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import obstore

from app.models import Directory, ListKind
from app.publishing.engine import change_queries, page_queries, queries
from app.publishing.engine.editor import Editor
from app.publishing.engine.parts import Part, VolumePart, chunk_of, list_parts, volume_part
from app.publishing.engine.rows import ListRow
from app.publishing.engine.slices import Findings, Mode, start_worker, work_in_worker, work_on
from app.publishing.engine.workshop import Workshop
from app.publishing.machine.search import CHUNK, VOLUME

SLICE = 50
LISTS_SLICE = 25
# Below this a site is made faster than the workers would start.
WORTH_WORKERS = 300

_OLD_ASSET = re.compile(r"assets/[^/]+\.[0-9a-f]{10}\.\w+")

# Told after each slice how many of all slices are done.
Progress = Callable[[int, int], None]


@dataclass
class Survey:
    """What a rebuild or a check came to; paths are those below the site."""

    files: int = 0
    missing: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def add(self, found: Findings) -> None:
        self.files += found.files
        self.missing += found.missing
        self.stale += found.stale
        self.foreign += found.unwanted
        self.expected.update(found.expected)


class Rebuilding:
    """One site, whole."""

    def __init__(self, workshop: Workshop, directory: Directory, *, workers: int | None = None) -> None:
        self._workshop = workshop
        self._directory = directory
        self._editor: Editor = workshop.editor(directory)
        self._workers = workers or os.cpu_count() or 1

    async def rebuild(self, progress: Progress) -> Survey:
        """Write every file anew. One that was interrupted goes on where it was, unless site or theme changed."""
        survey = Survey()
        mark, last_page_id, done = await self._resumed()
        pages = await self._page_slices(last_page_id)
        async with self._pool(len(pages)) as work:
            async for finished, found in _in_order(work, pages, Mode.REBUILD, start=min(done, len(pages))):
                survey.add(found)
                await self._remember(mark, finished)
                progress(finished, len(pages) + 1)
            await self._index_anew(work, survey)
            await self._survey_lists(work, Mode.REBUILD, survey, progress, before=len(pages))
        await self._remember(None, 0)
        return survey

    async def check(self, progress: Progress, *, mend: bool) -> Survey:
        """Compare every file with what it should be, and mend what is not; foreign files are only named."""
        survey, mode = Survey(), Mode.MEND if mend else Mode.LOOK
        pages = await self._page_slices(None)
        if not pages and not mend:
            # A new site has no files before its first article.
            return survey
        if mend:
            await self._count_anew()
            async with self._workshop.turns.at(self._directory.id):
                await self._editor.extend_index()
        async with self._pool(len(pages)) as work:
            async for finished, found in _in_order(work, pages, mode):
                survey.add(found)
                progress(finished, len(pages) + 1)
            await self._survey_lists(work, mode, survey, progress, before=len(pages))
        survey.foreign += await self._foreign(survey.expected)
        return survey

    async def delete(self, paths: Sequence[str]) -> None:
        """Take foreign files away."""
        async with self._workshop.turns.at(self._directory.id):
            for path in paths:
                await obstore.delete_async(self._editor.store, path)

    # --- slices ---

    async def _page_slices(self, last_page_id: int | None) -> list[list[Part]]:
        async with self._workshop.database.session() as session:
            parts = await page_queries.list_page_parts(session, dir_id=self._directory.id, last=last_page_id)
        return _cut(parts, SLICE)

    async def _list_slices(self, mode: Mode) -> list[list[Part]]:
        if not self._editor.press.has_lists:
            return [list(self._editor.press.dress)]
        parts = list_parts(await self._lists(), page_size=self._editor.press.site.page_size)
        if mode == Mode.REBUILD:
            # The index has been made just now, before the lists.
            parts = [part for part in parts if not isinstance(part, VolumePart)]
        return _cut(parts, LISTS_SLICE)

    async def _lists(self) -> list[ListRow]:
        async with self._workshop.database.driver() as connection:
            return await queries.list_lists(connection, dir_id=self._directory.id)

    async def _count_anew(self) -> None:
        dir_id = self._directory.id
        async with self._workshop.turns.at(dir_id), self._workshop.database.session() as session:
            await change_queries.recount_articles(session, dir_id=dir_id)

    async def _index_anew(self, work: "Work", survey: Survey) -> None:
        """The search index up to the last full chunk, a volume at a time."""
        await self._count_anew()
        whole = next((row for row in await self._lists() if row.kind == ListKind.SITE), None)
        full = whole.last_place // CHUNK * CHUNK if whole else 0
        if whole is None or not full or not self._editor.press.has_lists:
            return
        volumes: list[list[Part]] = [[volume_part(number + 1, full)] for number in range(chunk_of(full, VOLUME))]
        async for _finished, found in _in_order(work, volumes, Mode.REBUILD):
            survey.add(found)
        async with self._workshop.database.session() as session:
            await change_queries.mark_indexed(session, list_id=whole.id, indexed=full)

    async def _survey_lists(
        self, work: "Work", mode: Mode, survey: Survey, progress: Progress, *, before: int
    ) -> None:
        lists = await self._list_slices(mode)
        async for finished, found in _in_order(work, lists, mode):
            survey.add(found)
            progress(before + finished, before + len(lists))

    # --- an interrupted one goes on ---

    async def _resumed(self) -> tuple[str, int, int]:
        """The mark of this rebuild, its last page, and how many slices were done already."""
        outfit = hashlib.sha256(repr((self._editor.renderer, self._editor.press.site)).encode()).hexdigest()[:20]
        async with self._workshop.database.session() as session:
            stored = await session.get_one(Directory, self._directory.id)
            last = await page_queries.find_last_page_id(session, dir_id=self._directory.id)
        was, _, was_last = (stored.rebuilt_as or "").partition(":")
        if was == outfit and was_last.isdecimal():
            return f"{outfit}:{was_last}", int(was_last), stored.rebuilt_parts
        return f"{outfit}:{last}", last, 0

    async def _remember(self, mark: str | None, slices: int) -> None:
        async with self._workshop.database.session() as session:
            await page_queries.record_progress(
                session, dir_id=self._directory.id, rebuilt_as=mark, rebuilt_parts=slices
            )

    # --- what is not ours ---

    async def _foreign(self, expected: set[str]) -> list[str]:
        """Files that nothing of the site accounts for. Among Markdown files, those of the owner are not known."""
        if not self._editor.press.has_lists:
            return []
        found: list[str] = []
        async for batch in obstore.list(self._editor.store, chunk_size=1000):
            found += [meta["path"] for meta in batch if meta["path"] not in expected]
        # What an earlier look of the site needed: browsers may have pages that still ask for it.
        found = [path for path in found if not _OLD_ASSET.fullmatch(path)]
        return sorted(found)

    # --- workers ---

    def _pool(self, slices: int) -> "Pool":
        workers = self._workers if slices * SLICE > WORTH_WORKERS else 1
        return Pool(self._workshop, self._directory.id, workers)


Work = Callable[[Sequence[Part], Mode], "asyncio.Future[Findings]"]


class Pool:
    """Workers, of which this process is one and each other one is a process of its own."""

    def __init__(self, workshop: Workshop, dir_id: int, workers: int) -> None:
        self._workshop = workshop
        self._dir_id = dir_id
        self._is_busy = False
        self._own: set[asyncio.Future[Findings]] = set()
        self._executor: ProcessPoolExecutor | None = None
        if workers > 1:
            self._executor = ProcessPoolExecutor(
                workers - 1,
                mp_context=_processes(),
                initializer=start_worker,
                initargs=(workshop.settings, workshop.database.dsn),
            )

    async def __aenter__(self) -> Work:
        return self._work

    async def __aexit__(self, *_raised: object) -> None:
        # A slice that is under way ends whole, whatever has happened to the others.
        await asyncio.gather(*self._own, return_exceptions=True)
        if self._executor is not None:
            await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    def _work(self, parts: Sequence[Part], mode: Mode) -> "asyncio.Future[Findings]":
        if self._executor is None or not self._is_busy:
            self._is_busy = True
            own = asyncio.ensure_future(self._work_here(parts, mode))
            self._own.add(own)
            return own
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executor, work_in_worker, self._dir_id, parts, mode)

    async def _work_here(self, parts: Sequence[Part], mode: Mode) -> Findings:
        try:
            return await work_on(self._workshop, self._dir_id, parts, mode)
        finally:
            self._is_busy = False


def _processes() -> multiprocessing.context.BaseContext:
    """Workers share what one process has loaded for them, where the system knows how."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["app.publishing.engine.preloaded"])
    return processes


async def _in_order(
    work: Work, slices: Sequence[Sequence[Part]], mode: Mode, *, start: int = 0
) -> AsyncIterator[tuple[int, Findings]]:
    """The findings of each slice with the number of slices done, in their order; a few are under way at a time."""
    ahead = (os.cpu_count() or 1) + 1
    under_way: list[asyncio.Future[Findings]] = []
    following = start
    for finished in range(start, len(slices)):
        while following < len(slices) and len(under_way) < ahead:
            under_way.append(work(slices[following], mode))
            following += 1
        yield finished + 1, await under_way.pop(0)


def _cut(parts: Sequence[Part], size: int) -> list[list[Part]]:
    return [list(parts[start : start + size]) for start in range(0, len(parts), size)]
