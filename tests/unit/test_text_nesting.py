"""HTML in a text stands only where HTML allows it, and loses no word."""

import pytest

from app.publishing.text.links import valid_link
from app.publishing.text.markdown import render_markdown
from app.publishing.text.nesting import mended
from app.publishing.text.sanitising import draft


@pytest.mark.parametrize(
    "markup",
    [
        "<ul>\n<li>a</li>\n</ul>",
        "<dl><dt>a</dt><dt>b</dt><dd>c</dd></dl>",
        '<details open=""><summary>a</summary><p>b</p></details>',
        "<figure><p>a</p><figcaption>b</figcaption></figure>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rt>ji</rt></ruby>",
        "<table><caption>a</caption><thead><tr><th>b</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>",
        '<table><tbody><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>',
        '<table><tbody><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></tbody></table>',
        "<ins><p>a</p></ins><p><del>b</del></p>",
        '<bdo dir="rtl">a</bdo>',
        "<blockquote><ul><li><table><tbody><tr><td>a</td></tr></tbody></table></li></ul></blockquote>",
    ],
)
def test_what_stands_where_it_may_is_left_alone(markup):
    assert mended(markup) == markup


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<ul>a<li>b</li></ul>", " a b  "),
        ("<li>a</li>", " a "),
        ("<summary>a</summary>b", " a b"),
        ("<details>a<summary>b</summary></details>", " a b  "),
        ("<b><p>a</p></b>", "<p>a</p>"),
        ("<dl><dt>a</dt></dl>", "  a  "),
        ("<ruby>a</ruby>", "a"),
        ("<bdo>a</bdo>", "a"),
        ("<h2><hr>a</h2>", "<h2> a</h2>"),
        ("<a><details><summary>a</summary></details></a>", "<details><summary>a</summary></details>"),
        ("<figure><a>x<figcaption>a</figcaption><p>b</p></a></figure>", "<figure><a>x a <p>b</p></a></figure>"),
        ("<dfn>a<dfn>b</dfn></dfn>", "a<dfn>b</dfn>"),
        ("<table><tr><th><h2>a</h2></th></tr></table>", "<table><tbody><tr><th> a </th></tr></tbody></table>"),
        ("<table><tr></tr></table>", "<table><tbody>  </tbody></table>"),
    ],
)
def test_what_may_not_stand_there_goes_and_its_words_stay(written, expected):
    assert mended(draft(written).replace(' rel="nofollow noopener ugc"', "")) == expected


@pytest.mark.parametrize(
    "rows",
    [
        '<tr><td colspan="3">a</td></tr>',
        '<tr><td rowspan="3">a</td><td>b</td></tr><tr><td>c</td></tr>',
        '<tr><td>a</td><td rowspan="2">b</td></tr><tr><td colspan="2">c</td></tr>',
        '<tr><td colspan="999">a</td></tr>' * 2,
    ],
)
def test_cells_that_make_no_grid_span_nothing(rows):
    assert "span" not in mended(f"<table><tbody>{rows}</tbody></table>")


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://fine.example/a?b=1&c=2#d", "https://fine.example/a?b=1&c=2#d"),
        (" /a b ", "/a%20b"),
        ('https://fine.example/"<x>\\', "https://fine.example/%22%3Cx%3E%5C"),
        ("https://例え.jp/図?q=図", "https://例え.jp/図?q=図"),
        ("https://fine.example/100%/%41", "https://fine.example/100%25/%41"),
        ("a#b#c", "a#b%23c"),
        ("mailto:a b@c.example", "mailto:a%20b@c.example"),
        ("https://127.0.0.1:8080/", "https://127.0.0.1:8080/"),
        ("https://bank.example@evil.example/", None),
        ("https://a..b/", None),
        ("https://1.2.3.999/", None),
        ("https://0x7f.1/", None),
        ("https://a.example:99999/", None),
        ("https:evil.example", None),
        ("http://", None),
        ("//", None),
    ],
)
def test_a_link_is_written_as_browsers_and_checkers_want_it(address, link):
    assert valid_link(address) == link
    assert link is None or valid_link(link) == link


def test_a_link_that_cannot_be_written_leaves_its_words():
    body = render_markdown("[your bank](https://bank.example@evil.example/login)").body

    assert "href" not in body
    assert "your bank" in body


def test_no_heading_is_more_than_one_level_below_the_one_before():
    body = render_markdown("x.\n\n#### a\n\n## b\n\n<h6>c</h6>\n\n### d").body

    assert [body[place + 2] for place in range(len(body)) if body.startswith("<h", place)] == ["2", "2", "3", "3"]
