"""What the database says of pages and lists."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from app.models import ListKind, Media, PageStatus
from app.publishing.model import Entry, Picture, SearchEntry, TopicLink, Variant


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A page as lists show it, with its place in the list it was asked for."""

    page_id: int
    place: int
    path: str
    title: str
    excerpt: str
    minutes: int
    picture: Picture | None
    words: str
    dated_at: datetime
    updated_at: datetime | None
    topic_name: str | None
    topic_slug: str | None

    @property
    def topic(self) -> TopicLink | None:
        return TopicLink(self.topic_name, self.topic_slug) if self.topic_name and self.topic_slug else None

    def entry(self) -> Entry:
        return Entry(
            title=self.title,
            path=self.path,
            published_at=self.dated_at,
            excerpt=self.excerpt,
            updated_at=self.updated_at,
            topic=self.topic,
            picture=self.picture,
            minutes=self.minutes,
        )

    def search_entry(self) -> SearchEntry:
        return SearchEntry(self.entry(), self.words)


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list of a site; `name` is the topic's, or the year. Up to the place `written`, its pages are there."""

    id: int
    kind: ListKind
    key: str
    slug: str
    last_place: int
    written: int
    articles: int
    indexed: int
    name: str


@dataclass(frozen=True, slots=True)
class PageRow:
    """An address of a site, and how it stands."""

    id: int
    dir_id: int
    path: str
    content_id: int | None
    topic_id: int | None
    status: PageStatus
    moved_to: int | None
    dated_at: datetime
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a page stands in one of its lists."""

    list_id: int
    place: int


@dataclass(frozen=True, slots=True)
class ChangedPageRow:
    """A page whose change is to be written, and the places on which it shows."""

    id: int
    path: str
    status: PageStatus
    places: tuple[PlaceRow, ...]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A page with what was submitted, and how it came to be."""

    page_id: int
    path: str
    dated_at: datetime
    updated_at: datetime | None
    topic_id: int | None
    topic_name: str | None
    topic_slug: str | None
    content_id: int
    text: str
    submitted_at: datetime
    client: str | None
    approved_by: str | None
    approved_at: datetime | None
    prompt_id: int | None
    prompt: str | None
    shows_prompt: bool
    config: str | None
    instruction: str | None

    @property
    def topic(self) -> TopicLink | None:
        return TopicLink(self.topic_name, self.topic_slug or "", self.topic_id) if self.topic_name else None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A stored file of a content or a prompt; `source` is the address by which a text may ask for it."""

    owner_id: int
    name: str
    source: str
    media: Media


# As statements select them.
PAGE_COLUMNS = ", ".join(column.name for column in fields(PageRow))


def page_row(row: Mapping[str, Any]) -> PageRow:
    return PageRow(**{**row, "status": PageStatus(row["status"])})


def picture_of(written: str | None) -> Picture | None:
    """As `stored_picture` had it kept, read as text."""
    if not written:
        return None
    stored = from_json(written)
    variants = tuple(Variant(**variant) for variant in stored.get("variants", ()))
    return Picture(**{**stored, "variants": variants})


def stored_picture(picture: Picture | None) -> str | None:
    """As the page's row keeps it: without the address by which one text asked for it."""
    return to_json(replace(picture, source="")).decode() if picture else None
