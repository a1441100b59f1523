"""Pages with a hostile text in every field of them."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from app.publishing.model import (
    Archive,
    Article,
    Attachment,
    Entry,
    File,
    Listing,
    ListingKind,
    Picture,
    Provenance,
    Shelf,
    ShownPrompt,
    Site,
    TopicLink,
    Variant,
)
from app.publishing.pages import articles, listings, notices
from app.publishing.pages.theme import Theme
from app.publishing.preview.sample import articles as sample

TEXTS = Path(__file__).parent.parent / "unit" / "hostile_texts.json"
A_DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PICTURE = "media/a.png"
COPY = "media/a-320.webp"
RECORDING = "media/a.wav"


def texts() -> list[str]:
    return [case["text"] for case in json.loads(TEXTS.read_text("utf-8"))]


def pages(text: str, url: str, theme: Theme) -> Iterator[File]:
    """A small site at this address that says nothing else."""
    yield from _Pages(text, url, theme)


class _Pages:
    def __init__(self, text: str, url: str, theme: Theme) -> None:
        self.text = text
        self.theme = theme
        self.site = Site("hostile", text, url, text, about=text, author=text, discloses_ai=True)
        self.topic = TopicLink(text, "topic")
        self.picture = Picture(PICTURE, 640, 480, text, variants=(Variant(COPY, 320, "image/webp"),))
        self.shelves = (Shelf(text, "topics/topic/index.html", 1),)

    def __iter__(self) -> Iterator[File]:
        page = articles.render_article(self.site, self._article(), theme=self.theme)
        yield File(page.path, page.body)
        for kind in ListingKind:
            listing = Listing(kind, f"{kind}/index.html", (self._entry(), self._entry()), self.text, f"{kind}/")
            yield listings.render_listing(self.site, listing, theme=self.theme)
        yield listings.render_archive(self.site, Archive(self.shelves, self.shelves), theme=self.theme)
        yield notices.render_about(self.site, theme=self.theme)
        yield notices.render_not_found(self.site, theme=self.theme)
        yield from _MEDIA

    def _article(self) -> Article:
        files = (
            Attachment(self.text, RECORDING, "audio/wav"),
            Attachment(self.text, RECORDING, self.text),
        )
        return Article(
            1,
            self.text,
            A_DAY,
            "article/index.html",
            topic=self.topic,
            pictures=(self.picture, Picture(PICTURE, alt=self.text)),
            files=files,
            prompt=ShownPrompt(self.text, (self.picture,), files),
            previous=self._entry(),
            related=(self._entry(),),
            provenance=Provenance(approved_by=self.text),
        )

    def _entry(self) -> Entry:
        return Entry(self.text, "article/index.html", A_DAY, self.text, topic=self.topic, picture=self.picture)


def _drawn(kind: str, width: int, height: int) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (width, height), "steelblue").save(body, kind)
    return body.getvalue()


_MEDIA = (
    File(PICTURE, _drawn("PNG", 640, 480)),
    File(COPY, _drawn("WEBP", 320, 240)),
    File(RECORDING, sample.media()[sample.BELL.path]()),
)
