"""The sample as a whole site: every file a function away, so that one page is made at the cost of one page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from app.publishing import addresses
from app.publishing.build.parts import YEAR_PAGE_SIZE, Paging
from app.publishing.model import Archive, Entry, FeedItem, File, Listing, ListingKind, SearchEntry, Shelf
from app.publishing.pages import articles, listings, notices
from app.publishing.pages.theme import Theme
from app.publishing.preview.sample.articles import SITE, Written, media, written
from app.publishing.syndication import feeds, markdown_copies, provenance, search

Making = Callable[[Theme], File]

REDIRECT = "2026/11/moved/index.html"
WITHDRAWN = "2026/11/withdrawn/index.html"


class SampleSite:
    """`url` is where it is shown; without one its absolute links lead nowhere in particular."""

    def __init__(self, url: str = "https://sample.example/") -> None:
        self.site = replace(SITE, url=url)
        self.articles = written(self.site)

    @cached_property
    def files(self) -> Mapping[str, Making]:
        """What makes each file, by its path; those of the theme itself aside."""
        pictures = {path: partial(_drawn, path, draw) for path, draw in media().items()}
        return {**dict([*self._articles(), *self._lists(), *self._search(), *self._notices()]), **pictures}

    def _articles(self) -> Iterator[tuple[str, Making]]:
        for each in self.articles:
            article, path, title = each.article, each.entry.path, each.entry.title
            yield path, partial(self._article, each)
            yield addresses.beside(path, "index.md"), _made(markdown_copies.twin(self.site, article, title))
            yield (
                addresses.beside(path, "provenance.json"),
                _made(provenance.provenance(self.site, article, title)),
            )

    def _article(self, each: Written, theme: Theme) -> File:
        return File(each.entry.path, articles.render_article(self.site, each.article, theme=theme).body)

    def _lists(self) -> Iterator[tuple[str, Making]]:
        yield from self._list(ListingKind.SITE, "", "", self.articles)
        for name, found in self._topics.items():
            yield from self._list(ListingKind.TOPIC, name, _topic_folder(found), found)
        for year, found in self._years.items():
            yield from self._list(ListingKind.YEAR, year, f"{year}/", found)
        archive = Archive(
            tuple(Shelf(year, f"{year}/index.html", len(found)) for year, found in self._years.items()),
            tuple(
                Shelf(name, f"{_topic_folder(found)}index.html", len(found))
                for name, found in sorted(self._topics.items())
            ),
        )
        yield "archive/index.html", partial(_archive, self, archive)

    def _list(
        self, kind: ListingKind, key: str, folder: str, found: Sequence[Written]
    ) -> Iterator[tuple[str, Making]]:
        size = YEAR_PAGE_SIZE if kind is ListingKind.YEAR else self.site.page_size
        numbered = Paging(len(found), size).numbered
        entries = [each.entry for each in found]
        for number in (None, *range(1, numbered + 1)):
            listing = Listing(
                kind=kind,
                path=_page_path(folder, number),
                entries=tuple(_shown(entries, number, size, numbered)),
                key=key,
                folder=folder,
                number=number,
                newer=None if number is None else _page_path(folder, number + 1 if number < numbered else None),
                older=_page_path(folder, older) if (older := numbered if number is None else number - 1) else None,
            )
            yield listing.path, partial(_listing, self, listing)
        if kind is not ListingKind.YEAR:
            items = [FeedItem(each.entry, articles.feed_html(self.site, each.article)) for each in found]
            title = f"{key} · {self.site.title}" if key else self.site.title
            yield f"{folder}feed.xml", _made(feeds.atom(self.site, folder, title, items))
            yield f"{folder}feed.json", _made(feeds.json_feed(self.site, folder, title, items))

    def _search(self) -> Iterator[tuple[str, Making]]:
        placed = [
            (place, SearchEntry(each.entry, " ".join(sorted(each.words))))
            for place, each in enumerate(reversed(self.articles), 1)
        ]
        for file in (search.manifest(len(placed), 0), search.entries_file(1, placed)):
            yield file.path, _made(file)

    def _notices(self) -> Iterator[tuple[str, Making]]:
        yield "about/index.html", lambda theme: notices.render_about(self.site, theme=theme)
        yield "search/index.html", lambda theme: notices.render_search(self.site, theme=theme)
        yield addresses.NOT_FOUND, lambda theme: notices.render_not_found(self.site, theme=theme)
        yield addresses.gone_path(WITHDRAWN), lambda theme: notices.render_gone(self.site, WITHDRAWN, theme=theme)
        target = addresses.site_url(self.site, self.articles[0].entry.path)
        yield REDIRECT, lambda theme: notices.render_redirect(self.site, REDIRECT, target, theme=theme)

    @cached_property
    def _topics(self) -> Mapping[str, Sequence[Written]]:
        named = [(each.entry.topic.name, each) for each in self.articles if each.entry.topic]
        return _grouped(named)

    @cached_property
    def _years(self) -> Mapping[str, Sequence[Written]]:
        return _grouped([(str(each.entry.published_at.year), each) for each in self.articles])


def _grouped(named: Sequence[tuple[str, Written]]) -> Mapping[str, Sequence[Written]]:
    groups: dict[str, list[Written]] = {}
    for name, each in named:
        groups.setdefault(name, []).append(each)
    return groups


def _shown(entries: Sequence[Entry], number: int | None, size: int, numbered: int) -> Sequence[Entry]:
    """Of entries from the newest on, those of one page; the pages are numbered from the oldest."""
    if number is None:
        return entries[: len(entries) - numbered * size]
    end = len(entries) - (number - 1) * size
    return entries[end - size : end]


def _topic_folder(found: Sequence[Written]) -> str:
    topic = found[0].entry.topic
    return f"topics/{topic.slug}/" if topic else ""


def _page_path(folder: str, number: int | None) -> str:
    return f"{folder}index.html" if number is None else f"{folder}page/{number}/index.html"


def _listing(sample: SampleSite, listing: Listing, theme: Theme) -> File:
    return listings.render_listing(sample.site, listing, theme=theme)


def _archive(sample: SampleSite, archive: Archive, theme: Theme) -> File:
    return listings.render_archive(sample.site, archive, theme=theme)


def _made(file: File) -> Making:
    """For what is the same in every theme."""
    return lambda _theme: file


def _drawn(path: str, draw: Callable[[], bytes], _theme: Theme) -> File:
    return File(path, draw())
