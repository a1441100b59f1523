"""What templates are given: values of the site as one page shows them, with links from that page."""

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app.publishing.model import Attachment, Picture
from app.publishing.pages.sandbox import Shown
from app.publishing.text.pictures import SIZES, LocalPicture, picture_tag

_WIDE = 1.2
_PLAYED = frozenset({"audio", "video"})

Linked = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ShownPicture(Shown):
    """A picture of the site, with its copies in other widths and formats."""

    url: str
    width: int | None
    height: int | None
    alt: str
    local: LocalPicture

    @property
    def shape(self) -> str:
        """`wide`, `square` or `tall`; an unknown one is taken for a square."""
        ratio = self.width / self.height if self.width and self.height else 1.0
        return "wide" if ratio > _WIDE else "tall" if ratio < 1 / _WIDE else "square"

    def tag(self, sizes: str = SIZES, *, loading: str = "lazy", alt: str | None = None) -> Markup:
        """The picture as HTML; `sizes` is how wide it will be shown."""
        shown = self.alt if alt is None else alt
        return safe(picture_tag(self.local, alt=shown, loading=loading, sizes=sizes))


@dataclass(frozen=True, slots=True)
class ShownTopic(Shown):
    """`tone` is the number of its colour, from 1."""

    name: str
    url: str
    tone: int


@dataclass(frozen=True, slots=True)
class ShownFile(Shown):
    """`kind` is the first part of its media type, `extension` that of its name, in capitals."""

    name: str
    url: str
    media_type: str
    kind: str
    extension: str

    @property
    def is_played(self) -> bool:
        return self.kind in _PLAYED


@dataclass(frozen=True, slots=True)
class ShownEntry(Shown):
    """One article in a list. Times are those of the site's clock."""

    title: str
    url: str
    published_at: datetime
    updated_at: datetime | None
    excerpt: str
    minutes: int
    topic: ShownTopic | None
    tone: int
    picture: ShownPicture | None


@dataclass(frozen=True, slots=True)
class ShownPrompt(Shown):
    """What an article was asked to be."""

    text: str
    pictures: tuple[ShownPicture, ...]
    files: tuple[ShownFile, ...]


@dataclass(frozen=True, slots=True)
class ShownShelf(Shown):
    """A list of the site in its archive. `weight`, from 1 to 10, compares it with the fullest of its kind."""

    name: str
    url: str
    articles: int
    weight: int
    tone: int = 0


@dataclass(frozen=True, slots=True)
class ShownMonth(Shown):
    """The entries of one month; `first_at` lies in it."""

    first_at: datetime
    entries: tuple[ShownEntry, ...]


def shown_picture(picture: Picture, url: Linked, alt: str = "") -> ShownPicture:
    local = local_picture(picture, url)
    return ShownPicture(local.url, local.width, local.height, alt, local)


def shown_file(file: Attachment, url: Linked) -> ShownFile:
    kind = file.media_type.partition("/")[0]
    extension = posixpath.splitext(file.name)[1][1:].upper()
    return ShownFile(file.name, url(file.path), file.media_type, kind, extension)


def local_picture(picture: Picture, url: Linked) -> LocalPicture:
    """For the text that asks for it."""
    sources = tuple((url(copy.path), copy.width, copy.media_type) for copy in picture.variants)
    return LocalPicture(url(picture.path), picture.width, picture.height, picture.alt, sources)


def safe(markup: str) -> Markup:
    """What was sanitised, or written by us as JSON, passes the autoescape here and nowhere else."""
    return Markup(markup)  # noqa: S704
