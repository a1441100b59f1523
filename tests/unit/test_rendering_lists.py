"""Lists of articles, and the pages that hold none."""

from datetime import timedelta
from urllib.parse import urljoin

import pytest

from app.publishing import addresses
from app.publishing.model import Archive, ListingKind, Shelf
from app.publishing.pages import articles, listings, notices
from app.publishing.pages.theme import default_theme
from tests.unit.page_parsing import HTML, elements, found, parsed, texts
from tests.unit.site_builders import A_DAY, HILL, RAIN, WEATHER, a_listing, a_site, an_article, an_entry

THEME = default_theme()
ENTRIES = (
    an_entry(picture=RAIN),
    an_entry("Hill", "2026/10/hill/index.html", published_at=A_DAY - timedelta(days=30), topic=None, picture=HILL),
    an_entry("窗外的雨", "2026/10/yu/index.html", published_at=A_DAY - timedelta(days=31), excerpt=""),
)
ARCHIVE = Archive(
    (Shelf("2026", "2026/index.html", 40), Shelf("2025", "2025/index.html", 2)),
    (Shelf("Weather", "topics/weather/index.html", 42),),
)


def listed(*entries, **changes):
    return listings.render_listing(a_site(), a_listing(*(entries or ENTRIES), **changes), theme=THEME)


def of_the_topic(**changes):
    options = {"kind": ListingKind.TOPIC, "key": "Weather", "folder": "topics/weather/"}
    return listed(**(options | {"path": "topics/weather/index.html"} | changes))


def of_the_year(**changes):
    return listed(
        **({"kind": ListingKind.YEAR, "key": "2026", "folder": "2026/", "path": "2026/index.html"} | changes)
    )


def test_a_listing_links_to_its_articles_in_the_order_given():
    page = listed()

    headings = [heading.find(f"{HTML}a").get("href") for heading in found(page.body, "h2")]
    assert headings == ["2026/11/rain/", "2026/10/hill/", "2026/10/yu/"]
    assert [picture.get("loading") for picture in found(page.body, "img")] == ["eager", "lazy"]
    assert page.path == "index.html"
    assert found(page.body, "link", rel="canonical", href="https://site.example/app/sites/demo/")
    assert texts(page.body, "title") == texts(page.body, "h1") == ["Slow Weather"]


def test_an_older_page_says_which_it_is_and_leads_both_ways():
    page = listed(path="page/2/index.html", number=2, newer="page/3/index.html", older="page/1/index.html").body

    for element in ("a", "link"):
        assert found(page, element, rel="prev", href="../3/")
        assert found(page, element, rel="next", href="../1/")
    assert found(page, "img", src="../../media/1a/rain.png")
    assert texts(page, "title") == ["Slow Weather · Page 2"]


def test_a_topic_has_feeds_beside_those_of_the_site():
    page = of_the_topic().body

    feeds = [link.get("href") for link in found(page, "link", rel="alternate", type="application/atom+xml")]
    assert feeds == ["feed.xml", "../../feed.xml"]
    assert texts(page, "h1") == ["Weather"]
    assert texts(page, "title") == ["Weather · Slow Weather"]


def test_a_year_is_a_dense_list_by_month():
    page = of_the_year().body

    assert texts(page, "h2") == ["November", "October"]
    assert texts(page, "li")[-3:] == ["22 Rain Weather", "23 Hill", "22 窗外的雨 Weather"]
    assert not found(page, "img")


def test_days_of_a_year_are_those_of_the_clock_of_the_site():
    entry = an_entry(published_at=A_DAY.replace(month=10, day=31, hour=23))
    listing = a_listing(entry, kind=ListingKind.YEAR, key="2026", path="2026/index.html")

    page = listings.render_listing(a_site(time_zone="Asia/Tokyo"), listing, theme=THEME).body

    assert texts(page, "h2") == ["November"]


def test_a_listing_of_nothing_says_so():
    for kind in ListingKind:
        page = listings.render_listing(a_site(), a_listing(kind=kind, key="x"), theme=THEME).body
        assert texts(page, "p", class_="nothing") == ["Nothing has been published here yet."]


def test_the_archive_names_every_list_with_its_count():
    page = listings.render_archive(a_site(), ARCHIVE, theme=THEME)

    assert page.path == "archive/index.html"
    assert texts(page.body, "a", href="../2026/") == ["2026 40"]
    assert texts(page.body, "a", href="../topics/weather/") == ["Weather 42"]
    assert "Articles in all: 42" in texts(page.body, "p")


def test_the_fullest_list_weighs_most_and_none_weighs_nothing():
    page = listings.render_archive(a_site(), ARCHIVE, theme=THEME).body

    assert texts(page, "span", class_="count weight-10") == ["40", "42"]
    assert texts(page, "span", class_="count weight-1") == ["2"]


def test_about_is_the_text_of_the_site_without_what_could_do_harm():
    page = notices.render_about(a_site(about="# Who we are\n\nTwo *people*.<script>x</script>"), theme=THEME)

    assert page.path == "about/index.html"
    assert texts(page.body, "h1") == ["Who we are"]
    assert texts(page.body, "em") == ["people"]
    assert not found(page.body, "script")


def test_about_falls_back_to_the_description_and_is_linked_only_when_there_is_one():
    described = notices.render_about(a_site(), theme=THEME).body
    bare = listings.render_listing(a_site(description=""), a_listing(), theme=THEME).body

    assert texts(described, "h1") == ["About"]
    assert [link.get("href") for link in found(described, "a", aria_current="page")] == ["./"]
    assert not found(bare, "a", href="about/")


def test_the_search_page_is_the_only_one_that_may_run_a_script():
    page = notices.render_search(a_site(), theme=THEME).body

    [form] = found(page, "form", role="search")
    assert (form.get("data-index"), form.get("data-root")) == ("index.json", "../")
    assert all(form.get(f"data-{said}") for said in ("nothing", "older", "loading", "failed", "found"))
    [script] = found(page, "script")
    assert script.get("src") == f"../{THEME.assets['search.js'].path}"
    assert "defer" in script.attrib
    assert policy_of(page)[-3:] == ["form-action 'self'", "script-src 'self'", "connect-src 'self'"]


def test_without_scripts_the_search_page_leads_to_the_archive():
    page = notices.render_search(a_site(), theme=THEME).body

    noscript = page.split(b"<noscript>")[1].split(b"</noscript>")[0]
    assert b'href="../archive/"' in noscript


def test_the_page_for_missing_addresses_works_at_any_depth():
    page = notices.render_not_found(a_site(), theme=THEME)

    stylesheet = found(page.body, "link", rel="stylesheet")[0].get("href")
    assert urljoin("https://site.example/app/sites/demo/no/such/page/", stylesheet).startswith(
        "https://site.example/app/sites/demo/assets/site."
    )
    assert page.path == "404.html"
    assert found(page.body, "a", href="/app/sites/demo/")


def test_what_stands_in_for_a_withdrawn_article_lies_in_its_folder():
    page = notices.render_gone(a_site(), "2026/11/rain/index.html", theme=THEME)

    assert page.path == "2026/11/rain/gone.html"
    assert found(page.body, "a", href="../../../")
    assert found(page.body, "meta", name="robots", content="noindex")


def test_a_redirection_leads_to_its_target_with_and_without_help_of_the_browser():
    target = "https://site.example/app/sites/demo/2026/11/rain-2/"

    page = notices.render_redirect(a_site(), "2026/11/rain/index.html", target, theme=THEME)

    assert page.path == "2026/11/rain/index.html"
    assert found(page.body, "meta", http_equiv="refresh", content=f"0; url={target}")
    assert found(page.body, "link", rel="canonical", href=target)
    assert texts(page.body, "a", href=target) == [target]
    assert found(page.body, "meta", name="robots", content="noindex")


EVERY_PAGE = {
    "article": articles.render_article(a_site(), an_article(pictures=(RAIN, HILL)), theme=THEME).body,
    "bare": articles.render_article(
        a_site(title="", description=""), an_article("", topic=None), theme=THEME
    ).body,
    "front": listed().body,
    "topic": of_the_topic().body,
    "year": of_the_year().body,
    "archive": listings.render_archive(a_site(), ARCHIVE, theme=THEME).body,
    "about": notices.render_about(a_site(), theme=THEME).body,
    "search": notices.render_search(a_site(), theme=THEME).body,
    "missing": notices.render_not_found(a_site(), theme=THEME).body,
    "gone": notices.render_gone(a_site(), "2026/11/rain/index.html", theme=THEME).body,
    "moved": notices.render_redirect(a_site(), "a/index.html", "https://x.example/", theme=THEME).body,
}


def policy_of(page):
    return found(page, "meta", http_equiv="Content-Security-Policy")[0].get("content").split("; ")


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_every_page_is_valid_and_has_one_heading_of_the_first_rank(name):
    page = EVERY_PAGE[name]

    parsed(page)
    assert len(found(page, "h1")) == len(found(page, "main", id="main")) == 1


@pytest.mark.parametrize("name", sorted(EVERY_PAGE.keys() - {"search"}))
def test_every_page_but_the_search_runs_nothing_and_sends_nothing(name):
    page = EVERY_PAGE[name]

    assert all(script.get("type") == "application/ld+json" for script in found(page, "script"))
    assert not {tag for tag, _ in elements(page)} & {"style", "iframe", "form"}
    assert policy_of(page) == [
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "connect-src 'self'",
    ]


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_no_page_loads_anything_from_another_host_or_carries_style(name):
    for tag, element in elements(EVERY_PAGE[name]):
        assert "style" not in element.attrib
        if tag == "link" and element.get("rel") in {"stylesheet", "icon"}:
            assert "//" not in element.get("href")
        assert "//" not in element.get("src", "")


@pytest.mark.parametrize(
    ("page", "target", "link"),
    [
        ("index.html", "assets/site.css", "assets/site.css"),
        ("2026/11/rain/index.html", "assets/site.css", "../../../assets/site.css"),
        ("2026/11/rain/index.html", "index.html", "../../../"),
        ("2026/11/rain/index.html", "2026/11/snow/index.html", "../snow/"),
        ("2026/11/rain/index.html", "2026/11/rain/index.md", "index.md"),
        ("2026/11/rain/index.html", "2026/index.html", "../../"),
        ("topics/a/page/1/index.html", "topics/a/index.html", "../../"),
        ("index.html", "media/a b#1?.png", "media/a%20b%231%3F.png"),
        ("index.html", "javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("a/index.html", "media/窗\ud800.png", "../media/%E7%AA%97%3F.png"),
    ],
)
def test_links_are_relative_and_quoted(page, target, link):
    assert addresses.relative_url(page, target) == link


def test_a_topic_is_linked_by_its_slug_and_not_by_its_name():
    entry = an_entry(topic=WEATHER.__class__("Wet & wild", "weather-2"))

    page = listed(entry).body

    assert texts(page, "a", href="topics/weather-2/") == ["Wet & wild"]
