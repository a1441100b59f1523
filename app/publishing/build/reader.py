"""Reads from the database what the files of a site are made from."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import asyncpg
from pydantic_core import from_json

from app.models import Directory, ListKind, Media, PageStatus
from app.publishing import queries as publication_queries
from app.publishing.build import queries, source_queries
from app.publishing.build.rows import EntryRow, FileRow, ListRow, PageRow, SourceRow, stored_picture
from app.publishing.model import (
    Archive,
    Article,
    Attachment,
    Entry,
    Picture,
    Provenance,
    Shelf,
    ShownPrompt,
)
from app.publishing.text.inlined import with_names

# Where a site keeps its copy of a file: by the page's path, the file's digest and its name.
MediaPath = Callable[[str, str, str], str]


@dataclass(frozen=True)
class PageFacts:
    """What a page that is being published will say, before its row does."""

    title: str
    excerpt: str
    minutes: int
    words: frozenset[str]
    picture: Picture | None
    updated_at: datetime | None

    @cached_property
    def columns(self) -> dict[str, Any]:
        """As the page's row keeps them."""
        return {
            "title": self.title,
            "excerpt": self.excerpt,
            "minutes": self.minutes,
            "words": " ".join(sorted(self.words)),
            "picture": stored_picture(self.picture),
            "updated_at": self.updated_at,
        }


NOTHING_FRESH: Mapping[int, PageFacts] = MappingProxyType({})


@dataclass(frozen=True)
class Shadow:
    """A page without its article, and the site and page where that is now."""

    page: PageRow
    site: Directory | None
    target: PageRow | None


class Desk:
    """One site as it is, or as it will be once the `fresh` pages are live."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        dir_id: int,
        *,
        media_path: MediaPath,
        fresh: Mapping[int, PageFacts] = NOTHING_FRESH,
    ) -> None:
        self._connection = connection
        self._dir_id = dir_id
        self._fresh = fresh
        self._media_path = media_path
        # What the articles that were read show, by where the site keeps it.
        self.media: dict[str, Media] = {}

    async def lists(self) -> list[ListRow]:
        return await queries.list_lists(self._connection, dir_id=self._dir_id, fresh=self._fresh.keys())

    async def entries_between(
        self, list_id: int, first: int, last: int, *, with_words: bool = False
    ) -> list[EntryRow]:
        """The newest first; their words, which only the search wants, when asked for."""
        found = await queries.list_by_place(
            self._connection,
            list_id=list_id,
            first=first,
            last=last,
            fresh=self._fresh.keys(),
            with_words=with_words,
        )
        return self._refreshed(found)

    async def newest_entries(self, limits: Mapping[int, int]) -> dict[int, list[EntryRow]]:
        """Of each list so many as are asked for, at most."""
        found = await queries.list_newest(self._connection, limits=limits, fresh=self._fresh.keys())
        return {list_id: self._refreshed(rows) for list_id, rows in found.items()}

    async def shadows(self, page_ids: Collection[int]) -> list[Shadow]:
        """Pages whose article is gone or has moved, and where it lives now."""
        pages = await publication_queries.list_pages(self._connection, page_ids=page_ids)
        return [Shadow(page, *await self._target(page)) for page in pages]

    async def _target(self, page: PageRow) -> tuple[Directory | None, PageRow | None]:
        target = await self._page(page.moved_to)
        while target is not None and target.status == PageStatus.MOVED:
            target = await self._page(target.moved_to)
        if target is None or target.status not in publication_queries.CURRENT:
            return None, None
        return await publication_queries.find_site(self._connection, target.dir_id), target

    async def _page(self, page_id: int | None) -> PageRow | None:
        return await publication_queries.get_page(self._connection, page_id) if page_id else None

    async def articles(self, page_ids: Collection[int], *, with_neighbours: bool = True) -> dict[int, Article]:
        """Articles by the numbers of their pages, in that order."""
        sources = await source_queries.list_sources(self._connection, page_ids=page_ids)
        return await self._made_of(sources, with_neighbours=with_neighbours)

    async def unpublished_article(self, content_id: int) -> Article | None:
        """A content as the article that it would be, without an address and without those around it."""
        source = await source_queries.find_source(self._connection, content_id=content_id)
        if source is None:
            return None
        return (await self._made_of([source], with_neighbours=False))[source.page_id]

    async def _made_of(self, sources: Sequence[SourceRow], *, with_neighbours: bool) -> dict[int, Article]:
        files, asked = await self._files(sources), await self._prompt_files(sources)
        beside = await self._beside([source.page_id for source in sources]) if with_neighbours else {}
        return {
            source.page_id: self._article(
                source,
                files.get(source.page_id, []),
                asked.get(source.page_id, []),
                beside.get(source.page_id, _Beside()),
            )
            for source in sources
        }

    def _article(self, source: SourceRow, files: "_Files", asked: "_Files", beside: "_Beside") -> Article:
        facts = self._fresh.get(source.page_id)
        return Article(
            content_id=source.content_id,
            text=with_names(source.text, self._names(files)),
            path=source.path or None,
            published_at=source.dated_at,
            updated_at=facts.updated_at if facts else source.updated_at,
            topic=source.topic,
            pictures=tuple(file for file in files if isinstance(file, Picture)),
            files=tuple(file for file in files if isinstance(file, Attachment)),
            prompt=_shown_prompt(source, asked),
            previous=beside.previous,
            next=beside.next,
            related=tuple(beside.related),
            provenance=_provenance(source),
        )

    def _names(self, files: "_Files") -> dict[str, str]:
        return {self.media[file.path].hash: file.source for file in files if file.source}

    async def _files(self, sources: Sequence[SourceRow]) -> "dict[int, _Files]":
        pages = {source.content_id: source for source in sources}
        files: dict[int, _Files] = defaultdict(list)
        for file in await source_queries.list_content_files(self._connection, content_ids=pages):
            page = pages[file.owner_id]
            files[page.page_id].append(self._shown(page.path, file))
        return files

    async def _prompt_files(self, sources: Sequence[SourceRow]) -> "dict[int, _Files]":
        prompt_ids = {source.prompt_id for source in sources if source.prompt_id and source.shows_prompt}
        if not prompt_ids:
            return {}
        found = await source_queries.list_prompt_files(self._connection, prompt_ids=prompt_ids)
        return {
            source.page_id: [self._shown(source.path, file) for file in found if file.owner_id == source.prompt_id]
            for source in sources
        }

    def _shown(self, page: str, file: FileRow) -> Picture | Attachment:
        media = file.media
        path = self._media_path(page, media.hash, file.name)
        self.media[path] = media
        if media.media_type.startswith("image/") and media.width is not None:
            return Picture(path, media.width, media.height, source=file.source)
        return Attachment(file.name, path, media.media_type, source=file.source)

    async def _beside(self, page_ids: Sequence[int]) -> "dict[int, _Beside]":
        found = await queries.list_neighbours(self._connection, page_ids=page_ids, fresh=self._fresh.keys())
        beside: dict[int, _Beside] = defaultdict(_Beside)
        for page_id, role, other in found:
            beside[page_id].take(role, self._refreshed([other])[0].entry())
        return beside

    def _refreshed(self, rows: Iterable[EntryRow]) -> list[EntryRow]:
        return [_with_facts(row, self._fresh[row.page_id]) if row.page_id in self._fresh else row for row in rows]


_Files = list[Picture | Attachment]


class _Beside:
    """The articles around one."""

    def __init__(self) -> None:
        self.previous: Entry | None = None
        self.next: Entry | None = None
        self.related: list[Entry] = []

    def take(self, role: str, entry: Entry) -> None:
        if role in {"older", "younger"}:
            self.related = [*self.related, entry][: queries.MOST_RELATED]
            return
        setattr(self, role, entry)


def _with_facts(row: EntryRow, facts: PageFacts) -> EntryRow:
    return replace(
        row,
        title=facts.title,
        excerpt=facts.excerpt,
        minutes=facts.minutes,
        words=facts.columns["words"],
        picture=facts.picture,
        updated_at=facts.updated_at,
    )


def _shown_prompt(source: SourceRow, files: _Files) -> ShownPrompt | None:
    if not source.shows_prompt or not source.prompt:
        return None
    return ShownPrompt(
        text=source.prompt,
        pictures=tuple(file for file in files if isinstance(file, Picture)),
        files=tuple(file for file in files if isinstance(file, Attachment)),
    )


def _provenance(source: SourceRow) -> Provenance:
    config = from_json(source.config) if source.config else {}
    config = config if isinstance(config, dict) else {}
    model = config.get("model")
    return Provenance(
        client=_name_of(source.client),
        model=model if isinstance(model, str) else None,
        config=config,
        prompt_id=source.prompt_id,
        prompt=source.prompt if source.shows_prompt else None,
        instruction=source.instruction if source.shows_prompt else None,
        submitted_at=source.submitted_at,
        approved_by=_name_of(source.approved_by),
        approved_at=source.approved_at if source.approved_by else None,
    )


def _name_of(email: str | None) -> str | None:
    """Pages are public: an account goes by what stands before the `@` of its address."""
    return email.partition("@")[0] if email else None


def archive_of(lists: Sequence[ListRow]) -> Archive:
    """The newest year first, topics by name; what shows nothing is left out."""
    years = [_shelf(row) for row in lists if row.kind == ListKind.YEAR and row.articles]
    topics = [_shelf(row) for row in lists if row.kind == ListKind.TOPIC and row.articles]
    return Archive(tuple(reversed(years)), tuple(topics))


def folder_of(row: ListRow) -> str:
    """Where a list lives: empty for the whole site, else ending in `/`."""
    if row.kind == ListKind.SITE:
        return ""
    return f"topics/{row.slug}/" if row.kind == ListKind.TOPIC else f"{row.slug}/"


def _shelf(row: ListRow) -> Shelf:
    return Shelf(row.name, f"{folder_of(row)}index.html", row.articles)
