"""What pages are made of: plain values, read from the database once and given to pure functions.

Paths are relative to the site's own folder and use `/`. Instants are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Site:
    """A website. `url` is its public address, ending in `/`.

    With `discloses_ai`, pages say that they were written with AI until a named human has approved them.
    """

    name: str
    title: str
    url: str = ""
    description: str = ""
    about: str = ""
    language: str = "en"
    author: str = ""
    time_zone: str = "UTC"
    page_size: int = 12
    discloses_ai: bool = False


@dataclass(frozen=True)
class Variant:
    """The same picture in another width or format, stored in the site."""

    path: str
    width: int
    media_type: str


@dataclass(frozen=True)
class Picture:
    """A picture stored in the site. `source` is the address by which the text may ask for it."""

    path: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    source: str = ""
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True)
class Attachment:
    """Any other file stored in the site; audio and video get a player."""

    name: str
    path: str
    media_type: str
    source: str = ""


@dataclass(frozen=True)
class TopicLink:
    """A topic and the last part of its listing's address, which stays when the topic is renamed."""

    name: str
    slug: str
    id: int | None = None


@dataclass(frozen=True)
class Entry:
    """One article as listings, feeds and neighbours show it."""

    title: str
    path: str
    published_at: datetime
    excerpt: str = ""
    updated_at: datetime | None = None
    topic: TopicLink | None = None
    picture: Picture | None = None
    minutes: int = 1


@dataclass(frozen=True)
class ShownPrompt:
    """The prompt of an article, for pages that show it (`is_show_in_content`)."""

    text: str
    pictures: tuple[Picture, ...] = ()
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """How an article came to be, as far as it is known.

    The words of prompt and instruction are given only for pages that show their prompt.
    """

    client: str | None = None
    model: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    prompt_id: int | None = None
    prompt: str | None = None
    instruction: str | None = None
    submitted_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True)
class Article:
    """What an article's page is made from. Without a `path` one is made from date and title."""

    content_id: int
    text: str
    published_at: datetime
    path: str | None = None
    updated_at: datetime | None = None
    topic: TopicLink | None = None
    pictures: tuple[Picture, ...] = ()
    files: tuple[Attachment, ...] = ()
    prompt: ShownPrompt | None = None
    previous: Entry | None = None
    next: Entry | None = None
    related: tuple[Entry, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)


class ListingKind(StrEnum):
    """The lists an article is in; each has pages of its own, numbered from the oldest."""

    SITE = "site"
    TOPIC = "topic"
    YEAR = "year"


@dataclass(frozen=True)
class Listing:
    """One page of a list. `number` is None on its front page, which shows the newest.

    `key` is the topic's name or the year; `newer` and `older` are the paths of the pages beside it. `folder` is
    where the list lives (empty, or ending in `/`): `<folder>feed.xml` and `<folder>feed.json` are its feeds,
    which the lists of years do not have.
    """

    kind: ListingKind
    path: str
    entries: tuple[Entry, ...]
    key: str = ""
    folder: str = ""
    number: int | None = None
    newer: str | None = None
    older: str | None = None


@dataclass(frozen=True)
class Shelf:
    """A list as the archive page names it: how many articles, and where."""

    name: str
    path: str
    articles: int


@dataclass(frozen=True)
class Archive:
    """Every list of a site."""

    years: tuple[Shelf, ...] = ()
    topics: tuple[Shelf, ...] = ()


@dataclass(frozen=True)
class FeedItem:
    """An article in a feed, with its body as HTML whose links are absolute."""

    entry: Entry
    html: str


@dataclass(frozen=True)
class SearchEntry:
    """An article as the search knows it: what it shows, and the words it can be found by, spaces between them."""

    entry: Entry
    words: str = ""


@dataclass(frozen=True)
class File:
    """A file to be written, whole."""

    path: str
    body: bytes
