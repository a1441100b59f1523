"""What hostile text becomes, judged on the parsed page and never on its letters."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from app.publishing import rendering, sanitising
from app.publishing.markdown import LocalPicture, render_markdown
from app.publishing.rendering import Article, Attachment, IndexEntry, Page, Picture, Site

CASES = json.loads((Path(__file__).parent / "hostile_texts.json").read_text(encoding="utf-8"))
TEXTS = [pytest.param(case["text"], id=case["name"]) for case in CASES]

SITE = Site("demo", "Slow Weather", "One a day", "en", "https://site.example")
OURS = Picture("media/ours.png", 640, 480, "Ours", "http://localhost:8080/ours.png")
A_DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

HTML_NAMESPACE = "{http://www.w3.org/1999/xhtml}"
PAGE_ELEMENTS = """html head meta title link body a header p main article h1 div figure img time bdi
    section ul li span nav footer source audio video figcaption"""
TEXT_ELEMENTS = """a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section small span strong sub summary sup
    table tbody td tfoot th thead tr u ul var wbr"""
ELEMENTS = frozenset(f"{PAGE_ELEMENTS} {TEXT_ELEMENTS}".split())
LOADING_ATTRIBUTES = frozenset({"src", "srcset", "poster", "background", "data", "code", "archive"})
ADDRESS_ATTRIBUTES = LOADING_ATTRIBUTES | {"href", "action", "formaction", "cite", "longdesc", "ping"}
FORBIDDEN_ATTRIBUTES = frozenset({"style", "srcdoc", "srcset", "ping", "name", "form", "formaction", "target"})
SAFE_SCHEMES = frozenset({"", "http", "https", "mailto", "tel"})
IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\u00a0]+")


def parsed(page: bytes | str) -> Element:
    text = page.decode() if isinstance(page, bytes) else page
    return html5lib.HTMLParser(strict=True).parse(text)


def elements(root: Element) -> Iterator[tuple[str, Element]]:
    for element in root.iter():
        if isinstance(element.tag, str):
            yield element.tag.removeprefix(HTML_NAMESPACE), element


def scheme(address: str) -> str:
    found = re.match(r"([a-z][a-z0-9+.-]*):", IGNORED_IN_ADDRESSES.sub("", address).lower())
    return found[1] if found else ""


def has_host(address: str) -> bool:
    bare = IGNORED_IN_ADDRESSES.sub("", address).replace("\\", "/")
    return bool(scheme(address)) or bare.startswith("//")


def assert_harmless(root: Element) -> None:
    for name, element in elements(root):
        assert name in ELEMENTS
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            assert attribute not in FORBIDDEN_ATTRIBUTES or name == "meta"
            if attribute in ADDRESS_ATTRIBUTES:
                assert scheme(value) in SAFE_SCHEMES
            if attribute in LOADING_ATTRIBUTES:
                assert not has_host(value)
        assert_harmless_head(name, element)


def assert_harmless_head(name: str, element: Element) -> None:
    if name == "link" and element.get("rel") != "canonical":
        assert element.get("rel") in {"icon", "stylesheet"}
        assert not has_host(element.get("href", ""))
    if name == "meta" and element.get("http-equiv"):
        assert element.get("content", "").startswith("default-src 'none'; ")


def an_article(text: str, **changes: object) -> Article:
    given = {"content_id": 7, "text": text, "created_at": A_DAY, "pictures": (OURS,)} | changes
    return Article(**given)  # type: ignore[arg-type]


def in_every_field(hostile: str) -> Page:
    """The same text as title, topic, alternative text, file name and site name."""
    site = Site(hostile, hostile, hostile, "en", "https://site.example")
    picture = Picture("media/ours.png", 640, 480, hostile)
    files = tuple(Attachment(hostile, "media/file.bin", kind) for kind in ("audio/ogg", "video/mp4", "text/plain"))
    article = an_article("", topic=hostile, pictures=(picture,), files=files)
    return rendering.render_article(site, article)


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_text_gives_a_valid_and_harmless_page(text):
    page = rendering.render_article(SITE, an_article(text))

    assert_harmless(parsed(page.body))


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_stays_harmless_when_a_browser_writes_it_out_and_reads_it_again(text):
    page = rendering.render_article(SITE, an_article(text))

    written = html5lib.serialize(
        html5lib.parse(page.body.decode()), omit_optional_tags=False, quote_attr_values="always"
    )

    assert_harmless(parsed(f"<!DOCTYPE html>{written}"))


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_names_are_shown_and_do_nothing(text):
    page = in_every_field(text)

    assert_harmless(parsed(page.body))


@pytest.mark.parametrize("text", TEXTS)
def test_a_listing_of_hostile_articles_is_valid_and_harmless(text):
    page = rendering.render_article(SITE, an_article(text))
    entry = IndexEntry(page.title, page.excerpt, page.path, A_DAY, "Rain", OURS)

    listing = rendering.render_index(SITE, [entry])

    assert_harmless(parsed(listing.body))


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_never_takes_an_id_of_the_page_or_one_twice(text):
    page = rendering.render_article(SITE, an_article(text))

    ids = [element.get("id") for _, element in elements(parsed(page.body)) if element.get("id")]

    assert len(ids) == len(set(ids))
    assert [name for name in ids if not name.startswith("text-")] == ["main"]


@pytest.mark.parametrize("text", TEXTS)
def test_sanitised_text_does_not_change_when_it_is_sanitised_again(text):
    body = render_markdown(text).body

    assert sanitising.sanitised(body, own_pictures=frozenset()) == body


@pytest.mark.parametrize("text", TEXTS)
def test_an_address_made_from_hostile_text_stays_in_its_folder(text):
    page = rendering.render_article(SITE, an_article(text))

    assert re.fullmatch(r"2026/11/[a-z0-9]+(-[a-z0-9]+)*/index\.html", page.path)


def test_there_are_enough_hostile_cases_and_no_two_are_the_same():
    assert len(CASES) >= 40
    assert len({case["text"] for case in CASES}) == len({case["name"] for case in CASES}) == len(CASES)


def test_a_template_expression_is_shown_and_not_evaluated():
    page = rendering.render_article(SITE, an_article("# {{ 7*7 }}\n\n{{ 6*8 }} {% raw %}"))

    assert page.title == "{{ 7*7 }}"
    assert b"{{ 6*8 }} {% raw %}" in page.body
    assert b"49" not in page.body


def test_text_after_a_script_that_nothing_closes_is_not_lost():
    body = render_markdown("Write <script> with care.\n\nThe second paragraph.").body

    assert "&lt;script&gt; with care." in body
    assert "The second paragraph." in body


def test_a_text_of_nothing_but_a_script_is_shown_rather_than_an_empty_page():
    rendered = render_markdown("<script>alert(1)</script>")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered.body


def test_links_of_the_text_are_marked_as_written_by_somebody_else():
    body = render_markdown("[a](https://fine.example/) https://also.example/").body

    assert body.count('rel="nofollow noopener ugc"') == body.count("<a ") == 2


def test_a_picture_of_another_host_becomes_a_link_to_it():
    body = render_markdown("![A lighthouse](https://far.example/light.png)").body

    assert "<img" not in body
    assert '<a href="https://far.example/light.png" class="remote"' in body
    assert ">A lighthouse</a>" in body


def test_a_picture_of_another_host_inside_a_link_leaves_only_its_words():
    body = render_markdown("[![A badge](https://far.example/b.svg)](https://fine.example/)").body

    assert '<a href="https://fine.example/" rel="nofollow noopener ugc">A badge</a>' in body


def test_a_text_cannot_show_a_file_of_the_site_that_is_not_its_own():
    pictures = {"http://localhost:8080/ours.png": LocalPicture("../../../media/ours.png")}

    body = render_markdown("<img src='../../../media/secret.png'>x", pictures=pictures).body

    assert "secret" not in body
