"""Writes the files of one site, in an order in which no link ever leads nowhere."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
import obstore
from obstore.store import ObjectStore

from app.contents.errors import no_content
from app.core import storage
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.media.fetching import Fetcher
from app.media.library import MediaLibrary
from app.models import Directory, ListKind
from app.publishing.build import change_queries
from app.publishing.build import queries as list_queries
from app.publishing.build.asset_copies import Copies, Supplies, all_of
from app.publishing.build.html_renderer import Job, Output, Removal, render
from app.publishing.build.parts import ArticlePart, FixedPart, Part, touched_parts, volume_part
from app.publishing.build.reader import NOTHING_FRESH, Desk, PageFacts
from app.publishing.build.renderers import AnyPress, press_for
from app.publishing.build.rows import ChangedPageRow, ListRow
from app.publishing.build.unwritten import Written, current, part_of, places_written
from app.publishing.images.remote_pictures import fetch_remote_pictures
from app.publishing.model import Article, File
from app.publishing.pages.articles import RenderedArticle
from app.publishing.syndication.search import CHUNK, VOLUME
from app.sites import location

# Rises with every change that makes other files of the same article.
RENDERER = 1
WRITES_AT_ONCE = 16
# So many pages that others have left behind are written beside one's own.
MOST_UNWRITTEN = 50


@dataclass(frozen=True)
class Draft:
    """An article before it has an address: what it will say, and where it would live."""

    facts: PageFacts
    path: str


class Editor:
    """One site at work. Whoever writes has the site's turn; a draft needs none."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        library: MediaLibrary,
        directory: Directory,
    ) -> None:
        self._database = database
        self._library = library
        self._fetches_pictures = settings.fetch_remote_pictures
        self.dir_id = directory.id
        self._is_worth_indexing = True
        self.press: AnyPress = press_for(settings, directory)
        self.store: ObjectStore = location.store_of(settings, directory)
        self.supplies = Supplies(self.store, library, self.press)

    @property
    def renderer(self) -> str:
        """What makes the files: the same renderer makes the same files of the same articles."""
        return f"{RENDERER}-{self.press.digest}"

    # --- before the turn ---

    async def draft(
        self, content_id: int, fetcher: Fetcher, *, dated_at: datetime, updated_at: datetime | None
    ) -> Draft:
        """Render a content to know its title; pictures from elsewhere are fetched, and copies of all made.

        Raises NotFound when there is no such content any more.
        """
        article, page = await self._proof(content_id, dated_at)
        if page.remote_pictures and self._fetches_pictures:
            await fetch_remote_pictures(self._database, fetcher, self._library, content_id, page.remote_pictures)
            article, page = await self._proof(content_id, dated_at)
        first = article.pictures[0] if article.pictures else None
        facts = PageFacts(
            title=page.title,
            excerpt=page.excerpt,
            minutes=page.minutes,
            words=page.words,
            picture=self.press.pictures.get(first.path, first) if first else None,
            updated_at=updated_at,
        )
        return Draft(facts, self.press.proposed_path(article, page))

    async def _proof(self, content_id: int, dated_at: datetime) -> tuple[Article, RenderedArticle]:
        async with self._database.snapshot() as connection:
            desk = self._desk(connection)
            found = await desk.unpublished_article(content_id)
        if found is None:
            raise no_content(content_id)
        if self.press.has_variants:
            await self.supplies.provide(desk.media)
        article = replace(found, published_at=dated_at)
        return article, await asyncio.to_thread(self.press.draft, article)

    # --- within the turn ---

    async def refresh(
        self, page_ids: Collection[int] = (), *, fresh: Mapping[int, PageFacts] = NOTHING_FRESH
    ) -> Written:
        """Write all on which these pages show, and what others have left behind.

        The caller records what was written when the database says of these pages what their files say.
        """
        try:
            outputs, written = await self._made(page_ids, fresh, most_unwritten=MOST_UNWRITTEN)
        except Exception:
            if not page_ids:
                raise
            # What others have left behind may be what cannot be made: this one does not wait for it.
            outputs, written = await self._made(page_ids, fresh, most_unwritten=0)
        return replace(written, digests=await self.put(outputs))

    async def _made(
        self, page_ids: Collection[int], fresh: Mapping[int, PageFacts], *, most_unwritten: int
    ) -> tuple[list[Output], Written]:
        async with self._database.snapshot() as connection:
            desk = self._desk(connection, fresh)
            lists = await desk.lists()
            self._note(_whole(lists))
            pages = await list_queries.list_changed(
                connection, dir_id=self.dir_id, page_ids=page_ids, most_unwritten=most_unwritten
            )
            parts = await self._touched(connection, pages, lists, fresh)
            jobs = await self.press.prepare(desk, parts, lists)
        places = places_written(lists, page_size=self.press.site.page_size)
        return await self._rendered(desk, jobs), Written({}, [page.id for page in pages], places)

    async def catch_up(self) -> bool:
        """Write what others have left behind, some of it when it is much; whether there was anything."""
        async with self._database.driver() as connection:
            if self.dir_id not in await list_queries.list_unwritten_sites(connection):
                return False
        await self.bring_up_to_date()
        await self.extend_index()
        return True

    async def bring_up_to_date(self, page_ids: Collection[int] = ()) -> None:
        """Write all on which these pages show, as the database has them, and record it."""
        written = await self.refresh(page_ids)
        async with self._database.transaction() as connection:
            await written.record(connection)

    async def render(
        self, parts: Sequence[Part], *, copies: Copies = Copies.TRUSTED, indexed: int = 0
    ) -> list[Output]:
        """The files of some parts as the database has them now, whatever the pages were when they were listed.

        With the search index up to the place `indexed`, if it has not come further yet.
        What is wrong with the copies of pictures and other files that they show is then in `supplies.wrong`.
        """
        self.supplies.copies = copies
        async with self._database.snapshot() as connection:
            desk = self._desk(connection)
            lists = [replace(row, indexed=max(row.indexed, indexed)) for row in await desk.lists()]
            jobs = await self.press.prepare(desk, await current(connection, self.dir_id, parts), lists)
        return await self._rendered(desk, jobs)

    async def put(self, outputs: Sequence[Output]) -> dict[str, str]:
        """Write articles, then what links to them, and then take away what is not to be there."""
        files = [output for output in outputs if isinstance(output, File)]
        await self._put(file for file in files if not self.press.is_linking(file.path))
        await self._put(file for file in files if self.press.is_linking(file.path))
        for output in outputs:
            if isinstance(output, Removal):
                await self._remove(output.path)
        return {file.path: _digest(file) for file in files}

    async def _remove(self, path: str) -> None:
        """A file, or all of a folder when the path ends in a slash."""
        paths = [path]
        if path.endswith("/"):
            found = await obstore.list(self.store, prefix=path.rstrip("/")).collect_async()
            paths = [meta["path"] for meta in found]
        for each in paths:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self.store, each)

    def proofs(self, outputs: Sequence[Output]) -> dict[str, tuple[RenderedArticle, str]]:
        """What the rendered articles say of themselves and the digests of their pages, by path."""
        known = self.press.proofs
        return {
            output.path: (known[output.path], _digest(output))
            for output in outputs
            if isinstance(output, File) and output.path in known
        }

    async def dress(self) -> None:
        """What depends on the settings and the theme alone; a site that somebody has made is left as it is."""
        if not await self.is_made():
            await self.put(await self.render_dress())

    async def render_dress(self) -> list[Output]:
        """The same, without what an owner of Markdown has written before there was a site."""
        outputs = await self.render(self.press.dress)
        if not self.press.signs:
            return outputs
        return [output for output in outputs if not await self._has(output.path)]

    async def is_dressed(self) -> bool:
        """Whether the folder that was dressed is there still."""
        return await self._has(self.press.garment)

    async def is_made(self) -> bool:
        for sign in self.press.signs:
            if await self._has(sign):
                return True
        return False

    async def _has(self, path: str) -> bool:
        try:
            await obstore.head_async(self.store, path)
        except FileNotFoundError:
            return False
        return True

    async def extend_index(self) -> bool:
        """Take the chunks of the search that have filled up into its index; whether there were any.

        One volume at a time, so that neither the turn nor the memory it takes grows with the site.
        """
        if not self.press.has_lists or not self._is_worth_indexing:
            return False
        async with self._database.snapshot() as connection:
            whole = _whole(await self._desk(connection).lists())
        full = whole.last_place // CHUNK * CHUNK if whole else 0
        if whole is None or whole.indexed >= full:
            return False
        number = whole.indexed // VOLUME + 1
        indexed = min(number * VOLUME, full)
        parts: tuple[Part, ...] = (volume_part(number, indexed), FixedPart.SEARCH_MANIFEST)
        for part in parts:
            await self.put(await self.render([part], indexed=indexed))
        # Last of all: until then, whoever comes after one that was cut off does it again.
        async with self._database.driver() as connection:
            await change_queries.mark_indexed(connection, list_id=whole.id, indexed=indexed)
        return True

    def _note(self, whole: ListRow | None) -> None:
        self._is_worth_indexing = whole is not None and whole.last_place // CHUNK * CHUNK > whole.indexed

    async def _touched(
        self,
        connection: asyncpg.Connection,
        pages: Sequence[ChangedPageRow],
        lists: Sequence[ListRow],
        fresh: Mapping[int, PageFacts],
    ) -> list[Part]:
        own: list[Part] = [part_of(page, fresh) for page in pages]
        if not self.press.has_lists:
            return own
        page_ids = [page.id for page in pages]
        naming = await list_queries.list_naming(connection, page_ids=page_ids, fresh=fresh.keys())
        places = [place for page in pages for place in page.places]
        around = touched_parts(lists, places, page_size=self.press.site.page_size)
        return [*own, *(ArticlePart(other, is_whole=False) for other in sorted(naming)), *sorted(around, key=repr)]

    async def _rendered(self, desk: Desk, jobs: Sequence[Job]) -> list[Output]:
        await self.supplies.provide(desk.media)
        return await asyncio.to_thread(render, jobs)

    async def _put(self, files: Iterable[File]) -> None:
        limit = asyncio.Semaphore(WRITES_AT_ONCE)

        async def put(file: File) -> None:
            async with limit:
                await storage.write(self.store, file.path, file.body)

        await all_of(put(file) for file in files)

    def _desk(self, connection: asyncpg.Connection, fresh: Mapping[int, PageFacts] = NOTHING_FRESH) -> Desk:
        return Desk(connection, self.dir_id, fresh=fresh, media_path=self.press.media_path)


def _digest(file: File) -> str:
    return hashlib.sha256(file.body).hexdigest()


def _whole(lists: Iterable[ListRow]) -> ListRow | None:
    return next((row for row in lists if row.kind == ListKind.SITE), None)
