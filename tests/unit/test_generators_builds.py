"""What we write for the sites of others, built by their own programs and read as their readers see it."""

import re
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import pytest
import yaml

from app.publishing.exporters import hugo, mkdocs
from app.publishing.model import File
from tests.unit.generated_sites import (
    Text,
    build,
    elements,
    letters,
    page_of,
    page_path,
    pages,
    parsed,
    words,
    write,
    write_site,
)

pytestmark = pytest.mark.xdist_group("site builds")

RAIN = """# Rain on the *Window*

The **first** paragraph, with a [link](https://example.org/a_(b)?c=d&e=f) and `code`.

![The rain](http://pictures.example/rain%20(1).png)

The third paragraph.

The fourth paragraph.

The fifth paragraph[^1] comes after the excerpt.

## A section

1. one
   - inner
   ```python
   indented = True
   ```
2. two
- [x] done

| left | right |
|:-----|------:|
| a    | `b\\|c` |

```yaml
---
key: value # ---
---
```

> quoted
>
> > twice

~~struck~~ H<sub>2</sub>O 5 * 3 * 2 snake_case_name <kbd>Esc</kbd>

[^1]: With a note.
"""
CHINESE = "# 雨落在窗上\n\n他说**“下雨了”**然后走了。\n\n第一行\n第二行\n\n*   中文列表\n\n`代码`、[链接](https://example.org/雨)"
ARABIC = "# مطر على النافذة\n\nيهطل **المطر** على النافذة.\n\n1. واحد\n2. اثنان"
TEMPLATES = """# Templates

Use `{{ name }}`.

```jinja
{% for x in y %}{{ x }}{% endfor %}
```

```go
{{< figure >}} {{% x %}} {{< open
```
"""

TEXTS = [
    Text("Rain on the Window", RAIN, picture="http://pictures.example/rain (1).png", topic="Slow: gardens"),
    Text("雨落在窗上", CHINESE, picture="http://pictures.example/other.png", topic="天气"),
    Text("مطر على النافذة", ARABIC, topic=""),
    Text("Templates", TEMPLATES, prompt="Write {{ it }}\n- with *care*"),
    Text(
        '"Quoted": it\'s --- a #title', "Only a text.\n\n---\n\nWith a rule.", file="http://files.example/notes.md"
    ),
    Text(
        "yes",
        "# yes\n\n<details><summary>More</summary>\n\nHidden [notes](notes.md)\n\n</details>",
        file="notes.md",
    ),
]
PROGRAMS = ["material", "zensical", "hugo"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What each program makes of the same articles."""
    root = tmp_path_factory.mktemp("sites")
    site = write_site(root / "mkdocs", mkdocs, TEXTS)
    return {
        "material": build(site, "mkdocs", "build", "--strict", "-q", "-d", "material", output="material"),
        "zensical": build(site, "zensical", "build", output="site"),
        "hugo": build(write_site(root / "hugo", hugo, TEXTS), "hugo", output="public"),
    }


@pytest.fixture(params=PROGRAMS)
def output(request, built):
    return built[request.param]


def article(output, number: int) -> Element:
    return elements(page_of(output, number), "article")[-1]


@pytest.mark.parametrize("number", range(1, len(TEXTS) + 1))
def test_every_article_has_a_page_with_its_title_once(output, number):
    page = page_of(output, number)

    headings = elements(page, "h1")
    title = TEXTS[number - 1].title
    assert [letters(words(heading)).rstrip("¶") for heading in headings] == [letters(title)]
    assert letters(title) in letters(words(elements(page, "title")[0]))


def test_the_category_is_on_the_page_and_has_one_of_its_own(output):
    links = [link for link in elements(page_of(output, 1), "a") if "categor" in link.get("href", "")]

    assert "slow: gardens" in [words(link).lower() for link in links]
    assert any("Rain on the Window" in words(page) for path, page in pages(output) if "categor" in str(path))


def test_the_list_shows_the_excerpt_alone(output):
    listed = next(
        entry
        for entry in elements(parsed(output / "index.html"), "article")
        if "Rain on the Window" in words(entry)
    )

    assert "fifth paragraph" not in words(listed)
    assert any(link.get("href", "").rstrip("/").endswith(tuple("0123456789")) for link in elements(listed, "a"))


def test_the_excerpt_of_mkdocs_ends_after_the_fourth_paragraph(built):
    for name in ("material", "zensical"):
        entries = elements(parsed(built[name] / "index.html"), "article")
        listed = next(words(entry) for entry in entries if "Rain on the Window" in words(entry))
        assert "The third paragraph" in listed


def test_pictures_are_shown_and_are_there(output):
    for number in (1, 2):
        (picture,) = elements(article(output, number), "img")
        stored = page_path(output, number).parent / unquote(picture.get("src", ""))
        assert stored.resolve().is_file()
        assert picture.get("alt") in {"The rain", "Rain"}


def test_a_picture_the_text_does_not_place_comes_before_it(output):
    named = [element.tag.rpartition("}")[2] for element in elements(article(output, 2))]

    assert named.index("img") < named.index("strong")


def test_files_are_linked_and_never_become_pages(output):
    for number in (5, 6):
        (link,) = [link for link in elements(article(output, number), "a") if "notes" in link.get("href", "")]
        assert link.get("href", "").endswith("notes.md.txt")
    assert len(list(output.rglob("notes.md.txt"))) in {1, 2}


def test_the_text_is_what_was_written(output):
    shown = letters(words(article(output, 1)))

    for piece in (
        "The first paragraph, with a link and code.",
        "The fifth paragraph¹ comes after the excerpt.",
        "indented = True",
        "b|c",
        "--- key: value # --- ---",
        "struck H₂O 5 * 3 * 2 snake_case_name Esc",
        "With a note.",
    ):
        assert letters(piece) in shown


def test_structure_is_what_was_meant(output):
    body = article(output, 1)

    (outer,) = elements(body, "table")
    assert [words(cell) for cell in elements(outer, "th")] == ["left", "right"]
    assert len(elements(body, "blockquote")) == 2
    ordered = [found for found in elements(body, "ol") if "inner" in words(found)]
    assert [len([item for item in found if item.tag.endswith("li")]) for found in ordered] == [2]
    assert [words(heading).rstrip("¶") for heading in elements(body, "h2")] == ["A section"]
    assert "https://example.org/a_%28b%29?c=d&e=f" in [link.get("href") for link in elements(body, "a")]
    assert "struck" in [words(found) for found in elements(body, "del")]


def test_chinese_emphasis_holds_where_commonmark_alone_loses_it(output):
    body = article(output, 2)

    assert "“下雨了”" in [words(found) for found in elements(body, "strong")]
    assert "第一行第二行" in words(body)


def test_arabic_comes_out(output):
    assert "يهطل المطر على النافذة." in words(article(output, 3))


def test_templates_in_code_are_shown(output):
    shown = words(article(output, 4)).replace("\u2060", "")

    for piece in ("{{ name }}", "{% for x in y %}{{ x }}{% endfor %}", "{{< figure >}} {{% x %}} {{< open"):
        assert piece in shown
    assert "Write {{ it }}" in shown


def test_a_built_site_asks_no_other_host(output):
    for path, page in pages(output):
        for element in elements(page):
            address = element.get("src") or (element.get("href") if element.tag.endswith("link") else None) or ""
            assert not re.match(r"(https?:)?//(?!site\.example/)", address), path


def test_mkdocs_builds_with_a_theme_that_shows_no_title(tmp_path):
    site = write_site(tmp_path, mkdocs, TEXTS)
    config = yaml.safe_load((site / mkdocs.CONFIG).read_text())
    plain = {"site_name": config["site_name"], "theme": {"name": "mkdocs"}, "plugins": ["search"]}
    write(site, File(mkdocs.CONFIG, yaml.safe_dump(plain).encode()))

    output = build(site, "mkdocs", "build", "--strict", "-q", output="site")

    page = page_of(output, 1)
    assert [words(heading) for heading in elements(page, "h1")] == ["Rain on the Window"]
    assert letters("indented = True") in letters(words(page))
