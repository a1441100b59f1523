"""What hostile text becomes, judged on the parsed page and never on its letters."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from app.publishing.text import sanitising
from app.publishing.text.markdown import LocalPicture, RenderedText, render_markdown
from app.publishing.text.sentences import without_control_characters

CASES = json.loads((Path(__file__).parent / "hostile_texts.json").read_text(encoding="utf-8"))
TEXTS = [pytest.param(case["text"], id=case["name"]) for case in CASES]

OURS = LocalPicture(
    "../../../media/ours.png", 640, 480, "Ours", (("../../../media/ours-320.webp", 320, "image/webp"),)
)
PICTURES = {"http://localhost:8080/ours.png": OURS}

HTML = "{http://www.w3.org/1999/xhtml}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "picture",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "source",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
FORMULA_ELEMENTS = frozenset(
    [
        "math",
        "menclose",
        "mfrac",
        "mi",
        "mn",
        "mo",
        "mover",
        "mpadded",
        "mphantom",
        "mroot",
        "mrow",
        "ms",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
        "munder",
        "munderover",
    ]
)
EVERYWHERE = frozenset({"class", "dir", "id", "lang", "title"})
ATTRIBUTES = {
    "a": {"href", "rel", "role"},
    "details": {"open"},
    "div": {"aria-label", "role", "tabindex"},
    "img": {"alt", "decoding", "height", "loading", "sizes", "src", "srcset", "width"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "pre": {"tabindex"},
    "source": {"sizes", "srcset", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
FORMULA_ATTRIBUTES = frozenset(
    [
        "accent",
        "columnalign",
        "columnspacing",
        "depth",
        "display",
        "displaystyle",
        "fence",
        "form",
        "height",
        "linethickness",
        "lspace",
        "mathcolor",
        "mathsize",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "notation",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "voffset",
        "width",
    ]
)
FORMULA_VALUE = re.compile(r"[A-Za-z0-9.%+ -]*|#[0-9A-Fa-f]+")
ROLES = frozenset({None, "doc-backlink", "doc-endnotes", "doc-noteref", "group"})
OUR_ADDRESSES = frozenset({OURS.url, "../../../media/ours-320.webp 320w"})
SCHEMES = frozenset({"", "http", "https", "mailto", "tel"})
IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20\u00a0]+")


def rendered(text: str) -> RenderedText:
    return render_markdown(text, pictures=PICTURES)


def parsed(body: str) -> Element:
    page = f'<!DOCTYPE html><html lang="en"><head><title>x</title></head><body>{body}</body></html>'
    root: Element = html5lib.HTMLParser(strict=True).parse(page)
    found = root.find(f"{HTML}body")
    assert found is not None
    return found


def written_out(body: Element) -> str:
    whole: str = html5lib.serialize(body, omit_optional_tags=False, quote_attr_values="always")
    return whole.removeprefix("<body>").removesuffix("</body>")


def tree(element: Element) -> tuple[Any, ...]:
    children = tuple(tree(child) for child in element)
    return element.tag, sorted(element.attrib.items()), element.text or "", children, element.tail or ""


def inside(body: Element) -> Iterator[Element]:
    yield from (element for element in body.iter() if element is not body)


def scheme(address: str) -> str:
    found = re.match(r"([a-z][a-z0-9+.-]*):", IGNORED_IN_ADDRESSES.sub("", address).lower())
    return found[1] if found else ""


def assert_harmless(body: Element) -> None:
    for element in inside(body):
        assert isinstance(element.tag, str), "no comment, declaration or instruction"
        if element.tag.startswith(MATHML):
            assert_harmless_formula(element)
        else:
            assert_harmless_element(element)


def assert_harmless_element(element: Element) -> None:
    name = element.tag.removeprefix(HTML)
    assert name in ELEMENTS
    assert set(element.attrib) <= EVERYWHERE | ATTRIBUTES.get(name, set())
    assert element.get("role") in ROLES
    assert element.get("tabindex") in {None, "0"}
    assert scheme(element.get("href", "")) in SCHEMES
    assert {element.get("src"), element.get("srcset")} <= OUR_ADDRESSES | {None}


def assert_harmless_formula(element: Element) -> None:
    assert element.tag.removeprefix(MATHML) in FORMULA_ELEMENTS
    assert set(element.attrib) <= FORMULA_ATTRIBUTES
    assert all(FORMULA_VALUE.fullmatch(value) for value in element.attrib.values())


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_text_gives_well_formed_and_harmless_html(text):
    assert_harmless(parsed(rendered(text).body))


@pytest.mark.parametrize("text", TEXTS)
def test_a_browser_that_writes_it_out_and_reads_it_again_sees_the_same(text):
    body = parsed(rendered(text).body)

    again = parsed(written_out(body))

    assert_harmless(again)
    assert tree(again) == tree(body)


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_never_takes_an_id_of_the_page_or_one_twice(text):
    ids = [element.get("id") for element in inside(parsed(rendered(text).body)) if element.get("id")]

    assert len(ids) == len(set(ids))
    assert all(name.startswith("text-") for name in ids)


@pytest.mark.parametrize("text", TEXTS)
def test_sanitised_text_does_not_change_when_it_is_sanitised_again(text):
    once = sanitising.sanitised(sanitising.draft(without_control_characters(text)))

    assert sanitising.sanitised(once) == once
    assert sanitising.draft(once) == once


@pytest.mark.parametrize("text", TEXTS)
def test_titles_and_summaries_are_plain_and_hold_no_control_character(text):
    result = rendered(text)

    for words in (result.title or "", result.excerpt, result.plain):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", words)
    assert "\n" not in f"{result.title}{result.excerpt}"


@pytest.mark.parametrize("text", TEXTS)
def test_only_addresses_of_the_web_are_reported_as_remote_pictures(text):
    remote = rendered(text).remote_pictures

    assert all(scheme(address) in {"http", "https"} for address in remote)


def test_there_are_enough_hostile_cases_and_no_two_are_the_same():
    assert len(CASES) >= 200
    assert len({case["text"] for case in CASES}) == len({case["name"] for case in CASES}) == len(CASES)


def test_two_hostile_texts_in_one_are_harmless_too():
    texts = [case["text"] for case in CASES]

    for one, other in pairwise(texts):
        assert_harmless(parsed(rendered(f"{one}{other}").body))


def test_text_after_a_script_that_nothing_closes_is_not_lost():
    body = render_markdown("Write <script> with care.\n\nThe second paragraph.").body

    assert "&lt;script&gt; with care." in body
    assert "The second paragraph." in body


def test_a_text_of_nothing_but_a_script_is_shown_rather_than_an_empty_page():
    body = render_markdown("<script>alert(1)</script>").body

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_a_template_expression_is_text_like_any_other():
    result = render_markdown("# {{ 7*7 }}\n\n{{ 6*8 }} {% raw %}")

    assert result.title == "{{ 7*7 }}"
    assert "{{ 6*8 }} {% raw %}" in result.body


def test_links_of_the_text_are_marked_as_written_by_somebody_else():
    body = render_markdown("[a](https://fine.example/) https://also.example/").body

    assert body.count('rel="nofollow noopener ugc"') == body.count("<a ") == 2


def test_a_text_cannot_choose_what_a_page_loads():
    body = render_markdown("<img src='../../../media/secret.png'>x <img alt=0>", pictures=PICTURES).body

    assert "secret" not in body
    assert "<img" not in body
