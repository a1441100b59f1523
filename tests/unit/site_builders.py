"""A small site whose pages are rendered in tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.publishing.model import Article, Entry, Listing, ListingKind, Picture, Site, TopicLink, Variant

A_DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WEATHER = TopicLink("Weather", "weather")
RAIN = Picture(
    "media/1a/rain.png",
    640,
    480,
    "Rain on glass",
    "http://localhost:8080/genimgs/rain.png",
    (Variant("media/1a/rain-480.webp", 480, "image/webp"), Variant("media/1a/rain-480.png", 480, "image/png")),
)
HILL = Picture("media/2b/hill.png", 600, 800, "", "http://localhost:8080/genimgs/hill.png")


def a_site(**changes: Any) -> Site:
    site = Site("demo", "Slow Weather", "https://site.example/app/sites/demo/", "One a day")
    return replace(site, **changes)


def an_article(text: str = "# Rain on the window\n\nIt fell all day.", **changes: Any) -> Article:
    return replace(Article(7, text, A_DAY, topic=WEATHER), **changes)


def an_entry(title: str = "Rain", path: str = "2026/11/rain/index.html", **changes: Any) -> Entry:
    return replace(Entry(title, path, A_DAY, "It fell.", topic=WEATHER), **changes)


def a_listing(*entries: Entry, **changes: Any) -> Listing:
    return replace(Listing(ListingKind.SITE, "index.html", entries), **changes)
