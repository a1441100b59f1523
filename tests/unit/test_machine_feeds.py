"""Feeds, held to what RFC 4287, RFC 3339 and JSON Feed 1.1 demand."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest

from app.publishing.syndication import feeds
from tests.unit.machine_builders import FIRST_DAY, HARBOUR, HOSTILE, a_site, an_item

ATOM = "{http://www.w3.org/2005/Atom}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def is_rfc3339(text):
    return datetime.fromisoformat(text).tzinfo is not None and text[10] == "T" and len(text) in (20, 25)


def is_absolute(url):
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not set(url) & set(' <>"{}|\\^`\n')


def relative_references(html):
    tree = html5lib.parse(html, "etree", namespaceHTMLElements=False)
    found = [element.get(name) for element in tree.iter() for name in ("href", "src", "poster")]
    return [url for url in found if url and not urlsplit(url).scheme]


def one(element, name):
    found = element.findall(ATOM + name)
    assert len(found) == 1, f"{name}: {len(found)} in {element.tag}"
    return found[0]


def links(element):
    return {link.get("rel"): link for link in element.findall(ATOM + "link")}


def checked_atom(file):
    """The feed, once it is known to be valid."""
    root = ET.fromstring(file.body)
    assert root.tag == ATOM + "feed"
    assert root.get(LANGUAGE)
    for element in (root, *root.findall(ATOM + "entry")):
        assert one(element, "title").text
        assert urlsplit(one(element, "id").text).scheme
        assert is_rfc3339(one(element, "updated").text)
        assert all(is_absolute(link.get("href")) and link.get("type") for link in links(element).values())
        assert links(element)["alternate"] is not None
    assert one(one(root, "author"), "name").text
    assert urlsplit(links(root)["self"].get("href")).path.endswith(file.path)
    entries = root.findall(ATOM + "entry")
    ids = [one(entry, "id").text for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert is_rfc3339(one(entry, "published").text)
        assert all(content.get("type") == "html" and content.text for content in entry.findall(ATOM + "content"))
        assert not relative_references(entry.findtext(ATOM + "content", ""))
        assert all(category.get("term") for category in entry.findall(ATOM + "category"))
    return root


def checked_json(file):
    """The same for JSON Feed."""
    feed = json.loads(file.body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert is_absolute(feed["home_page_url"])
    assert is_absolute(feed["feed_url"])
    assert feed["feed_url"].endswith(file.path)
    assert all(author["name"] for author in feed["authors"])
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids)
    for item in feed["items"]:
        assert is_absolute(item["url"])
        assert is_absolute(item.get("image", "https://a.example/"))
        assert is_rfc3339(item["date_published"])
        assert is_rfc3339(item["date_modified"])
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
        assert item.get("content_html") or item.get("content_text")
        assert not relative_references(item.get("content_html", ""))
    return feed


def two_items():
    newer = FIRST_DAY + timedelta(hours=5)
    return [
        an_item(title="Snow", path="2026/11/snow/index.html", published_at=newer, picture=HARBOUR),
        an_item(updated_at=FIRST_DAY + timedelta(hours=2)),
    ]


def test_an_atom_feed_tells_everything_about_its_articles():
    file = feeds.atom(a_site(), "", "Slow Weather", two_items())

    root = checked_atom(file)
    rain = root.findall(ATOM + "entry")[1]
    assert file.path == "feed.xml"
    assert links(root)["self"].get("href") == "https://weather.example/daily/feed.xml"
    assert links(root)["alternate"].get("href") == "https://weather.example/daily/"
    assert one(root, "subtitle").text == "One a day"
    assert one(one(root, "author"), "name").text == "Ada Byron"
    assert one(rain, "title").text == "Rain on the window"
    assert links(rain)["alternate"].get("href") == "https://weather.example/daily/2026/11/rain-on-the-window/"
    assert one(rain, "published").text == "2026-11-22T17:30:15+08:00"
    assert one(rain, "updated").text == "2026-11-22T19:30:15+08:00"
    assert one(rain, "category").attrib == {"term": "rain-wind", "label": "Rain & wind"}
    assert one(rain, "summary").text == "It fell all day."
    assert one(rain, "content").text == "<p>It fell all day.</p>"


def test_a_json_feed_tells_the_same():
    file = feeds.json_feed(a_site(), "", "Slow Weather", two_items())

    feed = checked_json(file)
    snow, rain = feed["items"]
    assert file.path == "feed.json"
    assert feed["language"] == "en"
    assert snow["image"] == "https://weather.example/daily/media/0123456789abcdef/har%20bour.png"
    assert rain == {
        "id": rain["id"],
        "url": "https://weather.example/daily/2026/11/rain-on-the-window/",
        "title": "Rain on the window",
        "content_html": "<p>It fell all day.</p>",
        "summary": "It fell all day.",
        "date_published": "2026-11-22T17:30:15+08:00",
        "date_modified": "2026-11-22T19:30:15+08:00",
        "tags": ["Rain & wind"],
    }


def test_both_feeds_call_an_article_by_the_same_id():
    atom = checked_atom(feeds.atom(a_site(), "", "Slow Weather", two_items()))
    feed = checked_json(feeds.json_feed(a_site(), "", "Slow Weather", two_items()))

    assert [one(entry, "id").text for entry in atom.findall(ATOM + "entry")] == [
        item["id"] for item in feed["items"]
    ]


def test_an_article_that_is_too_long_for_a_feed_shows_its_excerpt():
    atom = checked_atom(feeds.atom(a_site(), "", "T", [an_item("")]))
    feed = checked_json(feeds.json_feed(a_site(), "", "T", [an_item("")]))

    entry = one(atom, "entry")
    assert entry.find(ATOM + "content") is None
    assert one(entry, "summary").text == "It fell all day."
    assert feed["items"][0]["content_text"] == "It fell all day."


def test_a_topic_has_feeds_of_its_own():
    atom = feeds.atom(a_site(), "topics/rain-wind/", "Rain", two_items())
    json_feed = feeds.json_feed(a_site(), "topics/rain-wind/", "Rain", two_items())

    assert atom.path == "topics/rain-wind/feed.xml"
    assert json_feed.path == "topics/rain-wind/feed.json"
    home = "https://weather.example/daily/topics/rain-wind/"
    assert links(checked_atom(atom))["alternate"].get("href") == home
    assert checked_json(json_feed)["home_page_url"] == home


def test_a_feed_is_as_new_as_its_newest_change():
    root = checked_atom(feeds.atom(a_site(), "", "Slow Weather", two_items()))

    assert one(root, "updated").text == "2026-11-22T22:30:15+08:00"


def test_a_feed_without_articles_is_valid_and_asks_no_clock():
    root = checked_atom(feeds.atom(a_site(), "", "Slow Weather", []))
    feed = checked_json(feeds.json_feed(a_site(), "", "Slow Weather", []))

    assert one(root, "updated").text == "1970-01-01T08:00:00+08:00"
    assert feed["items"] == []


def ids(site, **fields):
    return [item["id"] for item in json.loads(feeds.json_feed(site, "", "T", [an_item(**fields)]).body)["items"]]


def test_an_article_keeps_its_id_when_the_site_moves_or_the_article_changes():
    before = ids(a_site())

    assert ids(a_site(url="https://new.example/", title="Fast Weather", time_zone="UTC")) == before
    assert ids(a_site(), title="Snow", updated_at=FIRST_DAY + timedelta(days=9), topic=None) == before


def test_sites_of_the_same_name_do_not_share_ids():
    assert ids(a_site()) != ids(a_site(), published_at=FIRST_DAY + timedelta(microseconds=1))
    assert ids(a_site()) != ids(a_site(name="other"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_leaves_feeds_valid(text):
    site = a_site(title=text, description=text, author=text)
    items = [an_item(text.replace("href", "").replace("src", ""), title=text, excerpt=text)]

    root = checked_atom(
        feeds.atom(site, "", text or "T", items) if text.strip() else feeds.atom(site, "", "T", items)
    )
    feed = checked_json(feeds.json_feed(site, "", text.strip() or "T", items))

    assert len(root.findall(ATOM + "entry")) == len(feed["items"]) == 1


def test_a_zone_that_nobody_knows_is_utc():
    feed = checked_json(feeds.json_feed(a_site(time_zone="Mars/Olympus"), "", "T", [an_item()]))

    assert feed["items"][0]["date_published"] == "2026-11-22T09:30:15+00:00"


@pytest.mark.parametrize("year", [1, 1850, 9999])
def test_any_instant_can_be_written(year):
    day = (
        FIRST_DAY.replace(year=year, month=12, day=31, hour=23) if year > 1 else FIRST_DAY.replace(year=1, month=1)
    )

    checked_json(feeds.json_feed(a_site(), "", "T", [an_item(published_at=day)]))


def test_the_same_articles_give_the_same_bytes():
    assert feeds.atom(a_site(), "", "T", two_items()) == feeds.atom(a_site(), "", "T", two_items())
