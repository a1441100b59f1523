"""Whole pages: article, listing, and the one for addresses that lead nowhere."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urljoin

import html5lib
import pytest

from app.publishing import rendering
from app.publishing.rendering import Article, Attachment, IndexEntry, Picture, Site
from app.publishing.theme import DEFAULT_FOLDER, TONES, Theme, default_theme, tone
from tests.unit.test_rendering_hostile import elements, parsed

SITE = Site("demo", "Slow Weather", "One a day", "en", "https://site.example/app")
RAIN = Picture("media/rain.png", 640, 480, "Rain on glass", "http://localhost:8080/genimgs/rain.png")
HILL = Picture("media/hill.png", 800, 600, "", "http://localhost:8080/genimgs/hill.png")
A_DAY = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AN_ARTICLE = Article(7, "# Rain on the window\n\nIt fell all day.", A_DAY, "Weather")


def found(page, element_name, /, **attributes):
    wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [
        element
        for tag, element in elements(parsed(page.body))
        if tag == element_name and all(element.get(key) == value for key, value in wanted.items())
    ]


def words_of(element):
    return " ".join("".join(element.itertext()).split())


def test_an_article_shows_title_date_and_topic():
    page = rendering.render_article(SITE, AN_ARTICLE)

    assert [words_of(heading) for heading in found(page, "h1")] == ["Rain on the window"]
    assert words_of(found(page, "time", datetime="2026-11-22T09:30:00+00:00")[0]) == "22 November 2026"
    assert words_of(found(page, "p", class_="topic")[0]) == "Weather"
    assert (page.path, page.title, page.excerpt) == (
        "2026/11/rain-on-the-window/index.html",
        "Rain on the window",
        "It fell all day.",
    )


def test_the_head_of_an_article_tells_machines_what_it_is():
    page = rendering.render_article(SITE, replace(AN_ARTICLE, pictures=(RAIN,)))

    address = "https://site.example/app/sites/demo/2026/11/rain-on-the-window/"
    assert found(page, "link", rel="canonical", href=address)
    assert found(page, "meta", property="og:url", content=address)
    assert found(page, "meta", property="og:title", content="Rain on the window")
    assert found(page, "meta", name="description", content="It fell all day.")
    picture = "https://site.example/app/sites/demo/media/rain.png"
    assert found(page, "meta", property="og:image", content=picture)
    assert words_of(found(page, "title")[0]) == "Rain on the window · Slow Weather"


def test_a_path_once_given_is_kept_whatever_the_title():
    page = rendering.render_article(SITE, replace(AN_ARTICLE, filename="2025/01/old-name/index.html"))

    assert page.path == "2025/01/old-name/index.html"


def test_pictures_that_the_text_does_not_place_stand_before_it():
    page = rendering.render_article(SITE, replace(AN_ARTICLE, pictures=(RAIN, HILL)))

    assert page.body.index(b"media/hill.png") < page.body.index(b'class="text"')
    first, second = found(page, "img")
    assert (first.get("src"), first.get("alt")) == ("../../../media/rain.png", "Rain on glass")
    assert (first.get("width"), first.get("height"), first.get("loading")) == ("640", "480", "eager")
    assert (second.get("alt"), second.get("loading")) == ("Rain on the window", "lazy")


def test_a_picture_that_the_text_places_is_shown_once_and_there():
    text = f"# Rain\n\nBefore.\n\n![Drops]({RAIN.source})\n\nAfter."

    page = rendering.render_article(SITE, replace(AN_ARTICLE, text=text, pictures=(RAIN,)))

    assert [picture.get("alt") for picture in found(page, "img")] == ["Drops"]
    assert page.body.index(b">Before.") < page.body.index(b"<img") < page.body.index(b">After.")


def test_recordings_are_played_and_other_files_are_downloads():
    files = (
        Attachment("Reading.ogg", "media/reading.ogg", "audio/ogg"),
        Attachment("Film.mp4", "media/film.mp4", "video/mp4"),
        Attachment("Plan #1.pdf", "media/plan #1.pdf", "application/pdf"),
    )

    page = rendering.render_article(SITE, replace(AN_ARTICLE, files=files))

    assert len(found(page, "audio")) == len(found(page, "video")) == 1
    assert [source.get("src") for source in found(page, "source")] == [
        "../../../media/reading.ogg",
        "../../../media/film.mp4",
    ]
    assert [words_of(link) for link in found(page, "a", href="../../../media/plan%20%231.pdf")] == ["Plan #1.pdf"]


def test_a_picture_without_text_is_named_by_its_topic_or_its_day():
    picture = replace(AN_ARTICLE, text="", pictures=(RAIN,))

    assert rendering.render_article(SITE, picture).title == "Weather"
    assert rendering.render_article(SITE, replace(picture, topic=None)).title == "Picture of 22 November 2026"
    assert rendering.render_article(SITE, replace(picture, topic=None, pictures=())).title == "Untitled"


def test_an_update_is_shown_from_the_next_day_on():
    same_day = rendering.render_article(SITE, replace(AN_ARTICLE, modified_at=A_DAY + timedelta(hours=1)))
    later = rendering.render_article(SITE, replace(AN_ARTICLE, modified_at=A_DAY + timedelta(days=2)))

    assert b"Updated" not in same_day.body
    assert "Updated 24 November 2026" in [words_of(line) for line in found(later, "p")]


def test_the_day_shown_and_in_the_address_is_that_of_the_given_offset():
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC).astimezone(timezone(timedelta(hours=8)))

    page = rendering.render_article(SITE, replace(AN_ARTICLE, created_at=late))

    assert page.path.startswith("2026/12/")
    assert found(page, "time", datetime="2026-12-01T07:30:00+08:00")


@pytest.mark.parametrize(
    ("language", "shown", "direction"),
    [
        ("zh", "2026年11月22日", "ltr"),
        ("zh-TW", "2026年11月22日", "ltr"),
        ("ru", "22 ноября 2026", "ltr"),
        ("ar", "22 November 2026", "rtl"),
        ("x/../../secret", "22 November 2026", "ltr"),
    ],
)
def test_a_site_speaks_its_language_or_english(language, shown, direction):
    page = rendering.render_article(replace(SITE, language=language), AN_ARTICLE)

    assert [words_of(moment) for moment in found(page, "time")] == [shown]
    assert found(page, "html", lang=language, dir=direction)


def test_right_to_left_text_runs_right_to_left_in_a_site_that_does_not():
    article = replace(AN_ARTICLE, text="# مطر على النافذة\n\nكان المطر ينهمر.\n\n- أولا")

    page = rendering.render_article(SITE, article)

    assert found(page, "h1", dir="auto")
    assert found(page, "div", class_="text", dir="rtl")


def test_chinese_text_is_marked_as_such_only_in_a_site_of_another_language():
    article = replace(AN_ARTICLE, text="# 窗外的雨\n\n雨斜斜地打在窗上。")

    assert found(rendering.render_article(SITE, article), "h1", lang="zh")
    assert not found(rendering.render_article(replace(SITE, language="zh-TW"), article), "h1", lang="zh")


def a_listing(**options):
    entries = [
        IndexEntry("Rain", "It fell.", "2026/11/rain/index.html", A_DAY, "Weather", RAIN),
        IndexEntry("Hill", "", "2026/10/hill/index.html", A_DAY - timedelta(days=30), None, HILL),
        IndexEntry("窗外的雨", "雨", "2026/10/yu/index.html", A_DAY - timedelta(days=31)),
    ]
    return rendering.render_index(SITE, entries, **options)


def test_a_listing_links_to_its_articles_in_the_order_given():
    page = a_listing()

    links = [heading.find("{http://www.w3.org/1999/xhtml}a") for heading in found(page, "h2")]
    assert [link.get("href") for link in links] == [
        "2026/11/rain/index.html",
        "2026/10/hill/index.html",
        "2026/10/yu/index.html",
    ]
    assert [picture.get("loading") for picture in found(page, "img")] == ["eager", "lazy"]
    assert page.path == "index.html"
    assert found(page, "link", rel="canonical", href="https://site.example/app/sites/demo/")


def test_a_listing_below_another_path_links_from_there():
    page = a_listing(path="page/2/index.html", newer="index.html", older="page/1/index.html", title="Page 2")

    assert found(page, "a", rel="prev", href="../../index.html")
    assert found(page, "a", rel="next", href="../1/index.html")
    assert found(page, "img", src="../../media/rain.png")
    assert words_of(found(page, "h1")[0]) == page.title == "Page 2"


def test_a_listing_of_nothing_says_so():
    page = rendering.render_index(SITE, [])

    assert b"Nothing has been published here yet." in page.body
    parsed(page.body)


def test_the_page_for_missing_addresses_works_at_any_depth():
    page = rendering.render_not_found(SITE)

    stylesheet = found(page, "link", rel="stylesheet")[0].get("href")
    assert urljoin("https://site.example/app/sites/demo/no/such/page/", stylesheet).startswith(
        "https://site.example/app/sites/demo/assets/site."
    )
    assert page.path == "404.html"
    assert found(page, "a", href="/app/sites/demo/")


@pytest.mark.parametrize(
    "page",
    [
        rendering.render_article(SITE, replace(AN_ARTICLE, pictures=(RAIN, HILL))),
        a_listing(),
        rendering.render_not_found(SITE),
        rendering.render_article(Site("bare", ""), Article(1, "", A_DAY)),
    ],
    ids=["article", "listing", "missing", "bare"],
)
def test_every_page_is_valid_and_needs_no_script_and_no_other_host(page):
    root = html5lib.HTMLParser(strict=True).parse(page.body.decode())

    names = {name for name, _ in elements(root)}
    assert not names & {"script", "style", "iframe", "form"}
    policy = found(page, "meta", http_equiv="Content-Security-Policy")[0].get("content")
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert len(found(page, "h1")) == 1


def test_every_page_refers_to_assets_of_the_theme_by_their_digest():
    paths = {asset.path for asset in rendering.theme_assets()}

    page = rendering.render_article(SITE, AN_ARTICLE)

    for link in [*found(page, "link", rel="stylesheet"), *found(page, "link", rel="icon")]:
        assert link.get("href").removeprefix("../../../") in paths


def test_assets_ask_for_nothing_from_elsewhere():
    for asset in rendering.theme_assets():
        text = asset.body.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "http:" not in text
        assert "https:" not in text
        assert "@import" not in text
        assert "url(" not in text
        assert asset.media_type


def test_the_same_article_gives_the_same_bytes():
    article = replace(
        AN_ARTICLE, pictures=(RAIN, HILL), files=(Attachment("a.pdf", "media/a.pdf", "application/pdf"),)
    )

    assert rendering.render_article(SITE, article) == rendering.render_article(SITE, article)
    assert Theme(DEFAULT_FOLDER).assets == default_theme().assets


def test_a_folder_of_its_own_overrides_a_theme_file_by_file(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "site.css").write_text("body { color: red }")
    (tmp_path / "404.html").write_text("<!DOCTYPE html><title>Gone</title><h1>{{ title }}</h1>")
    theme = Theme(tmp_path, DEFAULT_FOLDER)

    missing = rendering.render_not_found(SITE, theme=theme)
    article = rendering.render_article(SITE, AN_ARTICLE, theme=theme)

    assert missing.body == b"<!DOCTYPE html><title>Gone</title><h1>Page not found</h1>"
    assert b"red" in theme.assets["site.css"].body
    assert theme.assets["site.css"].path.encode() in article.body


def test_a_theme_cannot_reach_beyond_what_it_is_given(tmp_path):
    (tmp_path / "404.html").write_text("{{ site.__class__.__mro__ }}")

    with pytest.raises(Exception, match="unsafe"):
        rendering.render_not_found(SITE, theme=Theme(tmp_path, DEFAULT_FOLDER))


def test_every_language_has_the_same_words():
    files = sorted((DEFAULT_FOLDER / "words").glob("*.json"))
    words = [json.loads(file.read_text(encoding="utf-8")) for file in files]

    assert len(files) == 3
    assert all(each.keys() == words[0].keys() for each in words)
    assert all(len(each["months"]) == 12 for each in words)


def test_a_topic_always_has_the_same_colour():
    assert tone("Weather") == tone("Weather")
    assert tone(None) == tone("") == 0
    assert {tone(f"topic {number}") for number in range(100)} == set(range(1, TONES))
