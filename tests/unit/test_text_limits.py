"""Large and malicious texts are rendered at a cost that grows with their length and no faster."""

import html
import random
import time

import pytest

from app.publishing.text import commonmark, costs, highlighting
from app.publishing.text.markdown import render_markdown
from app.publishing.text.sanitising import plain_text

LENGTH = 60_000
# Far more than any of these takes, and far less than what each took before its cost was bounded.
SECONDS = 5
PARAGRAPH = "Rain *fell* on the **old** tin roof, see [the note](https://fine.example/a) and `code`.\n\n"

MARKS = """
    [ ![ * _a **a* ~~a `a`` < <!-- <a & \\ ^[ [^a [a]( ] > - 1. | |a [a]:b [^1] [^1]:a ``` $ $a$ a@b.cd www.a http://
    <div> <p><b> </p> <b> <ul><li> <table><tr><td> <svg> <script> <img/src=x> <details> <h1> </h1> <pre> <wbr> <a>
    😀 雨 x “** **。 ![a](http://x.y/z) :-: |- <td> &amp; &#1; <sup> $x$ ~ _ { } <span> <select> </select>
    <style>"""
REPEATED = [
    *MARKS.split(),
    "> ",
    "- ",
    "1. ",
    "- a\n  ",
    "# a\n",
    "a\n=\n",
    "- [ ] a\n",
    "```\n",
    "\t",
    "\n",
    " ",
    "|-|\n",
]


def rendered_in_time(text: str) -> str:
    begun = time.process_time()
    body = render_markdown(text).body
    assert time.process_time() - begun < SECONDS
    return body


@pytest.mark.parametrize("unit", REPEATED)
def test_a_unit_repeated_thousands_of_times_is_rendered(unit):
    text = unit * (LENGTH // len(unit))

    assert bool(rendered_in_time(text).strip()) == bool(text.strip())


def test_any_two_units_after_each_other_are_rendered():
    chosen = random.Random(3)  # the same pairs in every run

    for _ in range(60):
        one, other = chosen.choices(REPEATED, k=2)
        rendered_in_time(one * (LENGTH // 2 // len(one)) + other * (LENGTH // 2 // len(other)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("|a" * 2000 + "\n" + "|-" * 2000 + "\n" + "|b\n" * 2000, id="rows filled up to a wide head"),
        pytest.param("*a " * 50_000 + "“**" * 50_000, id="emphasis that never closes"),
        pytest.param("a.b@c.d " * 60_000, id="addresses in one paragraph"),
        pytest.param("[^a" * 20_000 + "]" * 20_000, id="footnotes in footnotes"),
        pytest.param("[^1] " * 20_000 + "\n\n[^1]: a", id="one footnote used everywhere"),
        pytest.param(
            "".join("  " * n + "- a\n" for n in range(700)) + "\n" * 300_000, id="blank lines in deep lists"
        ),
        pytest.param("$" + "{" * 1900 + "$ " + "$x^2$ " * 20_000, id="formulas"),
        pytest.param("```cpp\n" + "\n" * 15_000 + "x\n```\n", id="blank lines in code"),
        pytest.param(("```go\n" + "/*\n" * 5_000 + "```\n\n") * 20, id="comments in code that nothing closes"),
        pytest.param(("```c\n" + '"\n' * 9_000 + "```\n\n") * 40, id="strings in code that nothing closes"),
        pytest.param(" " * 400_000 + "x", id="blanks"),
        pytest.param("<b a=" * 60_000, id="tags in attributes"),
    ],
)
def test_what_made_some_parser_slow_once_does_so_no_more(text):
    body = rendered_in_time(text)

    assert len(body) < 100_000 + 10 * len(text)


def test_a_megabyte_of_text_is_rendered_whole():
    text = "# Long\n\n" + PARAGRAPH * (1_000_000 // len(PARAGRAPH))

    rendered = render_markdown(text)

    assert rendered.title == "Long"
    assert rendered.body.count("<strong>old</strong>") == text.count("**old**")
    assert rendered.plain.count("old tin roof") == text.count("**old**")


@pytest.mark.parametrize(
    ("sentence", "language", "is_right_to_left"),
    [
        ("雨打在窗上，**强调。**后来停了。👩‍🚀", "zh", False),
        ("Шёл дождь, **потом перестал.** 🌧️", None, False),
        ("هطل المطر على النافذة، **ثم توقف.** 🌙", None, True),
    ],
)
def test_a_megabyte_in_any_script_is_rendered_whole(sentence, language, is_right_to_left):
    repeated = 1_000_000 // len(sentence.encode())
    text = f"# {sentence[:4]}\n\n" + f"{sentence}\n\n" * repeated

    rendered = render_markdown(text)

    assert rendered.title == sentence[:4].strip()
    assert rendered.body.count("<strong>") == repeated
    assert (rendered.language, rendered.is_right_to_left) == (language, is_right_to_left)
    assert len(rendered.excerpt) <= 200


def test_a_text_beyond_the_limit_becomes_plain_paragraphs():
    text = "*a* <b>b</b>\n\n" * (costs.MOST_CHARACTERS // 10)

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

    assert len(render_markdown(text).body) < 12 * len(text)


def test_short_rows_of_a_wide_table_do_not_multiply():
    table = "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|\n" * 60 + "\n"

    assert len(render_markdown(table * 10).body) < 30 * len(table * 10)


def test_a_megabyte_of_tables_stays_one_of_tables():
    table = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 50 + "\n"

    assert render_markdown(table * 2_000).body.count("</table>") == 2_000


def test_a_feature_too_dear_for_a_text_leaves_the_others():
    body = render_markdown("A **bold** word.\n\n" + "a@b.example " * 500).body

    assert "<strong>bold</strong>" in body
    assert "mailto:" not in body


def test_long_code_stays_plain_and_whole():
    lines = "x = 1\n" * (highlighting.LONGEST_CODE // 6 + 1)

    body = render_markdown(f"```python\n{lines}```").body

    assert '<code class="language-python">x = 1\n' in body
    assert body.count("x = 1") == lines.count("x = 1")


def test_the_same_text_always_gives_the_same_page():
    texts = [PARAGRAPH * 50, "[" * LENGTH, "<div>" * LENGTH, "x[^1]\n\n[^1]: y", "```py\nx = 1\n```\n\n$x$"]

    assert [render_markdown(text) for text in texts] == [render_markdown(text) for text in texts]
