"""The page of an article, and its body in feeds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.publishing.model import Attachment, Provenance, ShownPrompt
from app.publishing.pages import articles
from app.publishing.pages.theme import default_theme
from tests.unit.page_parsing import found, texts, words_of
from tests.unit.site_builders import A_DAY, HILL, RAIN, a_site, an_article, an_entry


def rendered(article=None, **site):
    return articles.render_article(a_site(**site), article or an_article(), theme=default_theme())


def test_an_article_shows_title_date_topic_and_reading_time():
    page = rendered()

    assert texts(page.body, "h1") == ["Rain on the window"]
    assert texts(page.body, "time", datetime="2026-11-22T09:30:00+00:00") == ["22 November 2026"]
    assert texts(page.body, "a", href="../../../topics/weather/") == ["Weather"]
    assert "1 min" in texts(page.body, "p")
    assert (page.path, page.title, page.excerpt, page.minutes) == (
        "2026/11/rain-on-the-window/index.html",
        "Rain on the window",
        "It fell all day.",
        1,
    )


def test_the_head_of_an_article_tells_machines_what_it_is():
    page = rendered(an_article(pictures=(RAIN,)), author="Ada Brook").body

    address = "https://site.example/app/sites/demo/2026/11/rain-on-the-window/"
    assert found(page, "link", rel="canonical", href=address)
    assert found(page, "meta", property="og:url", content=address)
    assert found(page, "meta", property="og:title", content="Rain on the window")
    assert found(page, "meta", property="article:section", content="Weather")
    assert found(page, "meta", name="description", content="It fell all day.")
    assert found(page, "meta", name="author", content="Ada Brook")
    assert found(page, "meta", name="generator", content="PyGai Connector")
    assert found(page, "meta", name="twitter:card", content="summary_large_image")
    picture = "https://site.example/app/sites/demo/media/1a/rain.png"
    assert found(page, "meta", property="og:image", content=picture)
    assert texts(page, "title") == ["Rain on the window · Slow Weather"]
    assert picture in found(page, "script", type="application/ld+json")[0].text


def test_the_head_of_an_article_leads_to_its_other_forms():
    page = rendered().body

    assert found(page, "link", rel="alternate", type="text/markdown", href="index.md")
    assert found(page, "link", rel="describedby", type="application/json", href="provenance.json")
    assert found(page, "link", rel="alternate", type="application/atom+xml", href="../../../feed.xml")
    assert found(page, "link", rel="alternate", type="application/feed+json", href="../../../feed.json")


def test_a_path_once_given_is_kept_whatever_the_title():
    assert rendered(an_article(path="2025/01/old-name/index.html")).path == "2025/01/old-name/index.html"


def test_day_and_address_are_those_of_the_clock_of_the_site():
    page = rendered(an_article(published_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC)), time_zone="Asia/Shanghai")

    assert page.path.startswith("2026/12/")
    assert texts(page.body, "time", datetime="2026-12-01T07:30:00+08:00") == ["1 December 2026"]


def test_an_update_is_shown_from_the_next_day_on():
    same_day = rendered(an_article(updated_at=A_DAY + timedelta(hours=1)))
    later = rendered(an_article(updated_at=A_DAY + timedelta(days=2)))

    assert b"Updated" not in same_day.body
    assert "Updated 24 November 2026" in texts(later.body, "p")


@pytest.mark.parametrize(
    ("plain", "minutes"),
    [("", 1), ("word " * 660, 3), ("слово " * 440, 2), ("雨" * 1200, 3), ("雨" * 400 + " word" * 220, 2)],
)
def test_reading_takes_a_minute_for_220_words_or_400_characters(plain, minutes):
    assert articles.minutes_to_read(plain) == minutes


def test_an_article_is_found_by_the_words_of_its_title_and_text():
    assert {"rain", "window", "fell", "day"} <= rendered().words


def test_pictures_that_the_text_does_not_place_stand_before_it():
    page = rendered(an_article(pictures=(RAIN, HILL))).body

    assert page.index(b"media/2b/hill.png") < page.index(b'class="text"')
    first, second = found(page, "img")
    assert (first.get("src"), first.get("alt")) == ("../../../media/1a/rain.png", "Rain on glass")
    assert (first.get("width"), first.get("height"), first.get("loading")) == ("640", "480", "eager")
    assert (second.get("alt"), second.get("loading")) == ("Rain on the window", "lazy")


def test_a_picture_is_offered_in_other_formats_and_widths():
    page = rendered(an_article(pictures=(RAIN,))).body

    [source] = found(page, "source", type="image/webp")
    assert source.get("srcset") == "../../../media/1a/rain-480.webp 480w"
    assert found(page, "img")[0].get("srcset").split(", ") == [
        "../../../media/1a/rain-480.png 480w",
        "../../../media/1a/rain.png 640w",
    ]


def test_a_picture_that_the_text_places_is_shown_once_and_there():
    text = f"# Rain\n\nBefore.\n\n![Drops]({RAIN.source})\n\nAfter."

    page = rendered(an_article(text, pictures=(RAIN,))).body

    assert [picture.get("alt") for picture in found(page, "img")] == ["Drops"]
    assert page.index(b">Before.") < page.index(b"<img") < page.index(b">After.")


def test_recordings_are_played_and_other_files_are_downloads():
    files = (
        Attachment("Reading.ogg", "media/reading.ogg", "audio/ogg"),
        Attachment("Film.mp4", "media/film.mp4", "video/mp4"),
        Attachment("Plan #1.pdf", "media/plan #1.pdf", "application/pdf"),
    )

    page = rendered(an_article(files=files)).body

    assert len(found(page, "audio")) == len(found(page, "video")) == 1
    assert [source.get("src") for source in found(page, "source")] == [
        "../../../media/reading.ogg",
        "../../../media/film.mp4",
    ]
    assert texts(page, "a", href="../../../media/plan%20%231.pdf") == ["Plan #1.pdf"]


def test_a_picture_without_text_is_named_by_its_topic_or_its_day():
    picture = an_article("", pictures=(RAIN,))

    assert rendered(picture).title == "Weather"
    assert rendered(replace(picture, topic=None)).title == "Picture of 22 November 2026"
    assert rendered(replace(picture, topic=None, pictures=())).title == "Untitled"


def test_a_page_says_that_it_was_written_with_ai_until_a_named_human_approved():
    approved = an_article(provenance=Provenance(approved_by="Ada Brook"))

    written = rendered(discloses_ai=True).body
    read = rendered(approved, discloses_ai=True).body

    assert b"Written with AI" in written
    assert b"Written with AI" not in read
    assert b"approved by Ada Brook" in read


def test_a_site_that_does_not_disclose_says_nothing_about_it():
    page = rendered(an_article(provenance=Provenance(approved_by="Ada Brook"))).body

    assert b"Written with AI" not in page
    assert b"Ada Brook" not in page


def test_the_prompt_is_shown_with_what_was_attached_to_it():
    files = (Attachment("Notes.txt", "media/notes.txt", "text/plain"),)

    page = rendered(an_article(prompt=ShownPrompt("Write about <rain>.", (HILL,), files))).body

    [details] = found(page, "details")
    assert "Write about <rain>." in words_of(details)
    assert texts(page, "a", href="../../../media/notes.txt") == ["Notes.txt"]
    assert found(page, "img", src="../../../media/2b/hill.png")


def test_a_prompt_of_nothing_is_not_shown():
    assert not found(rendered(an_article(prompt=ShownPrompt("  "))).body, "details")


def test_an_article_leads_to_its_neighbours_and_to_others_of_its_topic():
    article = an_article(
        previous=an_entry("Fog", "2026/11/fog/index.html"),
        next=an_entry("Snow", "2026/12/snow/index.html"),
        related=(an_entry("Hail", "2025/01/hail/index.html", picture=RAIN),),
    )

    page = rendered(article).body

    assert texts(page, "a", rel="prev", href="../fog/") == ["Previous Fog"]
    assert texts(page, "a", rel="next", href="../../12/snow/") == ["Next Snow"]
    assert texts(page, "a", href="../../../2025/01/hail/") == ["Hail"]


@pytest.mark.parametrize(
    ("language", "shown", "direction"),
    [
        ("zh", "2026年11月22日", "ltr"),
        ("zh-TW", "2026年11月22日", "ltr"),
        ("ru", "22 ноября 2026", "ltr"),
        ("ar", "22 نوفمبر 2026", "rtl"),
        ("he", "22 November 2026", "rtl"),
        ("x/../../secret", "22 November 2026", "ltr"),
    ],
)
def test_a_site_speaks_its_language_or_english(language, shown, direction):
    page = rendered(language=language).body

    assert texts(page, "time") == [shown]
    assert found(page, "html", lang=language, dir=direction)


def test_right_to_left_text_runs_right_to_left_in_a_site_that_does_not():
    page = rendered(an_article("# مطر على النافذة\n\nكان المطر ينهمر.\n\n- أولا")).body

    assert found(page, "h1", dir="auto")
    assert found(page, "div", class_="text", dir="rtl")


def test_chinese_text_is_marked_as_such_only_in_a_site_of_another_language():
    article = an_article("# 窗外的雨\n\n雨斜斜地打在窗上。")

    assert found(rendered(article).body, "h1", lang="zh")
    assert not found(rendered(article, language="zh-TW").body, "h1", lang="zh")


def test_pictures_of_other_hosts_that_a_text_wants_are_named():
    page = rendered(an_article("# Rain\n\n![Far](https://far.example/a.png)\n\nIt fell."))

    assert page.remote_pictures == ("https://far.example/a.png",)


def test_the_same_article_gives_the_same_bytes():
    article = an_article(pictures=(RAIN, HILL), files=(Attachment("a.pdf", "media/a.pdf", "application/pdf"),))

    assert rendered(article) == rendered(article)


def test_a_feed_carries_the_article_with_absolute_links():
    text = (
        '# Rain\n\n[Next](../snow/) and [far](https://far.example/), so.[^1]\n\n`<a href="#x">`\n\n[^1]: A note.'
    )
    files = (Attachment("Plan.pdf", "media/plan.pdf", "application/pdf"),)
    article = an_article(text, path="2026/11/rain/index.html", pictures=(RAIN,), files=files)

    body = articles.feed_html(a_site(), article)

    page = f"<!DOCTYPE html><title>x</title>{body}".encode()
    site = "https://site.example/app/sites/demo"
    links = [link.get("href") for link in found(page, "a")]
    assert {f"{site}/2026/11/snow/", "https://far.example/", f"{site}/media/plan.pdf"} <= set(links)
    assert all(link.startswith("https://") for link in links)
    assert found(page, "img", src=f"{site}/media/1a/rain.png")
    assert texts(page, "code") == ['<a href="#x">']
