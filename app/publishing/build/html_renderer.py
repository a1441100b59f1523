"""Turns parts of a site into files: what they need is read first, then all of them are rendered at once."""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.core.settings import Settings
from app.models import Directory, ListKind
from app.publishing import addresses
from app.publishing.build.build_input import FEED_ITEMS, LLMS_ITEMS, Reading
from app.publishing.build.parts import (
    DRESS,
    SITEMAP_SIZE,
    AbsentPart,
    ArticlePart,
    FixedPart,
    FrontPart,
    GoneTopicPart,
    NumberedPart,
    Paging,
    Part,
    SearchPart,
    ShadowPart,
    SitemapPart,
    VolumePart,
    chunk_of,
    paging_of,
)
from app.publishing.build.reader import Desk, Shadow, archive_of, folder_of
from app.publishing.build.rows import EntryRow, ListRow
from app.publishing.build.site import site_of
from app.publishing.model import Archive, Article, FeedItem, File, Listing, ListingKind, Picture
from app.publishing.pages import articles, listings, notices
from app.publishing.pages.articles import RenderedArticle
from app.publishing.pages.theme import Theme
from app.publishing.syndication import feeds, llms, markdown_copies, provenance, search, sitemaps

_ARTICLE = re.compile(r"\d{4}/\d\d/")
REMEMBERED_BODIES = 400
LONGEST_FEED_BODY = 50_000
_BESIDE = ("index.md", "provenance.json")
_FEEDS = ("feed.xml", "feed.json")


@dataclass(frozen=True)
class Removal:
    """A file that is not to be there."""

    path: str


Output = File | Removal
Job = Callable[[], Sequence[Output]]
BodyKey = tuple[str, int, datetime | None]

# A text never changes, and a feed shows the same ones again with each publication.
_feed_bodies: OrderedDict[BodyKey, str] = OrderedDict()


class Press:
    """Makes the files of one site's pages, lists and feeds."""

    has_lists = True
    has_variants = True
    dress: Sequence[Part] = DRESS
    signs: Sequence[str] = ()

    def __init__(self, settings: Settings, directory: Directory, theme: Theme) -> None:
        self._settings = settings
        self._theme = theme
        self.site = site_of(settings, directory)
        # By path: the pictures with those of their copies that are in the site.
        self.pictures: dict[str, Picture] = {}
        # By path: what the articles that were rendered whole say of themselves.
        self.proofs: dict[str, RenderedArticle] = {}

    @property
    def digest(self) -> str:
        return f"{self._theme.name}-{self._theme.digest[:12]}"

    @staticmethod
    def media_path(_page: str, digest: str, name: str) -> str:
        """Where the site keeps its copy of a file."""
        return f"media/{digest[:16]}/{name}"

    @property
    def garment(self) -> str:
        """A file that every dressed site has."""
        return self._theme.assets["site.css"].path

    def know(self, pictures: Mapping[str, Picture]) -> None:
        self.pictures |= pictures

    @staticmethod
    def is_linking(path: str) -> bool:
        """Whether a file leads to articles, which must be there before it."""
        return not (_ARTICLE.match(path) or path.startswith(("assets/", "search/volumes/")))

    async def prepare(self, desk: Desk, parts: Iterable[Part], lists: Sequence[ListRow]) -> list[Job]:
        """Read what these parts are made from; the jobs, in their order, render them."""
        wanted, reading = list(parts), Reading(desk, lists)
        await reading.read(wanted, page_size=self.site.page_size)
        return [job for part in wanted for job in await self._jobs(reading, part)]

    def draft(self, article: Article) -> RenderedArticle:
        """The article as it would be at the address that its title suggests."""
        return articles.draft_article(self.site, self._illustrated(article), theme=self._theme)

    @staticmethod
    def proposed_path(_article: Article, page: RenderedArticle) -> str:
        return page.path

    async def _jobs(self, reading: Reading, part: Part) -> list[Job]:
        """None for what has gone since somebody asked for it: an article, or the list of a topic."""
        match part:
            case ArticlePart(page_id, is_whole):
                article = reading.articles.get(page_id)
                return [partial(self._article, article, is_whole)] if article else []
            case ShadowPart(page_id):
                shadow = reading.shadows.get(page_id)
                return [partial(self._shadow, shadow)] if shadow else []
            case AbsentPart(_, path):
                return [partial(_absent, path)]
            case FrontPart(list_id):
                row = reading.lists.get(list_id)
                return await self._front(reading, row) if row else []
            case NumberedPart(list_id, number):
                row = reading.lists.get(list_id)
                return [await self._numbered(reading, row, number)] if row else []
            case GoneTopicPart(slug):
                return [partial(self._gone_topic, f"topics/{slug}/")]
            case SitemapPart(number):
                return [partial(self._sitemap, number, await reading.chunk(number, SITEMAP_SIZE))]
            case SearchPart(number):
                if reading.is_indexed(part):
                    return []
                return [partial(self._search, number, await reading.chunk(number, search.CHUNK, with_words=True))]
            case VolumePart(number):
                return [partial(self._volume, number, await reading.volume(part, search.VOLUME))]
            case FixedPart():
                return [await self._fixed(reading, part)]

    # --- articles ---

    def _article(self, article: Article, is_whole: bool) -> list[Output]:
        article = self._illustrated(article)
        page = articles.render_article(self.site, article, theme=self._theme)
        beside: list[Output] = []
        if is_whole:
            self.proofs[page.path] = page
            beside = [
                markdown_copies.twin(self.site, article, page.title),
                provenance.provenance(self.site, article, page.title),
                Removal(addresses.gone_path(page.path)),
            ]
        return [File(page.path, page.body), *beside]

    def _illustrated(self, article: Article) -> Article:
        known = self.pictures
        pictures = (
            replace(picture, variants=known[picture.path].variants) if picture.path in known else picture
            for picture in article.pictures
        )
        return replace(article, pictures=tuple(pictures))

    def _shadow(self, shadow: Shadow) -> list[Output]:
        path = shadow.page.path
        beside = [Removal(addresses.beside(path, name)) for name in _BESIDE]
        # Where somebody else's generator makes the pages, their addresses are not known.
        if shadow.site and shadow.target and shadow.site.tmpl == "default":
            url = addresses.site_url(site_of(self._settings, shadow.site), shadow.target.path)
            redirect = notices.render_redirect(self.site, path, url, theme=self._theme)
            return [redirect, *beside, Removal(addresses.gone_path(path))]
        gone = notices.render_gone(self.site, path, theme=self._theme)
        return [gone, Removal(path), *beside]

    # --- lists ---

    async def _front(self, reading: Reading, row: ListRow) -> list[Job]:
        paging = paging_of(row, self.site.page_size)
        rows = reading.newest(row)
        shown = [found for i, found in enumerate(rows) if found.place >= paging.front_first or i < paging.size]
        jobs: list[Job] = [partial(self._listing, row, shown, paging, None)]
        if row.kind != ListKind.YEAR:
            newest = rows[:FEED_ITEMS]
            unknown = {found.page_id for found in newest if self._body_key(found) not in _feed_bodies}
            missing = unknown - reading.articles.keys()
            read = await reading.desk.articles(missing, with_neighbours=False) if missing else {}
            jobs.append(partial(self._feeds, row, newest, {**read, **reading.articles}))
        return jobs

    async def _numbered(self, reading: Reading, row: ListRow, number: int) -> Job:
        paging = paging_of(row, self.site.page_size)
        rows = await reading.desk.entries_between(row.id, *paging.places(number))
        return partial(self._listing, row, rows, paging, number)

    def _listing(self, row: ListRow, rows: Sequence[EntryRow], paging: Paging, number: int | None) -> list[Output]:
        folder = folder_of(row)
        older = paging.numbered if number is None else number - 1
        newer = None if number is None else number + 1
        listing = Listing(
            kind=ListingKind(row.kind.value),
            path=_page_path(folder, number),
            entries=tuple(found.entry() for found in rows),
            key=row.name,
            folder=folder,
            number=number,
            newer=_page_path(folder, newer if newer <= paging.numbered else None) if newer else None,
            older=_page_path(folder, older) if older else None,
        )
        return [listings.render_listing(self.site, listing, theme=self._theme)]

    def _gone_topic(self, folder: str) -> list[Output]:
        front = f"{folder}{addresses.INDEX}"
        gone = notices.render_gone(self.site, front, theme=self._theme, is_list=True)
        return [gone, Removal(front), *(Removal(f"{folder}{name}") for name in _FEEDS)]

    def _feeds(self, row: ListRow, rows: Sequence[EntryRow], read: Mapping[int, Article]) -> list[Output]:
        items = [FeedItem(found.entry(), self._feed_body(found, read.get(found.page_id))) for found in rows]
        title = self.site.title if row.kind == ListKind.SITE else f"{row.name} · {self.site.title}"
        folder = folder_of(row)
        return [feeds.atom(self.site, folder, title, items), feeds.json_feed(self.site, folder, title, items)]

    def _body_key(self, found: EntryRow) -> BodyKey:
        return self.site.url, found.page_id, found.updated_at

    def _feed_body(self, found: EntryRow, article: Article | None) -> str:
        key = self._body_key(found)
        if article is not None and key not in _feed_bodies:
            body = articles.feed_html(self.site, article)
            _feed_bodies[key] = body if len(body) <= LONGEST_FEED_BODY else ""
            with suppress(KeyError):
                while len(_feed_bodies) > REMEMBERED_BODIES:
                    _feed_bodies.popitem(last=False)
        return _feed_bodies.get(key, "")

    # --- for machines ---

    def _sitemap(self, number: int, rows: Sequence[EntryRow]) -> list[Output]:
        pages = [(found.path, found.updated_at or found.dated_at) for found in reversed(rows)]
        return [sitemaps.sitemap(self.site, number, pages)]

    def _search(self, number: int, rows: Sequence[EntryRow]) -> list[Output]:
        placed = [(found.place, found.search_entry()) for found in rows]
        return [search.entries_file(number, placed, time_zone=self.site.time_zone)]

    def _volume(self, number: int, rows: Sequence[EntryRow]) -> list[Output]:
        placed = [(found.place, found.search_entry()) for found in rows]
        return list(search.volume_files(number, placed, time_zone=self.site.time_zone))

    # --- what there is once ---

    async def _fixed(self, reading: Reading, part: FixedPart) -> Job:
        last = reading.whole.last_place if reading.whole else 0
        archive = archive_of(list(reading.lists.values()))
        match part:
            case FixedPart.ARCHIVE:
                return lambda: [listings.render_archive(self.site, archive, theme=self._theme)]
            case FixedPart.LLMS:
                return partial(self._llms, archive, reading.newest(reading.whole)[:LLMS_ITEMS])
            case FixedPart.SEARCH_MANIFEST:
                indexed = reading.whole.indexed if reading.whole else 0
                return lambda: [search.manifest(last, indexed // search.VOLUME, open_until=indexed)]
            case FixedPart.SITEMAP_INDEX:
                chunks = chunk_of(last, SITEMAP_SIZE)
                return lambda: [sitemaps.sitemap_index(self.site, range(1, chunks + 1))]
            case _:
                return partial(self._dress, part)

    def _llms(self, archive: Archive, rows: Sequence[EntryRow]) -> list[Output]:
        return [llms.llms(self.site, [found.entry() for found in rows], archive)]

    def _dress(self, part: FixedPart) -> list[Output]:
        match part:
            case FixedPart.ABOUT:
                return [notices.render_about(self.site, theme=self._theme)]
            case FixedPart.SEARCH_PAGE:
                return [notices.render_search(self.site, theme=self._theme)]
            case FixedPart.NOT_FOUND:
                return [notices.render_not_found(self.site, theme=self._theme)]
            case FixedPart.ROBOTS:
                return [sitemaps.robots(self.site), sitemaps.fixed_pages(self.site)]
            case _:
                return [File(asset.path, asset.body) for asset in self._theme.assets.values()]


def _absent(path: str) -> list[Output]:
    return [Removal(path), *(Removal(addresses.beside(path, name)) for name in (*_BESIDE, addresses.GONE))]


def _page_path(folder: str, number: int | None) -> str:
    return f"{folder}{addresses.INDEX}" if number is None else f"{folder}page/{number}/{addresses.INDEX}"


def render(jobs: Iterable[Job]) -> list[Output]:
    """It blocks: for a thread."""
    return [output for job in jobs for output in job()]
