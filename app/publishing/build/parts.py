"""What a site consists of, and which of it a change of some pages touches.

A list is shown on a front page and on pages numbered from the oldest, so that a full one never changes again.
With `n` places given out and `size` to a page, the front page shows what comes after the last but one full page:
at least `size` entries once there are as many, and fewer than twice that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.models import ListKind
from app.publishing.build.rows import ListRow, PlaceRow
from app.publishing.syndication.search import CHUNK, VOLUME

YEAR_PAGE_SIZE = 40
SITEMAP_SIZE = 100
# So many older pages of a list that are behind are written at a time.
MOST_BEHIND = 50


@dataclass(frozen=True)
class ArticlePart:
    """An article's page; with `is_whole` also what stands beside it for machines."""

    page_id: int
    is_whole: bool = True


@dataclass(frozen=True)
class ShadowPart:
    """What is left at the address of an article that is gone or has moved."""

    page_id: int


@dataclass(frozen=True)
class AbsentPart:
    """An address that was given, and whose article was never published."""

    page_id: int
    path: str


@dataclass(frozen=True)
class FrontPart:
    """The first page of a list, and its feeds."""

    list_id: int


@dataclass(frozen=True)
class NumberedPart:
    """One of the older pages of a list."""

    list_id: int
    number: int


@dataclass(frozen=True)
class GoneTopicPart:
    """What is left at the address of a list whose topic was removed."""

    slug: str


@dataclass(frozen=True)
class SitemapPart:
    number: int


@dataclass(frozen=True)
class SearchPart:
    """A chunk of the search that no volume has yet."""

    number: int


@dataclass(frozen=True)
class VolumePart:
    """A volume of the search index up to a place, with its chunks."""

    number: int
    until: int


class FixedPart(StrEnum):
    """What a site has once."""

    ARCHIVE = "archive"
    LLMS = "llms"
    SEARCH_MANIFEST = "search manifest"
    SITEMAP_INDEX = "sitemap index"
    ASSETS = "assets"
    ABOUT = "about"
    SEARCH_PAGE = "search page"
    NOT_FOUND = "not found"
    ROBOTS = "robots"


# What depends on the site's settings and its theme alone.
DRESS = (FixedPart.ASSETS, FixedPart.ABOUT, FixedPart.SEARCH_PAGE, FixedPart.NOT_FOUND, FixedPart.ROBOTS)
# What each publication changes.
EVER_CHANGING = (FixedPart.ARCHIVE, FixedPart.LLMS, FixedPart.SEARCH_MANIFEST)

PagePart = ArticlePart | ShadowPart | AbsentPart
Part = PagePart | FrontPart | NumberedPart | GoneTopicPart | SitemapPart | SearchPart | VolumePart | FixedPart


@dataclass(frozen=True)
class Paging:
    """How a list is divided into pages."""

    last_place: int
    size: int

    @property
    def numbered(self) -> int:
        """How many older pages there are; they have the numbers from 1 to this."""
        return max(self.last_place // self.size - 1, 0)

    @property
    def front_first(self) -> int:
        """The first place that the front page shows."""
        return self.numbered * self.size + 1

    def places(self, number: int) -> tuple[int, int]:
        return (number - 1) * self.size + 1, number * self.size

    def touched(self, place: int) -> set[int]:
        """The older page on which a change at a place shows, if it is on none of the front."""
        return self._there({chunk_of(place, self.size)})

    def unwritten(self, written: int) -> set[int]:
        """The older pages that there are since a place was the last one, the oldest of them first.

        The one before must lead there, and the newest one must be there, for the front page leads to it.
        """
        known = Paging(written, self.size).numbered
        if known == self.numbered:
            return set()
        return self._there({*range(known, known + MOST_BEHIND + 1), self.numbered - 1, self.numbered})

    def written_after(self, written: int) -> int:
        """Up to which place a list is written, once these are."""
        reached = Paging(written, self.size).numbered + MOST_BEHIND
        return self.last_place if reached >= self.numbered else (reached + 1) * self.size

    def _there(self, numbers: set[int]) -> set[int]:
        return {number for number in numbers if 1 <= number <= self.numbered}


def paging_of(row: ListRow, page_size: int) -> Paging:
    return Paging(row.last_place, YEAR_PAGE_SIZE if row.kind == ListKind.YEAR else page_size)


def chunk_of(place: int, size: int) -> int:
    """The number, from 1, of the chunk of `size` that holds a place."""
    return (place - 1) // size + 1


def touched_parts(lists: Sequence[ListRow], places: Iterable[PlaceRow], *, page_size: int) -> set[Part]:
    """The listings, feeds, maps and indexes on which a change at these places shows.

    And those that there are since somebody was given a place, whoever it was and in which order they come.
    """
    rows = {row.id: row for row in lists}
    parts: set[Part] = set(EVER_CHANGING)
    for row in lists:
        if row.written < row.last_place:
            parts |= _grown_parts(row, page_size)
    for place in places:
        if place.list_id in rows:
            parts |= _parts_at(rows[place.list_id], place.place, page_size)
    return parts


def _parts_at(row: ListRow, place: int, page_size: int) -> set[Part]:
    numbers = paging_of(row, page_size).touched(place)
    parts: set[Part] = {FrontPart(row.id), *(NumberedPart(row.id, number) for number in numbers)}
    if row.kind == ListKind.SITE:
        parts |= {SitemapPart(chunk_of(place, SITEMAP_SIZE)), _search_part(row, place)}
    return parts


def _grown_parts(row: ListRow, page_size: int) -> set[Part]:
    paging = paging_of(row, page_size)
    parts: set[Part] = {FrontPart(row.id)}
    parts |= {NumberedPart(row.id, number) for number in paging.unwritten(row.written)}
    if row.kind == ListKind.SITE and chunk_of(row.written, SITEMAP_SIZE) < chunk_of(row.last_place, SITEMAP_SIZE):
        parts.add(FixedPart.SITEMAP_INDEX)
    return parts


def _search_part(row: ListRow, place: int) -> Part:
    if place > row.indexed:
        return SearchPart(chunk_of(place, CHUNK))
    return volume_part(chunk_of(place, VOLUME), row.indexed)


def volume_part(number: int, indexed: int) -> VolumePart:
    return VolumePart(number, min(number * VOLUME, indexed))


def list_parts(lists: Sequence[ListRow], *, page_size: int) -> list[Part]:
    """Every part of a site but its articles; what links comes after what is linked."""
    older: list[Part] = []
    fronts: list[Part] = []
    for row in lists:
        older += [NumberedPart(row.id, number + 1) for number in range(paging_of(row, page_size).numbered)]
        fronts.append(FrontPart(row.id))
        if row.kind == ListKind.SITE:
            older += [SitemapPart(number + 1) for number in range(chunk_of(row.last_place, SITEMAP_SIZE))]
            if row.indexed:
                older += [volume_part(number + 1, row.indexed) for number in range(chunk_of(row.indexed, VOLUME))]
            chunks = range(row.indexed // CHUNK, chunk_of(row.last_place, CHUNK))
            older += [SearchPart(number + 1) for number in chunks]
    return [*DRESS, *older, *fronts, FixedPart.SITEMAP_INDEX, *EVER_CHANGING]
