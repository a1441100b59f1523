"""The articles of the sample, the newest first: where they stand and what they bring with them."""

import io
import math
import struct
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.publishing import addresses
from app.publishing.model import Article, Attachment, Entry, Picture, Provenance, ShownPrompt, Site, TopicLink
from app.publishing.pages.articles import RenderedArticle, render_article
from app.publishing.pages.theme import default_theme
from app.publishing.preview.sample import pictures

NEWEST = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
RELATED = 3
# As the engine divides lists: see `app.publishing.build.parts`.
PAGE_SIZE = 7

TEXTS = Path(__file__).parent / "texts"
BELL = Attachment("bell.wav", "media/sample/bell.wav", "audio/wav")
TABLE = Attachment("tide-table.csv", "media/sample/tide-table.csv", "text/csv")

SITE = Site(
    name="sample",
    title="The Low Tide",
    description="Harbour, workshops, kitchens and the sky above a small town.",
    about=(
        "# About The Low Tide\n\nA sample, so that a theme has something to show. The town does not exist, and "
        "its tides are made up.\n\nWhat stands here is **Markdown**, as the text of any about page is."
    ),
    author="Rain Writer",
    page_size=PAGE_SIZE,
    discloses_ai=True,
)


@dataclass(frozen=True)
class Sample:
    """A text among `texts/`, its topic, its picture, and how many days before the newest it was published."""

    text: str
    topic: str | None
    days: int
    picture: str = ""


SAMPLES = (
    Sample("fog", "Harbour", 0, "fog"),
    Sample("everything", "Workshop", 1, "lighthouse"),
    Sample("bread", "Food", 2, "kitchen"),
    Sample("rain", "Seasons", 3),
    Sample("stars", "Sky", 5, "stars"),
    Sample("radio", "Workshop", 8, "rust"),
    Sample("harbour-zh", "渡口", 9, "quay"),
    Sample("nets", "Harbour", 12, "quay"),
    Sample("night-ar", "البحر", 14, "storm"),
    Sample("clock", "Workshop", 19, "tower"),
    Sample("soup", "Food", 23),
    Sample("comet", "Sky", 26, "stars"),
    Sample("crane", "Harbour", 33, "rust"),
    Sample("gulls", None, 40),
    Sample("ice", "Seasons", 322, "fog"),
    Sample("jam", "Food", 330, "kitchen"),
    Sample("pump", "Workshop", 345),
    Sample("wind", "Seasons", 352, "storm"),
)


@dataclass(frozen=True)
class Written:
    """An article, and what lists say of it."""

    article: Article
    entry: Entry
    words: frozenset[str]


def written(site: Site) -> Sequence[Written]:
    """The newest first; titles and excerpts are read with the default theme, which is not the one being made."""
    drafts = [_draft(site, number, sample) for number, sample in enumerate(SAMPLES, 1)]
    return [replace(each, article=_among(each, place, drafts)) for place, each in enumerate(drafts)]


def media() -> Mapping[str, Callable[[], bytes]]:
    """What makes the files that the articles refer to, by their paths in the site."""
    return {**pictures.files(), BELL.path: _bell, TABLE.path: _table}


def _draft(site: Site, number: int, sample: Sample) -> Written:
    article = _article(number, sample)
    page = render_article(site, article, theme=default_theme())
    return Written(replace(article, path=page.path), _entry(article, page), page.words)


def _article(number: int, sample: Sample) -> Article:
    article = Article(
        content_id=number,
        text=(TEXTS / f"{sample.text}.md").read_text("utf-8"),
        published_at=NEWEST - timedelta(days=sample.days),
        topic=_topic(sample.topic),
        pictures=(_picture(sample.picture),) if sample.picture else (),
    )
    return _with_everything(article) if sample.text == "everything" else article


def _with_everything(article: Article) -> Article:
    return replace(
        article,
        updated_at=article.published_at + timedelta(days=1),
        pictures=(_picture("rust"), *article.pictures),
        files=(BELL, TABLE),
        prompt=ShownPrompt(
            "Write a page that shows everything a text can have.\n\nBe brief, and mention the tide.",
            (_picture("tower"),),
            (TABLE,),
        ),
        provenance=Provenance(
            client="sample", model="none at all", prompt_id=1, submitted_at=article.published_at
        ),
    )


def _entry(article: Article, page: RenderedArticle) -> Entry:
    return Entry(
        title=page.title,
        path=page.path,
        published_at=article.published_at,
        excerpt=page.excerpt,
        updated_at=article.updated_at,
        topic=article.topic,
        picture=article.pictures[0] if article.pictures else None,
        minutes=page.minutes,
    )


def _among(each: Written, place: int, drafts: Sequence[Written]) -> Article:
    """With its neighbours in time, and others of its topic."""
    topic = each.article.topic
    others = [other.entry for other in drafts if topic and other is not each and other.article.topic == topic]
    return replace(
        each.article,
        previous=drafts[place + 1].entry if place + 1 < len(drafts) else None,
        next=drafts[place - 1].entry if place else None,
        related=tuple(others[:RELATED]),
    )


def _topic(name: str | None) -> TopicLink | None:
    return TopicLink(name, addresses.article_slug(name, 1)) if name else None


def _picture(name: str) -> Picture:
    return pictures.shown(name, "Hills, one behind the other")


def _table() -> bytes:
    return b"place,high water,metres\nOld quay,06:12,3.4\nSandbank,06:40,2.9\nLighthouse,07:05,3.1\n"


def _bell() -> bytes:
    """Two seconds of something like a bell."""
    rate = 8000
    tones = ((440.0, 1.0), (1215.0, 0.5), (2376.0, 0.25))
    body = io.BytesIO()
    with wave.open(body, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        for number in range(2 * rate):
            at = number / rate
            swing = sum(part * math.sin(math.tau * tone * at) * math.exp(-at * 2 / part) for tone, part in tones)
            sound.writeframesraw(struct.pack("<h", round(swing * 12_000)))
    return body.getvalue()
