"""What a page says about itself: JSON-LD that says the truth and stays in its element."""

import json
from datetime import timedelta

import html5lib
import pytest

from app.publishing.syndication.metadata import json_ld
from tests.unit.machine_builders import FIRST_DAY, HOSTILE, a_site, an_article

PICTURE = "https://weather.example/daily/media/a.png"
SCRIPT = "{http://www.w3.org/1999/xhtml}script"


def described(site=None, article=None, title="Rain on the window", excerpt="It fell all day.", picture=PICTURE):
    return json.loads(json_ld(site or a_site(), article or an_article(), title, excerpt, picture))


def test_a_page_is_a_blog_posting_of_its_blog():
    posting = described()

    assert posting["@context"] == "https://schema.org"
    assert posting["@type"] == "BlogPosting"
    assert posting["headline"] == "Rain on the window"
    assert posting["description"] == "It fell all day."
    assert posting["mainEntityOfPage"]["@id"] == "https://weather.example/daily/2026/11/rain-on-the-window/"
    assert posting["isPartOf"] == {
        "@type": "Blog",
        "@id": "https://weather.example/daily/",
        "name": "Slow Weather",
    }
    assert posting["articleSection"] == "Rain & wind"
    assert posting["inLanguage"] == "en"
    assert posting["image"] == [PICTURE]
    assert posting["author"]["name"] == "Ada Byron"
    assert posting["publisher"]["name"] == "Slow Weather"


def test_it_says_that_a_model_wrote_the_text():
    assert described()["digitalSourceType"] == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def test_instants_are_those_of_the_site_and_an_article_that_never_changed_is_as_old_as_it_is():
    fresh = described()
    changed = described(article=an_article(updated_at=FIRST_DAY + timedelta(days=1)))

    assert fresh["datePublished"] == fresh["dateModified"] == "2026-11-22T17:30:15+08:00"
    assert changed["dateModified"] == "2026-11-23T17:30:15+08:00"


def test_a_site_without_an_author_speaks_for_itself():
    assert described(a_site(author=""))["author"]["@type"] == "Organization"


def test_what_is_not_known_is_not_said():
    posting = described(article=an_article(topic=None), excerpt="", picture=None)

    assert not {"image", "description", "articleSection"} & posting.keys()


@pytest.mark.parametrize(("title", "end"), [("rain " * 60, "rain…"), ("雨" * 200, "雨…")])
def test_a_headline_has_at_most_110_characters(title, end):
    headline = described(title=title)["headline"]

    assert 55 < len(headline) <= 110
    assert headline.endswith(end)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_never_leaves_the_script(text):
    site = a_site(title=text, author=text)
    written = json_ld(site, an_article(), text, text, PICTURE)

    page = html5lib.parse(f"<script type='application/ld+json'>{written}</script><p id='after'>", "etree")

    scripts = list(page.iter(SCRIPT))
    assert len(scripts) == 1
    assert json.loads(scripts[0].text) == json.loads(written)
    assert [element.get("id") for element in page.iter() if element.get("id")] == ["after"]


def test_an_article_without_a_path_is_described_at_the_one_its_title_gives_on_the_day_of_the_site():
    late = FIRST_DAY.replace(day=30, hour=20)

    posting = described(article=an_article(path=None, published_at=late))

    assert posting["url"] == "https://weather.example/daily/2026/12/rain-on-the-window/"
