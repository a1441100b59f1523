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
from app.models import Directory, ListKind, PageStatus
from app.publishing.build import change_queries
from app.publishing.build import queries as list_queries
from app.publishing.build.asset_copies import Copies, Supplies, all_of
from app.publishing.build.html_renderer import Job, Output, Removal, render
from app.publishing.build.parts import (
    AbsentPart,
    ArticlePart,
    FixedPart,
    Part,
    ShadowPart,
    touched_parts,
    volume_part,
)
from app.publishing.build.reader import NOTHING_FRESH, Desk, PageFacts
from app.publishing.build.renderers import AnyPress, press_for
from app.publishing.build.rows import ListRow
from app.publishing.images.remote_pictures import fetch_remote_pictures
from app.publishing.model import Article, File
from app.publishing.pages.articles import RenderedArticle
from app.publishing.syndication.search import CHUNK, VOLUME
from app.sites import location

# Rises with every change that makes other files of the same article.
RENDERER = 1
WRITES_AT_ONCE = 16


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
        self,
        page_ids: Collection[int],
        *,
        fresh: Mapping[int, PageFacts] = NOTHING_FRESH,
        also: Collection[int] = (),
    ) -> dict[str, str]:
        """Write all on which these pages show; the digests of what was written, by path.

        `also` are pages that are to be written themselves, and nothing around them.
        """
        async with self._database.snapshot() as connection:
            desk = self._desk(connection, fresh)
            lists = await desk.lists()
            self._note(_whole(lists))
            parts = await self._touched(connection, page_ids, lists, fresh)
            parts += [ArticlePart(page_id, is_whole=False) for page_id in sorted(also)]
            jobs = await self.press.prepare(desk, parts, lists)
        return await self.put(await self._rendered(desk, jobs))

    async def render(self, parts: Sequence[Part], *, copies: Copies = Copies.TRUSTED) -> list[Output]:
        """The files of some parts as the database has them now.

        What is wrong with the copies of pictures and other files that they show is then in `supplies.wrong`.
        """
        self.supplies.copies = copies
        async with self._database.snapshot() as connection:
            desk = self._desk(connection)
            jobs = await self.press.prepare(desk, parts, await desk.lists())
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

    async def extend_index(self) -> None:
        """Take the chunks of the search that have filled up into its index."""
        if not self.press.has_lists:
            return
        if not self._is_worth_indexing:
            return
        async with self._database.snapshot() as connection:
            whole = _whole(await self._desk(connection).lists())
        if whole is None:
            return
        full = whole.last_place // CHUNK * CHUNK
        while whole.indexed < full:
            # Volume by volume, so that the memory it takes does not grow with the site.
            number = whole.indexed // VOLUME + 1
            whole = replace(whole, indexed=min(number * VOLUME, full))
            await self.put(await self.render([volume_part(number, whole.indexed)]))
            async with self._database.driver() as connection:
                await change_queries.mark_indexed(connection, list_id=whole.id, indexed=whole.indexed)
            await self.put(await self.render([FixedPart.SEARCH_MANIFEST]))

    def _note(self, whole: ListRow | None) -> None:
        self._is_worth_indexing = whole is not None and whole.last_place // CHUNK * CHUNK > whole.indexed

    async def _touched(
        self,
        connection: asyncpg.Connection,
        page_ids: Collection[int],
        lists: Sequence[ListRow],
        fresh: Mapping[int, PageFacts],
    ) -> list[Part]:
        pages = await list_queries.list_statuses(connection, page_ids=page_ids)
        own: list[Part] = [_part_of(*page, fresh) for page in pages]
        if not self.press.has_lists:
            return own
        naming = await list_queries.list_naming(connection, page_ids=page_ids, fresh=fresh.keys())
        places = await list_queries.list_places(connection, page_ids=page_ids)
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


def _part_of(page_id: int, path: str, status: PageStatus, fresh: Mapping[int, PageFacts]) -> Part:
    if page_id in fresh or status == PageStatus.LIVE:
        return ArticlePart(page_id)
    return AbsentPart(page_id, path) if status == PageStatus.PENDING else ShadowPart(page_id)


def _digest(file: File) -> str:
    return hashlib.sha256(file.body).hexdigest()


def _whole(lists: Iterable[ListRow]) -> ListRow | None:
    return next((row for row in lists if row.kind == ListKind.SITE), None)
