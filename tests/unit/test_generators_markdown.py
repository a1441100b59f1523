"""Generated Markdown written anew: what it says stays, what a site's builder would obey does not."""

import json
import re
import time
from pathlib import Path

import pytest

from app.publishing.exporters import hugo, mkdocs
from tests.unit.generated_sites import SITE, Text, article_file, article_of

CASES = [
    case["text"]
    for name in ("hostile_markdown.json", "hostile_texts.json")
    for case in json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
BOTH = pytest.mark.parametrize("generator", [mkdocs, hugo])


def body(generator, text: str, **more: str) -> str:
    """What is below the title."""
    markdown = article_file(generator, Text("Title", text, **more)).split("\n---\n", 1)[1]
    return markdown.strip().removeprefix("# Title").strip()


@BOTH
@pytest.mark.parametrize("text", CASES)
def test_no_tag_template_shortcode_or_script_is_left_outside_of_code(generator, text):
    written = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", body(generator, text), flags=re.DOTALL)

    written = re.sub(r"</?(?:pre|code|del)>|<br>|<!-- (?:more )?-->|<!--more-->|<https?:[^<>]*>", "", written)
    assert not re.search(r"<[A-Za-z/!?]|\{[{%#!<]|8<|(?<!\\)\]\(\s*(?!https?:|mailto:|tel:|\.)", written)


@BOTH
def test_ordinary_markdown_stays_readable(generator):
    text = "A **bold** and *soft* word, `code`, a [link](https://example.org/x), 50 % & more – done."

    assert body(generator, text) == text


def test_lists_are_indented_so_that_every_reader_nests_them():
    assert body(mkdocs, "Text\n- a\n  - b\n    1. c\n- d") == "Text\n\n-   a\n    -   b\n        1.  c\n-   d"


@pytest.mark.parametrize(
    ("generator", "expected"),
    [
        (mkdocs, "-   a\n\n<!-- -->\n\n*   b\n\n<!-- -->\n\n1.  c\n\n<!-- -->\n\n1.  d"),
        (hugo, "-   a\n\n*   b\n\n1.  c\n\n1)  d"),
    ],
)
def test_neighbouring_lists_stay_apart(generator, expected):
    assert body(generator, "- a\n\n* b\n\n1. c\n\n1) d") == expected


def test_code_in_a_list_is_indented_for_mkdocs_and_fenced_for_hugo():
    text = "1. a\n\n   ```python\n   x = 1\n   ```"

    assert body(mkdocs, text) == "1.  a\n\n        x = 1"
    assert body(hugo, text) == "1.  a\n\n    ```python\n    x = 1\n    ```"


@BOTH
@pytest.mark.parametrize("info", ['python exec="on"', "python {onclick=alert(1)}", "PYTHON linenums=1"])
def test_of_a_fence_only_the_language_is_kept(generator, info):
    assert body(generator, f"```{info}\nx\n```") == "```python\nx\n```"


@BOTH
@pytest.mark.parametrize("language", ["mermaid", "math", "pyodide", "plantuml", "d2", "no-such-language"])
def test_a_language_that_a_program_might_run_is_not(generator, language):
    assert body(generator, f"```{language}\nx\n```") == "```\nx\n```"


@BOTH
def test_a_fence_is_longer_than_any_in_the_code(generator):
    assert body(generator, "~~~\n```\n````\n~~~") == "`````\n```\n````\n`````"


@BOTH
def test_rules_in_code_end_no_front_matter(generator):
    assert body(generator, "```yaml\n---\na: b\n---\n```") == "```yaml\n---\na: b\n---\n```"


@BOTH
def test_the_title_is_not_said_twice(generator):
    for text in (
        "# Title\n\nText",
        "Title\n=====\n\nText",
        "## Title\n\nText",
        "Title\n\nText",
        "# *Title*\n\nText",
    ):
        assert body(generator, text) == "Text"


@BOTH
def test_headings_begin_below_the_title_without_a_gap(generator):
    assert body(generator, "Text\n\n### A\n\n##### B\n\n### C") == "Text\n\n## A\n\n### B\n\n## C"


@BOTH
def test_a_paragraph_that_is_the_whole_text_stays(generator):
    assert body(generator, "Title") == "Title"


def test_an_article_of_pictures_alone_has_a_page():
    written = body(mkdocs, "", picture="http://x.example/p.png")

    assert written == "![Rain](../uploads/0123456789abcdef/rain%20%281%29.png)"


@BOTH
@pytest.mark.parametrize(
    "source", ["http://x.example/p q.png", "http://x.example/p%20q.png", "p q.png", "../p%20q.png"]
)
def test_a_picture_is_found_under_each_of_its_names(generator, source):
    written = body(generator, f"Before\n\n![Alt](<{source}>)\n\nAfter", picture="http://x.example/p q.png")

    assert re.fullmatch(r"Before\n\n!\[Alt\]\(\S*0123456789abcdef/rain%20%281%29\.png\)\n\nAfter", written)


@BOTH
def test_a_picture_of_somebody_else_is_a_link(generator):
    assert body(generator, "A ![far](https://x.example/a.png) one") == "A [far](https://x.example/a.png) one"


@BOTH
def test_a_picture_in_a_paragraph_too_long_for_marks_is_still_shown(generator):
    written = body(generator, "![a](p.png) " + "*word* " * 5000, picture="http://x.example/p.png")

    assert written.count("![a](") == 1
    assert max(map(len, written.split("\n\n"))) < 10_000


@BOTH
def test_a_prompt_stands_before_the_text_as_it_was_typed(generator):
    assert body(generator, "Text", prompt="Write # this\n*now*\n\n- {{ x }}") == (
        "> Write # this  \n> \\*now\\*\n>\n> &#45; &#123;&#123; x }}\n\nText"
    )


def test_the_excerpt_ends_once_and_never_in_code():
    text = "a\n\n```\n<!-- more -->\n```\n\nb\n\n<!-- more -->\n\nc\n\n<!-- more -->\n\nd"

    written = body(mkdocs, text)

    assert written.count("\n<!-- more -->\n") == 1
    assert written.endswith("b\n\n<!-- more -->\n\nc\n\nd")


def test_a_text_without_a_marker_gets_one():
    assert body(mkdocs, "\n\n".join("abcdefgh")).count("<!-- more -->") == 1
    assert body(hugo, "\n\n".join("abcdefgh")).count("<!--more-->") == 1


def test_hugo_gets_no_marker_after_a_picture_which_lists_would_look_for_elsewhere():
    assert "<!--more-->" not in body(hugo, "\n\n".join("abcdefgh"), picture="http://x.example/p.png")


@BOTH
@pytest.mark.parametrize(
    ("tex", "written"),
    [
        ("x^2", "$x^2$"),
        ("a<b", r"$a\lt b$"),
        (r"\frac{{a}}{b}", r"$\frac{ {a}}{b}$"),
        ("_a_{onclick=alert(1)}", "$_a_ {onclick=alert(1)}$"),
        (r"\href{javascript:alert(1)}{x}", r"`\href{javascript:alert(1)}{x}`"),
        (r"\htmlData{a=b}{x}", r"`\htmlData{a=b}{x}`"),
    ],
)
def test_formulas_stay_formulas_unless_they_do_more(generator, tex, written):
    assert body(generator, f"Let ${tex}$ be.") == f"Let {written} be."


@BOTH
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVa%0ascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "http://[::1",
        "http://a:b/",
        "https://user:password@bank.example/",
        "relative.md",
        "#fragment",
        "/root",
    ],
)
def test_a_link_that_leads_nowhere_good_is_its_words(generator, address):
    assert body(generator, f"[words](<{address}>)") == "words"


@BOTH
def test_a_table_that_would_grow_beyond_measure_is_not_one(generator):
    rows = "<tr><td>b</td></tr>" * 2000

    assert "| --- |" not in body(generator, f"<table><tr>{'<td>a</td>' * 500}</tr>{rows}</table>")


BIG = {
    "prose": "Rain falls on the window, and nobody *looks* up. " * 20_000,
    "quotations": ">" * 200_000,
    "brackets": "[" * 200_000,
    "tags": "<b>" * 70_000,
    "shortcodes": "```\n" + "{{<" * 70_000 + "\n```",
    "nested lists": "".join("  " * depth + "- a\n" for depth in range(500)),
    "a wide table": "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|a|\n" * 20_000,
    "comments": "<!--" * 50_000,
    "backticks": "`a` " * 50_000,
    "an endless line of Chinese": "雨落在窗上。" * 50_000,
}


@BOTH
@pytest.mark.parametrize("name", BIG)
def test_a_huge_text_is_written_in_bounded_time_and_space(generator, name):
    article = article_of(generator, 1, Text("Title", BIG[name]))
    began = time.process_time()

    (file,) = generator.article_files(SITE, article, title="Title", excerpt="")

    assert time.process_time() - began < 10
    assert len(file.body) < 6 * len(BIG[name].encode()) + 20_000
