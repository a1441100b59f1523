"""What the database says of pages and lists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from app.models import ListKind, Media
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
    """A list of a site; `name` is the topic's, or the year."""

    id: int
    kind: ListKind
    key: str
    slug: str
    last_place: int
    articles: int
    indexed: int
    name: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a page stands in one of its lists."""

    list_id: int
    place: int


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


def picture_of(written: str | None) -> Picture | None:
    """As `stored_picture` had it kept, read as text."""
    if not written:
        return None
    stored = from_json(written)
    variants = tuple(Variant(**variant) for variant in stored.get("variants", ()))
    return Picture(**{**stored, "variants": variants})


def stored_picture(picture: Picture | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {
        "path": picture.path,
        "width": picture.width,
        "height": picture.height,
        "alt": picture.alt,
        "variants": [
            {"path": variant.path, "width": variant.width, "media_type": variant.media_type}
            for variant in picture.variants
        ],
    }
