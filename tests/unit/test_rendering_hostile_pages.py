"""Whole pages with hostile text in every field of them. What becomes of the text itself: test_text_hostile.py."""

import json
import re
from pathlib import Path

import pytest

from app.publishing.model import (
    Archive,
    Attachment,
    ListingKind,
    Picture,
    Provenance,
    Shelf,
    ShownPrompt,
    TopicLink,
)
from app.publishing.pages import articles, listings, notices
from app.publishing.pages.theme import default_theme
from tests.unit.page_parsing import elements
from tests.unit.site_builders import RAIN, a_listing, a_site, an_article, an_entry

CASES = json.loads((Path(__file__).parent / "hostile_texts.json").read_text(encoding="utf-8"))
TEXTS = [pytest.param(case["text"], id=case["name"]) for case in CASES]
THEME = default_theme()

SCHEME = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
LOADING = ("src", "srcset", "poster", "data", "background")


def hostile_site(text):
    return a_site(title=text, description=text, about=text, author=text, discloses_ai=True)


def hostile_entry(text):
    return an_entry(
        text, excerpt=text, topic=TopicLink(text, "topic-1"), picture=Picture("media/a.png", 4, 3, text)
    )


def hostile_article(text):
    kinds = ("audio/ogg", "video/mp4", "text/plain", text)
    return an_article(
        text,
        topic=TopicLink(text, "topic-1"),
        pictures=(Picture("media/a.png", 640, 480, text),),
        files=tuple(Attachment(text, "media/file.bin", kind) for kind in kinds),
        prompt=ShownPrompt(text, (RAIN,), (Attachment(text, "media/b.bin", "text/plain"),)),
        previous=hostile_entry(text),
        related=(hostile_entry(text),),
        provenance=Provenance(approved_by=text),
    )


def hostile_pages(text):
    site, entries = hostile_site(text), (hostile_entry(text),)
    yield articles.render_article(site, hostile_article(text), theme=THEME).body
    for kind in ListingKind:
        yield listings.render_listing(site, a_listing(*entries, kind=kind, key=text), theme=THEME).body
    shelves = (Shelf(text, "topics/topic-1/index.html", 1),)
    yield listings.render_archive(site, Archive(shelves, shelves), theme=THEME).body
    yield notices.render_about(site, theme=THEME).body
    yield notices.render_not_found(site, theme=THEME).body


def assert_harmless(page):
    seen = {}
    for tag, element in elements(page):
        seen[tag] = seen.get(tag, 0) + 1
        assert tag not in {"iframe", "object", "embed", "style", "base", "form", "svg"}
        assert tag != "script" or element.get("type") == "application/ld+json"
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcdoc", "formaction", "ping"}
            if name == "href":
                scheme = SCHEME.match(value)
                assert not scheme or scheme[1].lower() in {"http", "https", "mailto", "tel"}
            if name in LOADING:
                assert not SCHEME.match(value)
                assert not value.startswith("//")
    assert all(seen.get(tag, 0) <= 1 for tag in ("html", "head", "body", "main", "title", "script"))


@pytest.mark.parametrize("text", TEXTS)
def test_pages_with_hostile_text_in_every_field_are_valid_and_harmless(text):
    for page in hostile_pages(text):
        assert_harmless(page)


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_never_takes_an_id_of_the_page_or_one_twice(text):
    page = articles.render_article(a_site(), hostile_article(text), theme=THEME).body

    ids = [element.get("id") for _, element in elements(page) if element.get("id")]

    assert len(ids) == len(set(ids))
    assert [name for name in ids if not name.startswith("text-")] == ["main", "related"]


@pytest.mark.parametrize("text", TEXTS)
def test_an_address_made_from_hostile_text_stays_in_its_folder(text):
    page = articles.render_article(a_site(), an_article(text), theme=THEME)

    assert re.fullmatch(r"2026/11/[a-z0-9]+(-[a-z0-9]+)*/index\.html", page.path)


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_in_a_feed_has_no_relative_link(text):
    body = articles.feed_html(a_site(), an_article(text, path="2026/11/rain/index.html", pictures=(RAIN,)))

    for _, element in elements(f"<!DOCTYPE html><title>x</title>{body}".encode()):
        for name in ("href", "src"):
            assert name not in element.attrib or SCHEME.match(element.get(name)) or element.get(name) == ""


def test_a_template_expression_is_shown_and_not_evaluated():
    page = articles.render_article(a_site(), an_article("# {{ 7*7 }}\n\n{{ 6*8 }} {% raw %}"), theme=THEME)

    assert page.title == "{{ 7*7 }}"
    assert b"{{ 6*8 }} {% raw %}" in page.body
    assert b"49" not in page.body
