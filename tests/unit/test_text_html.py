"""HTML in a text is obeyed where it is known and closed; all else between angle brackets is text."""

import html
import random
import re

import pytest

from app.publishing.exporters import hugo, mkdocs
from app.publishing.exporters.bodies import article_body
from app.publishing.text.html_or_text import MOST_MARKS
from app.publishing.text.markdown import render_markdown
from tests.unit.site_builders import an_article

FRAGMENTS = """
    List<Object>|<select>|</select>|<video src="a.mp4" controls />|<!-- open|<?php echo 1;|?>|<![CDATA[|]]>
    <div class="x|ssh <user>@<host>|std::vector<int>|<object data='a'>|</object>|<template>|</template>|<math>|<mi>
    </math>|<svg viewBox='0 0 1 1'>|</svg>|<form>|<input>|<option>|<optgroup>|<!DOCTYPE html>|<?xml v?>|<a href='x
    </stray>|Map<String, List<Integer>>|<T>|<your-name>|a <b and c> d|<https://a.example/x>|`<script>`|<textarea>
    </textarea>|<title>|</title>|<iframe>|</iframe>|<noscript>|<xmp>|<plaintext>|<pre>|</pre>|<code>|<details>
    </details>|<summary>|<table>|<td>|</table>|<li>|<p>|</p>|<br>|<kbd>|</kbd>|<x-y/>|<script/>|<style|<frameset>
    <head>|</head>|<body>|<image>|<button>|</button>|<caption>|<colgroup>|<img alt="x">|[y](<b c>)|foo](<script>)
    <audio>|</audio>|<a\nb="c\nd">|<p/>|<span id="q"/>|"|'|>|<ruby>|<rt>|$a<b$|<title/>|&lt;b&gt;|<script>|<style>
    <script>hidden</script>|<style>\nhidden\n</style>|<!-- hidden -->|\n\n```html\n<textarea>\n```\n|<!-->"""
GLUE = (" ", "\n", "\n\n", "\n- ", "\n> ", "\n\n## ", "\n1. ")


def words_in(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def a_mixed_text(seed):
    """A text of fragments and words, and the words."""
    chosen = random.Random(seed)
    fragments = [line.strip(" ") for each in FRAGMENTS.split("\n    ") for line in each.split("|") if line.strip()]
    words = [f"word{seed}n{number}x" for number in range(chosen.randint(1, 7))]
    pieces = [*words, *chosen.choices(fragments, k=chosen.randint(1, 7))]
    chosen.shuffle(pieces)
    return "".join(piece + chosen.choice(GLUE) for piece in pieces), words


@pytest.mark.parametrize("start", range(0, 2000, 500))
def test_no_word_of_any_mixture_of_fragments_is_lost(start):
    for seed in range(start, start + 500):
        text, words = a_mixed_text(seed)
        shown = render_markdown(text)

        seen = f"{shown.title} {words_in(shown.body)}"

        assert [word for word in words if word not in seen] == [], text
        assert "hidden" not in shown.plain, text


@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_no_word_of_any_mixture_is_lost_to_a_generator_of_sites(generator):
    for seed in range(500):
        text, words = a_mixed_text(seed)

        written = article_body(an_article(text=text), generator.DIALECT, page="a.md", title="Another")

        assert [word for word in words if word not in written] == [], text


@pytest.mark.parametrize(
    "fragment",
    [
        "List<Object>",
        "Map<String, List<Integer>>",
        "std::vector<int>",
        "ssh <user>@<host>",
        "a <b and c> d",
        "<video src='a.mp4' />",
        "<select>",
        "<textarea>",
        "<title>",
        "<plaintext>",
        "<script>",
        "<style>",
        "<!-- to do",
        "<!DOCTYPE html>",
        "<?php echo 1;",
        "<?xml version='1.0'?>",
        "<![CDATA[",
        '<div class="x',
        "</stray>",
        "<T>",
        "<input>",
        "<p>",
    ],
)
@pytest.mark.parametrize(
    "place", ["Before {} after.", "- one {} two", "> one {} two", "| one {} two |\n|---|", "## {}"]
)
def test_what_is_not_known_or_not_closed_is_text_in_every_place(fragment, place):
    shown = render_markdown(f"# Title\n\n{place.format(fragment)}\n\nThe *rest*.\n\n## Later\n\nThe end.")

    assert fragment in " ".join(words_in(shown.body).replace("’", "'").split())
    assert "<em>rest</em>" in shown.body
    assert "<h2" in shown.body
    assert fragment in " ".join(shown.plain.split())


@pytest.mark.parametrize(
    "markup",
    [
        "<kbd>Ctrl</kbd>",
        "H<sub>2</sub>O",
        "one<br>two",
        '<span id="text-a">b</span>',
        "<code>x</code> and <code>y</code>",
    ],
)
def test_what_is_known_and_closed_is_obeyed(markup):
    assert markup in render_markdown(f"# Title\n\nA {markup} b.").body


def test_blocks_of_html_keep_what_they_hold():
    text = "# T\n\n<details>\n<summary>More</summary>\n\nSome *words*\n\n</details>\n\n<ul><li>a<li>b</ul>\n\nEnd."

    body = render_markdown(text).body

    assert "<summary>More</summary>\n<p>Some <em>words</em></p>\n</details>" in body
    assert "<li>a</li><li>b</li></ul>" in body


@pytest.mark.parametrize("name", ["script", "style"])
def test_scripts_and_styles_that_are_closed_are_left_out_with_what_is_in_them(name):
    assert render_markdown(f"# T\n\nOne\n\n<{name}>\nhidden\n\n</{name}>\n\nTwo").plain == "One\nTwo"


@pytest.mark.parametrize("name", ["video", "object", "svg", "math", "select", "textarea", "template", "noscript"])
def test_of_an_element_that_no_page_shows_the_words_are_left(name):
    shown = render_markdown(f'# T\n\nOne <{name} class="x">within</{name}> two')

    assert shown.plain == "One within two"


def test_a_comment_is_closed_by_its_own_end_alone():
    text = "# T\n\n<!-- to do\n\nSeen.\n\n<!-- gone -->\n\nIt ends with `-->`.\n\n> <!-- a\n\nb --> end"

    assert "Seen.\n" in (plain := render_markdown(text).plain)
    assert "gone" not in plain
    assert "It ends with -->." in plain


def test_the_title_keeps_what_stands_in_angle_brackets():
    shown = render_markdown("# Why Vec<T> and Box<dyn Error> grow\n\nThey do.")

    assert shown.title == "Why Vec<T> and Box<dyn Error> grow"


def test_a_title_from_the_first_sentence_and_the_excerpt_keep_it_too():
    shown = render_markdown("A List<Object> is no List<String>. Use List<?> instead of <T>.")

    assert shown.title == "A List<Object> is no List<String>"
    assert shown.excerpt == "Use List<?> instead of <T>."


def test_links_between_angle_brackets_stay_links():
    body = render_markdown("# T\n\n<https://a.example/x> <a@b.example> [c](<d e>) https://a.example/Vec<T>").body

    assert 'href="https://a.example/x"' in body
    assert 'href="mailto:a@b.example"' in body
    assert 'href="d%20e"' in body
    assert 'href="https://a.example/Vec"' in body


def test_code_is_shown_as_it_was_written():
    body = render_markdown("# T\n\n`<b>` and `</script>`\n\n```\n<!-- x\n<T>\n```\n\n    <i>\n").body

    assert "<code>&lt;b&gt;</code> and <code>&lt;/script&gt;</code>" in body
    assert "&lt;!-- x\n&lt;T&gt;" in body
    assert "<code>&lt;i&gt;\n</code>" in body


def test_tags_in_code_close_nothing():
    shown = render_markdown(
        "# T\n\nThe <script> element ends with `</script>`, as <pre> does with `</pre>`.\n\nEnd."
    )

    assert shown.plain == "The <script> element ends with </script>, as <pre> does with </pre>.\nEnd."


def test_an_html_document_shows_its_body():
    head = "<!DOCTYPE html>\n<html>\n<head><title>Tab</title></head>\n"
    text = f"{head}<body>\n<h1>Rain</h1>\n<p>It rains.</p>\n</body></html>"

    shown = render_markdown(text)

    assert (shown.title, shown.plain) == ("Rain", "It rains.")


def test_a_text_of_tags_beyond_number_is_shown_as_it_is():
    text = "<b>a</b> " * MOST_MARKS + "end"

    shown = render_markdown(text)

    assert shown.plain.startswith("<b>a</b> <b>a</b>")
    assert shown.plain.endswith("end")


def test_a_generator_of_sites_marks_no_excerpt_within_a_comment_left_open():
    text = "one\n\ntwo\n\nthree\n\nfour\n\n<!-- to do\n\nfive\n\nsix"

    written = article_body(an_article(text=text), mkdocs.DIALECT, page="a.md", title="Another")

    assert all(word in written for word in ("five", "six", "to do"))
