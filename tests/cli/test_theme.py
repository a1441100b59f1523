"""`pygai theme`: themes of the user's own, and looking at them."""

import re
import socket
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.core import errors
from app.models import Directory
from app.publishing.pages.theme import SHIPPED, ThemeMissing, find_theme
from app.publishing.preview.server import preview_app
from app.publishing.preview.sources import SampleExhibit, site_exhibit
from tests.builders import a_content, a_prompt, a_site, a_topic

URL = "http://127.0.0.1:5060/"


@pytest.fixture
def themes(variables):
    """The folder of the user's themes."""
    return Path(variables["PYGAI_DATA_DIR"]) / "themes"


def write(themes, path, text):
    file = themes / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def files_below(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@asynccontextmanager
async def a_browser(settings, theme, exhibit=None, **options):
    app = preview_app(settings, theme, exhibit or SampleExhibit(URL))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=URL, **options) as browser:
        yield browser


@pytest.fixture
def settings(make_settings, variables):
    return make_settings(data_dir=variables["PYGAI_DATA_DIR"])


# --- list ---


async def test_the_shipped_themes_are_listed_with_what_they_override(pygai):
    listed = {row["name"]: row for row in (await pygai("theme", "list", "--json")).data}

    assert set(listed) == {"default", "magazine"}
    assert (listed["default"]["origin"], listed["default"]["overrides"]) == ("shipped", [])
    assert {"article.html", "assets/site.css"} <= set(listed["magazine"]["overrides"])
    assert listed["magazine"]["adds"] == ["stories.html"]
    assert listed["magazine"]["digest"] == find_theme("magazine", None).digest


async def test_the_users_themes_are_listed_with_theirs(pygai, themes):
    write(themes, "mine/gone.html", '{% extends "notice.html" %}')
    write(themes, "default/words/en.json", '{"archive": "All"}')

    listed = {row["name"]: row for row in (await pygai("theme", "list", "--json")).data}
    table = (await pygai("theme", "list")).printed

    assert (listed["mine"]["origin"], listed["mine"]["overrides"]) == ("yours", ["gone.html"])
    assert listed["mine"]["folder"] == str(themes / "mine")
    assert listed["default"]["origin"] == "yours, over the shipped one"
    assert listed["default"]["overrides"] == ["words/en.json"]
    assert "gone.html" in table


# --- new ---


async def test_a_new_theme_has_a_stylesheet_and_says_what_can_be_changed(pygai, themes):
    made = await pygai("theme", "new", "mine")

    files = files_below(themes / "mine")
    readme = files["README.md"].decode()
    assert made.code == 0
    assert set(files) == {"README.md", "assets/site.css"}
    assert "pygai theme preview mine" in readme
    assert "- `listing.html`" in readme
    assert re.search(r"\{\w+\}", readme) is None
    assert find_theme("mine", themes).assets.keys() == find_theme("default", None).assets.keys()


async def test_a_theme_begun_with_another_looks_like_it(pygai, themes, tmp_path):
    await pygai("theme", "new", "weekly", "--from", "magazine")
    for name in ("weekly", "magazine"):
        await pygai("theme", "preview", name, "--once", tmp_path / name)

    assert "base.html" not in files_below(themes / "weekly")
    assert files_below(tmp_path / "weekly") == files_below(tmp_path / "magazine")


async def test_a_theme_can_begin_with_one_of_the_users_own(pygai, themes):
    write(themes, "first/gone.html", '{% extends "notice.html" %}')

    await pygai("theme", "new", "second", "--from", "first")

    assert set(files_below(themes / "second")) == {"README.md", "assets/site.css", "gone.html"}


async def test_a_whole_theme_has_every_file(pygai, themes):
    await pygai("theme", "new", "mine", "--from", "magazine", "--whole")

    every = files_below(SHIPPED / "default") | files_below(SHIPPED / "magazine")
    copied = files_below(themes / "mine")
    copied.pop("README.md")
    assert copied == every


async def test_a_theme_may_lie_over_the_shipped_one_of_its_name(pygai, themes):
    made = await pygai("theme", "new", "magazine")
    refused = await pygai("theme", "new", "default", "--from", "magazine")

    assert made.code == 0
    assert "listing.html" in files_below(themes / "magazine")
    assert (refused.code, "would lie over it" in refused.complaints) == (1, True)


async def test_a_theme_that_is_there_is_left_alone(pygai, themes, tmp_path):
    write(themes, "mine/site.css", "")
    (themes / "link").symlink_to(tmp_path / "elsewhere")

    answers = [await pygai("theme", "new", name) for name in ("mine", "link")]

    assert [(answer.code, "is there already" in answer.complaints) for answer in answers] == [(1, True)] * 2
    assert set(files_below(themes / "mine")) == {"site.css"}
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/x", "a/b", "a\\b", "-x", "_x", ".x", "a b", "a\n", "ä", "C:x", "x" * 65]
)
async def test_no_name_leads_out_of_the_folder_of_themes(pygai, themes, name):
    made = await pygai("theme", "new", "--", name)

    assert (made.code, "is no name of a theme" in made.complaints) == (1, True)
    assert not themes.exists()
    with pytest.raises(ThemeMissing):
        find_theme(name, themes)


@pytest.mark.parametrize("base", ["nope", "..", "../default"])
async def test_a_theme_begins_with_one_that_is_there(pygai, themes, base):
    made = await pygai("theme", "new", "mine", "--from", base)

    assert (made.code, made.complaints.startswith("✗ theme: ")) == (1, True)
    assert not themes.exists()


# --- preview, written ---


async def test_the_sample_can_be_written_and_has_every_kind_of_page(pygai, tmp_path):
    written = await pygai("theme", "preview", "default", "--once", tmp_path / "pages")

    files = files_below(tmp_path / "pages")
    kinds = {"index.html", "page/1/index.html", "404.html", "about/index.html", "archive/index.html"}
    assert written.code == 0
    assert kinds | {"search/index.html", "search/index.json", "2026/index.html", "feed.xml"} <= set(files)
    everything = files["2026/11/everything-a-text-can-have/index.html"]
    for sign in (
        b"<table",
        b"<math",
        b'class="highlight"',
        b"<audio",
        b"<details",
        b'class="footnotes"',
        b"srcset=",
    ):
        assert sign in everything
    assert sum(b'dir="rtl"' in body for path, body in files.items() if path.endswith("/index.html")) >= 1
    assert sum(b'lang="zh"' in body for path, body in files.items() if path.endswith("/index.html")) >= 1


async def test_the_sample_is_the_same_each_time(pygai, tmp_path):
    for name in ("one", "two"):
        await pygai("theme", "preview", "default", "--once", tmp_path / name)

    assert files_below(tmp_path / "one") == files_below(tmp_path / "two")


async def test_nothing_is_written_over_what_somebody_has(pygai, tmp_path):
    write(tmp_path, "pages/index.html", "mine")

    answer = await pygai("theme", "preview", "default", "--once", tmp_path / "pages")

    assert (answer.code, "is not empty" in answer.complaints) == (1, True)
    assert files_below(tmp_path / "pages") == {"index.html": b"mine"}


async def test_a_broken_theme_is_explained_and_leaves_no_half_of_a_site(pygai, themes, tmp_path):
    write(
        themes, "mine/archive.html", '{% extends "base.html" %}\n{% block main %}\n{{ nothing }}\n{% endblock %}'
    )

    answer = await pygai("theme", "preview", "mine", "--once", tmp_path / "pages")

    assert answer.code == 1
    assert answer.complaints.startswith("✗ theme: the theme 'mine' failed in archive.html, line 3: ")
    assert not (tmp_path / "pages").exists()


async def test_what_is_not_there_is_told_in_words(pygai, database, tmp_path):
    notes = await a_site(database, tmpl="mkdocs")

    theme = await pygai("theme", "preview", "nope")
    site = await pygai("theme", "preview", "default", "--site", "nope", "--once", tmp_path / "a")
    foreign = await pygai("theme", "preview", "default", "--site", notes.name, "--once", tmp_path / "b")

    assert (theme.code, "there is no theme 'nope'; there are: default, magazine" in theme.complaints) == (1, True)
    assert (site.code, "there is no site nope" in site.complaints) == (1, True)
    assert (foreign.code, "is written for mkdocs" in foreign.complaints) == (1, True)


async def test_a_port_that_is_taken_is_told_in_words(pygai):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = await pygai("theme", "preview", "default", "--port", taken.getsockname()[1])

    assert (answer.code, "Cannot listen on 127.0.0.1:" in answer.complaints) == (1, True)


# --- preview, served ---


async def test_an_edit_shows_at_the_next_request(settings, themes):
    write(themes, "mine/words/en.json", '{"archive": "Before"}')

    async with a_browser(settings, "mine") as browser:
        before = await browser.get("/")
        write(themes, "mine/words/en.json", '{"archive": "Afterwards"}')
        write(themes, "mine/assets/site.css", "/* new */")
        after = await browser.get("/")
        style = re.search(r'rel="stylesheet" href="([^"]+)"', after.text)[1]
        stylesheet = await browser.get(style)

    assert (before.status_code, ">Before<" in before.text) == (200, True)
    assert ">Afterwards<" in after.text
    assert (stylesheet.text, stylesheet.headers["Content-Type"]) == ("/* new */", "text/css; charset=utf-8")
    assert after.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in after.headers["Content-Security-Policy"]


async def test_a_failing_template_is_shown_with_its_name_and_line_and_mended_by_an_edit(settings, themes):
    write(
        themes,
        "mine/about.html",
        '{% extends "base.html" %}\n{% block main %}\n<b>{{ no.such }}</b>\n{% endblock %}',
    )

    async with a_browser(settings, "mine") as browser:
        broken = await browser.get("/about/")
        elsewhere = await browser.get("/archive/")
        (themes / "mine" / "about.html").unlink()
        mended = await browser.get("/about/")

    assert broken.status_code == 500
    assert "failed in about.html, line 3: " in broken.text
    assert "<mark>   3  &lt;b&gt;{{ no.such }}&lt;/b&gt;</mark>" in broken.text
    assert "<b>" not in broken.text
    assert (elsewhere.status_code, mended.status_code) == (200, 200)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("listing.html", "{% if %}"),
        ("listing.html", '{% include "nowhere.html" %}'),
        ("words/en.json", "[1]"),
        ("words/en.json", "{"),
        ("assets/site.css", "\udcff"),
        ("listing.html", '{{ asset("nothing.css") }}'),
    ],
)
async def test_whatever_is_wrong_with_a_theme_is_a_readable_page(settings, themes, path, text):
    file = themes / "mine" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    async with a_browser(settings, "mine") as browser:
        answer = await browser.get("/")

    assert answer.status_code == 500
    assert "The theme failed" in answer.text


async def test_a_theme_that_was_taken_away_is_a_readable_page(settings, themes):
    write(themes, "mine/words/en.json", "{}")

    async with a_browser(settings, "mine") as browser:
        (themes / "mine" / "words" / "en.json").unlink()
        (themes / "mine" / "words").rmdir()
        (themes / "mine").rmdir()
        answer = await browser.get("/")

    assert (answer.status_code, "there is no theme" in answer.text) == (500, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/archive/", 200),
        ("/archive", 307),
        ("/index.html", 200),
        ("/media/sample/bell.wav", 200),
        ("/2026/11/withdrawn/", 410),
        ("/nothing/", 404),
        ("/nothing", 404),
        ("/..%2f..%2fetc/passwd", 404),
        ("/%00", 404),
    ],
)
async def test_pages_are_served_as_a_site_would(settings, path, status):
    async with a_browser(settings, "magazine") as browser:
        answer = await browser.get(path)

    assert answer.status_code == status
    assert status != 404 or "Page not found" in answer.text


async def test_no_other_host_may_read_along(settings):
    async with a_browser(settings, "default", headers={"Host": "evil.example"}) as browser:
        answer = await browser.get("/")

    assert answer.status_code == 400


# --- the articles of a site ---


@pytest.fixture
async def site(pygai, database):
    """A site of two articles with pages."""
    site, topic = await a_site(database, title="Rain Writer's"), await a_topic(database, name="Rain")
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)
    for text in ("# Drizzle\n\nIt drizzles.", "# Downpour\n\nIt pours."):
        content = await a_content(database, prompt_id=prompt.id, text=text)
        assert (await pygai("publish", content.id)).code == 0
    return site


async def test_the_articles_of_a_site_are_shown_in_any_theme(settings, database, site):
    exhibit = site_exhibit(settings, database, site, URL)

    async with a_browser(settings, "magazine", exhibit) as browser:
        home = await browser.get("/")
        article = await browser.get(
            re.search(r'href="(\d{4}/\d\d/downpour/)', home.text.replace("index.html", ""))[1]
        )
        topic = await browser.get("/topics/rain/")
        year = await browser.get(re.search(r"\d{4}", article.url.path)[0] + "/")
        feed = await browser.get("/feed.xml")
        index = await browser.get("/search/index.json")
        missing = await browser.get("/page/1/")
        twin = await browser.get(f"{article.url.path}index.md")
        odd = [
            await browser.get(path)
            for path in ("/%00", "/..%2f..%2fx", "/a%2f%2fb", "/%23", "/.git/config", "/a\\b")
        ]

    assert [answer.status_code for answer in (home, article, topic, year, feed, index, twin)] == [200] * 7
    assert 'class="nameplate' in home.text
    assert 'class="poster"' in article.text
    assert "It pours." in article.text
    assert f'href="{URL}{article.url.path[1:]}"' in article.text
    assert (missing.status_code, "Page not found" in missing.text) == (404, True)
    assert [answer.status_code for answer in odd] == [404] * len(odd)


async def test_a_preview_changes_nothing_of_the_site(pygai, settings, database, site, tmp_path):
    pages = settings.data_dir / "sites" / site.name
    before = files_below(pages)

    written = await pygai("theme", "preview", "magazine", "--site", site.name, "--once", tmp_path / "pages")

    shown = files_below(tmp_path / "pages")
    assert written.code == 0
    assert files_below(pages) == before
    assert b'class="nameplate' in shown["index.html"]
    assert b'class="nameplate' not in before["index.html"]
    assert any(path.endswith("/drizzle/index.html") for path in shown)


def test_a_site_of_another_generator_has_no_themes_here(settings, database):
    with pytest.raises(errors.Invalid):
        site_exhibit(settings, database, Directory(name="Notes", path="Notes", tmpl="hugo"), URL)
