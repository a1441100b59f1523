"""Large and malicious texts are rendered at a cost that grows with their length and no faster."""

import html

import pytest

from app.publishing import commonmark
from app.publishing.markdown import render_markdown
from app.publishing.sanitising import plain_text

LENGTH = 40_000
PARAGRAPH = "Rain *fell* on the **old** tin roof, see [the note](https://fine.example/a) and `code`.\n\n"

REPEATED = [
    *("[", "![", "*", "_a", "**a*", "~~a", "`a``", "<", "<!--", "<a ", "&", "\\", "^[", "[^a", "[a](", "]"),
    *("> ", ">a\n", "- ", "1. ", "- a\n  ", "|", "# a\n", "a\n=\n", "[a]: b\n", "[^1]: a\n", "- [ ] a\n", "```\n"),
    *("<div>", "<p><b>", "</p>", "<b>", "<ul><li>", "<table><tr><td>", "<svg>", "<script>", "<img src=x>"),
    *(
        "<details>",
        "http://",
        "www.a",
        "a@b",
        "😀",
        "雨",
        "x",
        "\t",
        "\n",
        " ",
        "<h1>a</h1>\n\n",
        "![a](http://x.y/z)",
    ),
]


@pytest.mark.parametrize("unit", REPEATED)
def test_a_unit_repeated_thousands_of_times_is_rendered(unit):
    text = unit * (LENGTH // len(unit))

    rendered = render_markdown(text)

    assert bool(rendered.body.strip()) == bool(text.strip())


def test_a_megabyte_of_text_is_rendered_whole():
    text = "# Long\n\n" + PARAGRAPH * (1_000_000 // len(PARAGRAPH))

    rendered = render_markdown(text)

    assert rendered.title == "Long"
    assert rendered.body.count("<strong>old</strong>") == text.count("**old**")


def test_a_text_beyond_the_limit_becomes_plain_paragraphs():
    text = "*a* <b>b</b>\n\n" * (commonmark.MOST_CHARACTERS // 10)

    assert commonmark.to_html(text).startswith('<p dir="auto">*a* &lt;b&gt;b&lt;/b&gt;</p>\n')


def test_deeply_nested_quotes_lose_no_word():
    text = "> " * 5000 + "the last word"

    assert "the last word" in html.unescape(plain_text(render_markdown(text).body))


def test_thousands_of_open_elements_are_shown_as_text():
    body = render_markdown("<div>" * 5000 + "the last word").body

    assert "<div>" not in body
    assert "the last word" in body


def test_thousands_of_attributes_are_shown_as_text():
    attributes = " ".join(f"a{n}=1" for n in range(5000))

    assert "<b a" not in render_markdown(f"<b {attributes}>the word</b>").body


def test_a_long_reference_used_many_times_does_not_multiply():
    text = f"[a]: https://fine.example/{'x' * LENGTH}\n\n" + "[a] " * (LENGTH // 4)

    assert len(render_markdown(text).body) < 10 * len(text)


def test_short_rows_of_a_wide_table_do_not_multiply():
    table = "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|\n" * 60 + "\n"

    assert len(render_markdown(table * 10).body) < 30 * len(table * 10)


def test_the_same_text_always_gives_the_same_page():
    texts = [PARAGRAPH * 50, "[" * LENGTH, "<div>" * LENGTH, "x[^1]\n\n[^1]: y"]

    assert [render_markdown(text) for text in texts] == [render_markdown(text) for text in texts]
