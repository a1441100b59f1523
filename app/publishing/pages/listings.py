"""Lists of articles: the front page, topics, years, and the archive of all of them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from app.publishing import addresses
from app.publishing.model import Archive, Entry, File, Listing, ListingKind, Picture, Shelf, Site
from app.publishing.pages.page_context import ARCHIVE, Frame
from app.publishing.pages.theme import Theme, tone
from app.publishing.pages.views import ShownMonth, ShownShelf

_WEIGHTS = 10


def render_listing(site: Site, listing: Listing, *, theme: Theme) -> File:
    """One page of a list, in the order given. Raises ThemeBroken."""
    frame = Frame(site, theme, listing.path)
    context = _about(frame, listing) | {
        "newer": frame.url(listing.newer) if listing.newer else None,
        "older": frame.url(listing.older) if listing.older else None,
        "share_picture": frame.share_picture(_first_picture(listing.entries), ""),
    }
    if listing.kind is ListingKind.YEAR:
        return frame.file("year.html", context | {"months": _months(frame, listing.entries)})
    return frame.file("listing.html", context | {"entries": [frame.entry(entry) for entry in listing.entries]})


def render_archive(site: Site, archive: Archive, *, theme: Theme) -> File:
    """All years and topics, with how many articles each has. Raises ThemeBroken."""
    frame = Frame(site, theme, ARCHIVE)
    context = {
        "title": frame.words["archive"],
        "canonical": frame.canonical,
        "years": _shelves(frame, archive.years),
        "topics": [_coloured(shelf) for shelf in _shelves(frame, archive.topics)],
        "articles": sum(shelf.articles for shelf in archive.years),
    }
    return frame.file("archive.html", context)


def _about(frame: Frame, listing: Listing) -> dict[str, Any]:
    name = listing.key or frame.site.title
    is_topic = listing.kind is ListingKind.TOPIC
    feeds = [frame.feed(listing.folder, f"{name} · {frame.site.title}")] if is_topic else []
    return {
        "title": name,
        "kind": listing.kind.value,
        "number": listing.number,
        "canonical": frame.canonical,
        "description": frame.site.description if listing.kind is ListingKind.SITE else "",
        "tone": tone(listing.key) if is_topic else 0,
        "front": frame.url(f"{listing.folder}{addresses.INDEX}"),
        "feeds": [*feeds, frame.feed("", frame.site.title)],
    }


def _first_picture(entries: Sequence[Entry]) -> Picture | None:
    return next((entry.picture for entry in entries if entry.picture), None)


def _months(frame: Frame, entries: Sequence[Entry]) -> list[ShownMonth]:
    shown = [frame.entry(entry) for entry in entries]
    by_month = groupby(shown, key=lambda entry: (entry.published_at.year, entry.published_at.month))
    months = [tuple(found) for _, found in by_month]
    return [ShownMonth(found[0].published_at, found) for found in months]


def _shelves(frame: Frame, shelves: Sequence[Shelf]) -> list[ShownShelf]:
    fullest = max((shelf.articles for shelf in shelves), default=0) or 1
    return [
        ShownShelf(shelf.name, frame.url(shelf.path), shelf.articles, _weight(shelf.articles, fullest))
        for shelf in shelves
    ]


def _coloured(shelf: ShownShelf) -> ShownShelf:
    return ShownShelf(shelf.name, shelf.url, shelf.articles, shelf.weight, tone(shelf.name))


def _weight(articles: int, fullest: int) -> int:
    return min(max(round(articles / fullest * _WEIGHTS), 1), _WEIGHTS)
