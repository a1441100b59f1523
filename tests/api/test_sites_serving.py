"""Reading a site: its pages, what is left of them, types, caching, and which sites are shown at all."""

import asyncio
from pathlib import Path

import pytest

from app.models import Directory
from app.publishing.serving.responder import prefers_html
from app.sites import resolver
from tests.builders import a_site, saved
from tests.cable import a_cable
from tests.conftest import a_client, eventually
from tests.envelopes import errored, failed

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ARTICLE = "2026/11/rain-on-the-window"
STYLE = "assets/site.0123456789.css"


@pytest.fixture
async def site(service):
    """A site with a page, a page that was taken down and a page about what is not there."""
    site = await a_site(service.state.runtime.database)
    put(service, site, "index.html", "<title>Home</title>")
    put(service, site, f"{ARTICLE}/index.html", "<title>Rain</title>")
    put(service, site, "2026/11/gone/gone.html", "<title>Gone</title>")
    put(service, site, "404.html", "<title>Missing</title>")
    return site


@pytest.fixture
async def reader(service):
    async with a_client(service) as client:
        yield client


def put(service, site: Directory, path: str, text: str) -> Path:
    file = Path(service.state.runtime.settings.sites_location) / site.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


async def changed(database, site: Directory, **columns) -> None:
    async with database.session() as session:
        row = await session.get_one(Directory, site.id)
        for name, value in columns.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("path", "title"), [("", "Home"), (f"{ARTICLE}/", "Rain"), (f"{ARTICLE}/index.html", "Rain")]
)
async def test_a_folder_shows_its_page(reader, site, path, title):
    answer = await reader.get(f"/sites/{site.name}/{path}")

    assert (answer.status_code, answer.text) == (200, f"<title>{title}</title>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["ETag"]


async def test_a_folder_without_its_slash_leads_to_the_one_with_it(start):
    service = await start(public_url="http://test/pygai")
    site = await a_site(service.state.runtime.database, name="Söme site", path="some")
    put(service, site, "2026/11/雨/index.html", "rain")
    put(service, site, "2026/11/gone/gone.html", "gone")
    async with a_client(service) as reader:
        live = await reader.get(f"/sites/{site.name}/2026/11/雨?q=a%20b")
        gone = await reader.head(f"/sites/{site.name}/2026/11/gone")
        nowhere = await reader.get(f"/sites/{site.name}/2026/10")

    assert (live.status_code, gone.status_code) == (308, 308)
    assert live.headers["Location"] == "/pygai/sites/S%C3%B6me%20site/2026/11/%E9%9B%A8/?q=a%20b"
    assert gone.headers["Location"] == "/pygai/sites/S%C3%B6me%20site/2026/11/gone/"
    failed(nowhere, 404, "path")


@pytest.mark.parametrize("headers", [{}, BROWSER, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}])
async def test_a_page_that_was_taken_down_says_so(reader, site, headers):
    answer = await reader.get(f"/sites/{site.name}/2026/11/gone/", headers=headers)
    head = await reader.head(f"/sites/{site.name}/2026/11/gone/", headers=headers)

    assert (answer.status_code, answer.text) == (410, "<title>Gone</title>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (head.status_code, head.content) == (410, b"")


async def test_a_page_that_is_back_is_shown_again(service, reader, site):
    put(service, site, "2026/11/gone/index.html", "back")

    answer = await reader.get(f"/sites/{site.name}/2026/11/gone/")

    assert (answer.status_code, answer.text) == (200, "back")


@pytest.mark.parametrize(
    "path",
    ["none/", "none", "none.html", "2026//x/", "%2e%2e/x", ".git/config", "index.html%231", "a%00b", "x" * 5000],
)
async def test_what_is_not_there_is_told_in_the_callers_own_language(reader, site, path):
    to_a_browser = await reader.get(f"/sites/{site.name}/{path}", headers=BROWSER)
    to_a_program = await reader.get(f"/sites/{site.name}/{path}")
    head = await reader.head(f"/sites/{site.name}/{path}", headers=BROWSER)

    assert (to_a_browser.status_code, to_a_browser.text) == (404, "<title>Missing</title>")
    assert to_a_browser.headers["Content-Type"] == "text/html; charset=utf-8"
    assert to_a_browser.headers["Cache-Control"] == "no-store"
    assert (head.status_code, head.content) == (404, b"")
    failed(to_a_program, 404, "path")


async def test_a_site_without_a_page_about_what_is_missing_answers_in_jsend(service, reader, site):
    (Path(service.state.runtime.settings.sites_location) / site.path / "404.html").unlink()

    failed(await reader.get(f"/sites/{site.name}/none/", headers=BROWSER), 404, "path")


@pytest.mark.parametrize(
    ("accept", "is_preferred"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("TEXT/HTML ; Q=0.3, */*", True),
        ("application/json, text/html;q=0.9", False),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=0", False),
        ("application/json", False),
        ("*/*", False),
        ("text/*", False),
        ("", False),
        ("text/html;q=ten", True),
        (";;,q=,text/html;", True),
    ],
)
def test_html_is_for_those_who_ask_for_it(accept, is_preferred):
    assert prefers_html(accept) is is_preferred


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("feed.xml", "application/atom+xml; charset=utf-8"),
        ("topics/rain/feed.xml", "application/atom+xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
        ("sitemap.xml", "application/xml"),
        ("sitemaps/1.xml", "application/xml"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("llms.txt", "text/plain; charset=utf-8"),
        (f"{ARTICLE}/index.md", "text/markdown; charset=utf-8"),
        (f"{ARTICLE}/provenance.json", "application/json"),
        ("search/index.json", "application/json"),
        (STYLE, "text/css; charset=utf-8"),
        ("assets/search.0123456789.js", "text/javascript; charset=utf-8"),
        ("media/0123456789abcdef/rain.webp", "image/webp"),
        ("media/0123456789abcdef/rain", "application/octet-stream"),
    ],
)
async def test_a_file_is_of_its_type(service, reader, site, path, media_type):
    put(service, site, path, "x")

    answer = await reader.get(f"/sites/{site.name}/{path}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "is_for_good"),
    [
        (STYLE, True),
        ("assets/fonts/a.b.0123456789abcdef.woff2", True),
        ("assets/site.css", False),
        ("topics/assets/site.0123456789.css", False),
        ("media/0123456789abcdef/rain.png", False),
    ],
)
async def test_only_a_digest_in_its_name_lets_a_file_be_kept_for_good(service, reader, site, path, is_for_good):
    put(service, site, path, "x")

    answer = await reader.get(f"/sites/{site.name}/{path}")
    again = await reader.get(f"/sites/{site.name}/{path}", headers={"If-None-Match": answer.headers["ETag"]})

    wanted = "public, max-age=31536000, immutable" if is_for_good else "public, max-age=60"
    assert answer.headers["Cache-Control"] == again.headers["Cache-Control"] == wanted
    assert again.status_code == 304


async def test_a_page_runs_and_loads_what_is_of_its_own_site_alone(reader, site):
    answer = await reader.get(f"/sites/{site.name}/")

    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    own = {"img-src", "style-src", "media-src", "script-src", "connect-src", "form-action"}
    assert {name for name, sources in policy.items() if sources == "'self'"} == own
    assert {name for name, sources in policy.items() if sources == "'none'"} == set(policy) - own


@pytest.mark.parametrize("written", ["mkdocs", "hugo"])
async def test_what_others_build_pages_from_is_not_shown(service, reader, written):
    site = await a_site(service.state.runtime.database, tmpl=written)
    put(service, site, "index.html", "no page")

    failed(await reader.get(f"/sites/{site.name}/", headers=BROWSER), 404, "path")


async def test_a_new_site_is_there_at_once_and_a_moved_one_within_a_moment(service, reader):
    failed(await reader.get("/sites/New/"), 404, "path")
    site = await a_site(service.state.runtime.database, name="New", path="first")
    put(service, site, "index.html", "first")
    first = await reader.get("/sites/New/")
    await changed(service.state.runtime.database, site, path="second")
    put(service, Directory(name="New", path="second"), "index.html", "second")

    async def moved():
        return (await reader.get("/sites/New/")).text == "second"

    assert first.text == "first"
    assert await eventually(moved, seconds=3 * resolver.HELD_SECONDS)


async def test_a_site_that_was_removed_is_gone_within_a_moment(service, reader, site):
    await reader.get(f"/sites/{site.name}/")
    async with service.state.runtime.database.session() as session:
        await session.delete(await session.get_one(Directory, site.id))

    async def removed():
        return (await reader.get(f"/sites/{site.name}/")).status_code == 404

    assert await eventually(removed, seconds=3 * resolver.HELD_SECONDS)


async def test_pages_that_were_read_stay_while_the_database_is_away(start, dsn):
    async with a_cable(dsn) as (through_cable, cut):
        service = await start(database_url=through_cable)
        known, unknown = await a_site(service.state.runtime.database), await a_site(service.state.runtime.database)
        for site in (known, unknown):
            put(service, site, "index.html", "here")
        async with a_client(service) as reader:
            await reader.get(f"/sites/{known.name}/")
            cut()
            await asyncio.sleep(resolver.HELD_SECONDS)
            still = await reader.get(f"/sites/{known.name}/")
            never = await reader.get(f"/sites/{unknown.name}/")

    assert (still.status_code, still.text) == (200, "here")
    errored(never, 503)


async def test_a_place_that_is_not_allowed_any_more_is_not_read(service, reader, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("secret")
    directory = await saved(service.state.runtime.database, Directory(name="Out", path=str(outside)))

    answer = await reader.get(f"/sites/{directory.name}/")

    failed(answer, 404, "path")
    assert str(outside) not in answer.text
