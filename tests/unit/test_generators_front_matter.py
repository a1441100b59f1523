"""Front matter: what was meant is what is read, and nothing in it runs in a template that does not escape."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import html5lib
import pytest
import yaml
from markupsafe import Markup

from app.publishing.exporters import hugo, mkdocs
from app.publishing.model import Site
from tests.unit.generated_sites import SITE, Text, article_file

ODD_TITLES = [
    "yes",
    "NO",
    "null",
    "~",
    "2026-01-01",
    "12:30",
    "1e3",
    "0x1F",
    ": x",
    "- x",
    "@a",
    "`x`",
    "%TAG",
    "# not a comment",
    "a: b # c",
    "it's",
    "--- x",
    "...",
    "&anchor",
    "*alias",
    "!tag",
    "{a: b}",
    "[a, b]",
    "back\\slash \\n",
    "🌧️ Rain, 雨落在窗上, дождь, مطر على النافذة",
    "x" * 300,
]


def front_matter(markdown: str) -> dict[str, object]:
    _, block, _ = markdown.split("---\n", 2)
    return yaml.safe_load(block)


@pytest.mark.parametrize("title", ODD_TITLES)
@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_an_odd_title_is_read_as_it_was_written(generator, title):
    read = front_matter(article_file(generator, Text(title, "A text.", topic=title)))

    assert read["title"] == title
    assert read["categories"] == [title]


@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_line_ends_and_control_characters_leave_one_line(generator):
    read = front_matter(article_file(generator, Text("a\n---\nb\u2028c\x85d\x00\ud800e", "A text.")))

    assert read["title"] == "a --- b cde"


def test_a_straight_quotation_mark_ends_no_attribute_of_a_theme_for_mkdocs():
    read = front_matter(article_file(mkdocs, Text('She said "rain" ("heavy")', "A text.")))

    assert read["title"] == "She said “rain” (“heavy”)"


def test_hugo_escapes_by_itself_and_gets_the_marks_as_they_are():
    read = front_matter(article_file(hugo, Text('She said "rain"', "A text.")))

    assert read["title"] == 'She said "rain"'


@pytest.mark.parametrize(
    "title",
    [
        "</title><script>alert(1)</script>",
        "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "&ltscript&gtalert(1)",
        "&#60;script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" onload="alert(1)',
        '0;url=//evil.example" http-equiv="refresh',
    ],
)
def test_a_hostile_title_is_text_wherever_a_theme_puts_it(title):
    value = str(front_matter(article_file(mkdocs, Text(title, "x")))["title"])

    # As it stands, and as the themes' `striptags` leaves it, which turns references into characters.
    for shown in (value, Markup(value).striptags()):
        page = html5lib.parse(
            f'<title>{shown}</title><meta name="d" content="{shown}"><p title="{shown}">{shown}</p>'
        )
        names = [element.tag.rpartition("}")[2] for element in page.iter()]
        attributes = {str(name) for element in page.iter() for name in element.attrib}
        assert names == ["html", "head", "title", "meta", "body", "p"]
        assert attributes == {"name", "content", "title"}


@pytest.mark.parametrize("title", ["{{ 7*7 }}", "{% include 'x' %}", "{# note #}", "{!x!}", "{{< x >}}"])
@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_a_title_is_never_a_template(generator, title):
    read = str(front_matter(article_file(generator, Text(title, "x")))["title"])

    assert not re.search(r"\{[{%#!<]", read)
    assert read.replace("\u2060", "") == title


def test_the_keys_for_mkdocs_are_the_originals_in_their_order():
    markdown = article_file(mkdocs, Text("Rain", "A text.", excerpt="Of rain", topic="Gardens"), number=77)

    assert markdown.split("\n---\n")[0].split("\n")[1:] == [
        'title: "Rain"',
        'slug: "1-2-77-20240318202400"',
        'description: "Of rain"',
        "date: 2024-03-19 04:24:00",
        "update:",
        "publish: true",
        "categories:",
        '- "Gardens"',
    ]


def test_dates_for_mkdocs_are_local_times():
    text = Text("Rain", "A text.", updated_at=datetime(2024, 5, 1, 20, 0, 0, 9, tzinfo=UTC))

    read = front_matter(article_file(mkdocs, text))

    assert [str(read[key]) for key in ("date", "update")] == ["2024-01-03 04:24:00", "2024-05-02 04:00:00"]


def test_dates_for_hugo_carry_their_offset():
    text = Text("Rain", "A text.", updated_at=datetime(2024, 5, 1, 20, 0, tzinfo=UTC))

    read = front_matter(article_file(hugo, text))

    assert (read["date"], read["lastmod"]) == ("2024-01-03T04:24:00+08:00", "2024-05-02T04:00:00+08:00")


@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_an_article_without_a_topic_is_in_no_category(generator):
    assert front_matter(article_file(generator, Text("Rain", "A text.", topic="")))["categories"] == []


@pytest.mark.parametrize(
    ("language", "spoken"), [("pt-BR", "pt-BR"), ("zh-Hans", "zh"), ("de-AT", "de"), ("tlh", None)]
)
def test_mkdocs_gets_a_language_that_its_theme_speaks(language, spoken):
    config = yaml.safe_load(mkdocs.site_files(replace(SITE, language=language))[0].body)

    assert config["theme"].get("language") == spoken


@pytest.mark.parametrize("generator", [mkdocs, hugo])
def test_a_bare_site_has_a_configuration_that_can_be_read(generator):
    config, index, *_ = generator.site_files(Site("s", "yes"))

    assert (config.path, index.path) == (generator.CONFIG, generator.INDEX)
    assert "yes" in yaml.safe_load(config.body).values()
    assert config.path in generator.SITE_SIGNS
