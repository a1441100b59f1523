"""The part of a text that listings show, here and in the generators of others."""

import pytest

from app.publishing.text.excerpts import with_more_marker
from app.publishing.text.markdown import render_markdown

MARKER = "<!-- more -->"


def test_what_stands_before_the_marker_is_the_excerpt():
    rendered = render_markdown(f"# T\n\nOne *two*.\n\n> Three.\n\n- four\n\n{MARKER}\n\nFive.")

    assert rendered.excerpt == "One two. Three. four"
    assert "more" not in rendered.body


def test_a_marker_in_the_middle_of_a_paragraph_cuts_it_there():
    assert render_markdown(f"# T\n\nOne two {MARKER} three.").excerpt == "One two"


@pytest.mark.parametrize("marker", ["<!--more-->", "<!-- MORE -->", "<!--  more  -->"])
def test_the_marker_may_be_written_closely_widely_and_loudly(marker):
    assert render_markdown(f"# T\n\nOne.\n\n{marker}\n\nTwo.").excerpt == "One."


@pytest.mark.parametrize(
    "code",
    [
        f"```\n{MARKER}\n```",
        f"~~~html\n\n{MARKER}\n\n~~~",
        f"    {MARKER}",
        f"`{MARKER}`",
        f"<pre>\n{MARKER}\n</pre>",
    ],
)
def test_a_marker_in_code_is_code(code):
    rendered = render_markdown(f"# T\n\nOne.\n\n{code}\n\nTwo.")

    assert rendered.excerpt.endswith("Two.")


def test_a_marker_before_everything_leaves_the_paragraphs():
    assert render_markdown(f"# T\n\n{MARKER}\n\nOne.\n\nTwo.").excerpt == "One. Two."


def test_a_marked_excerpt_does_not_repeat_the_sentence_that_is_the_title():
    rendered = render_markdown(f"Rain fell. Then it stopped.\n\n{MARKER}\n\nWe went out.")

    assert (rendered.title, rendered.excerpt) == ("Rain fell", "Then it stopped.")


def test_a_marked_excerpt_may_be_longer_than_another_but_not_endless():
    rendered = render_markdown("# T\n\n" + "word " * 300 + f"\n\n{MARKER}\n\nrest")

    assert 500 < len(rendered.excerpt) <= 600
    assert rendered.excerpt.endswith("word…")


def test_without_a_marker_the_first_paragraphs_are_the_excerpt():
    rendered = render_markdown("# T\n\n```\ncode\n```\n\n" + "word " * 100)

    assert rendered.excerpt.startswith("word word")
    assert len(rendered.excerpt) <= 200


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n\nb\n\nc\n\nd", "e"),
        ("# a\nb\n```\nx\n\ny\n```\n- a\n- b\n\n- c", "d"),
        ("a\n\nb\n\nc\n\n~~~\n\n```\n\nx\n~~~", "e"),
        ("a\n\n    code\n\n    more code\n\nb\n\nc", "d"),
        ("a\n\n> b\n> \n> c\n\n| d |\n|---|\n| e |\n\nf", "g"),
        ("a\n\n1. b\n\n   c\n\n2. d\n\ne\n===\n\nf", "***\n\ng"),
        ("雨\n\n**强调。**文字\n\nдождь\n\nمطر", "☔"),
        ("a\n\nb\n\nc\n\n!!! note\n\n    d\n\n    e", "f"),
        ("a\n\n<br>\n\nb\n\n[x]: /y\n\nc\n\nd", "e"),
        (f"a\n\n`{MARKER}`\n\nb\n\n```\n{MARKER}\n```", "d"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_marker_goes_behind_the_fourth_block(before, after, line_end):
    text = f"{before}\n\n{after}\n".replace("\n", line_end)

    marked = with_more_marker(text)

    assert marked == f"{before}\n\n{MARKER}\n\n{after}\n".replace("\n", line_end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n\nb\n\nc\n\nd\n",
        "a\n\nb\n\nc\n\n```\nd\n\ne\n\nf",
        f"a\n\n{MARKER}\n\nb\n\nc\n\nd\n\ne\n",
        f"a {MARKER}\n\nb\n\nc\n\nd\n\ne\n",
        "a\n\n<div>\n\nb\n\nc\n\nd\n\ne\n\n</div>\n",
        "a.b@c.d " * 60_000 + MARKER,
        "> " * 90 + "a\n\n" + "- " * 90 + "b",
        "*a " * 50_000 + "“**" * 50_000 + "\n\na\n\nb\n\nc\n\nd",
    ],
)
def test_no_marker_goes_where_none_belongs(text):
    assert with_more_marker(text) == text


def test_a_text_is_marked_once():
    text = "a\n\nb\n\nc\n\nd\n\ne\n\nf\n"

    assert with_more_marker(with_more_marker(text)) == with_more_marker(text)


def test_a_formula_is_not_in_a_summary_unless_it_reads_as_words():
    text = "# T\n\nThe rule is $a \\cdot b$, and $x^2$ is a square.\n\n$$\n\\sum x\n$$\n\nIt costs $5 and $10."

    assert render_markdown(text).excerpt == "The rule is …, and x^2 is a square. It costs $5 and $10."
