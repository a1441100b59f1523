"""Values of the publishing model, valid by default."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.publishing.model import Article, Entry, FeedItem, Picture, SearchEntry, Site, TopicLink

FIRST_DAY = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
RAIN = TopicLink("Rain & wind", "rain-wind")
HARBOUR = Picture("media/0123456789abcdef/har bour.png", 640, 480, "The harbour")

# Attacks on whoever parses them, and characters that files of one kind or another may not hold.
HOSTILE = [
    *(
        case["text"]
        for case in json.loads((Path(__file__).parent / "hostile_texts.json").read_text(encoding="utf-8"))
    ),
    "</script><!--<script>",
    "\u2028alert(1)\u2029",
    "]]></title><title>&amp;&bogus;",
    "nul \x00, bell \x07, escape \x1b, half a pair \ud800, no character \uffff",
    "---\nkey: !!python/object/apply:os.system [ls]\n---",
    "one\r\ntwo\x85three\x0bfour",
    "\u202eright to left\u202c \ufeff",
    "",
    "   ",
]


def a_site(**fields):
    return replace(
        Site(
            "demo",
            "Slow Weather",
            "https://weather.example/daily/",
            description="One a day",
            author="Ada Byron",
            time_zone="Asia/Shanghai",
        ),
        **fields,
    )


def an_entry(title="Rain on the window", **fields):
    entry = Entry(title, "2026/11/rain-on-the-window/index.html", FIRST_DAY, "It fell all day.", topic=RAIN)
    return replace(entry, **fields)


def an_item(html="<p>It fell all day.</p>", **fields):
    return FeedItem(an_entry(**fields), html)


def an_article(text="# Rain on the window\n\nIt fell all day.\n", **fields):
    path = "2026/11/rain-on-the-window/index.html"
    return replace(Article(7, text, FIRST_DAY, path, topic=RAIN), **fields)


def a_found(*words, **fields):
    return SearchEntry(an_entry(**fields), " ".join(sorted(words)))
