"""Sitemaps, robots.txt and llms.txt: where machines find everything."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from app.publishing.model import Archive, Shelf
from app.publishing.syndication import sitemaps
from app.publishing.syndication.llms import llms
from tests.unit.machine_builders import FIRST_DAY, HOSTILE, a_site, an_entry

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ROOT = "https://weather.example/daily/"
ARCHIVE = Archive(
    years=(Shelf("2026", "2026/index.html", 12), Shelf("2025", "2025/index.html", 1)),
    topics=(Shelf("Rain & wind", "topics/rain-wind/index.html", 13),),
)


def locations(file):
    return [location.text for location in ET.fromstring(file.body).iter(SITEMAP + "loc")]


def test_a_chunk_of_the_sitemap_says_where_pages_are_and_when_they_changed():
    later = FIRST_DAY + timedelta(days=1)
    pages = [("2026/11/rain/index.html", FIRST_DAY), ("2026/11/雨/index.html", later)]

    file = sitemaps.sitemap(a_site(), 3, pages)

    root = ET.fromstring(file.body)
    assert file.path == "sitemaps/3.xml"
    assert root.tag == SITEMAP + "urlset"
    assert locations(file) == [f"{ROOT}2026/11/rain/", f"{ROOT}2026/11/%E9%9B%A8/"]
    changes = [element.text for element in root.iter(SITEMAP + "lastmod")]
    assert changes == ["2026-11-22T17:30:15+08:00", "2026-11-23T17:30:15+08:00"]


def test_the_index_lists_the_fixed_pages_and_the_chunks_and_no_dates():
    file = sitemaps.sitemap_index(a_site(), range(1, 3))

    assert file.path == "sitemap.xml"
    assert ET.fromstring(file.body).tag == SITEMAP + "sitemapindex"
    assert locations(file) == [f"{ROOT}sitemaps/{name}.xml" for name in ("pages", "1", "2")]
    assert b"lastmod" not in file.body


def test_the_chunk_of_fixed_pages_never_changes():
    file = sitemaps.fixed_pages(a_site())

    assert file.path == "sitemaps/pages.xml"
    assert locations(file) == [ROOT, f"{ROOT}archive/", f"{ROOT}about/"]
    assert b"lastmod" not in file.body


def test_robots_may_read_everything_and_are_shown_the_sitemap():
    file = sitemaps.robots(a_site())

    assert file.path == "robots.txt"
    assert file.body.decode().splitlines() == ["User-agent: *", "Allow: /", "", f"Sitemap: {ROOT}sitemap.xml"]


def test_the_guide_for_language_models_leads_to_the_markdown_of_the_newest():
    text = llms(a_site(), [an_entry()], ARCHIVE).body.decode()

    assert text.startswith("# Slow Weather\n\n> One a day\n\n")
    assert f"\n- [Rain on the window]({ROOT}2026/11/rain-on-the-window/index.md): It fell all day.\n" in text
    assert f"\n- [Rain & wind]({ROOT}topics/rain-wind/): 13 articles\n" in text
    assert f"\n- [2025]({ROOT}2025/): 1 article\n" in text
    assert f"({ROOT}feed.xml)" in text
    assert f"({ROOT}archive/)" in text


def test_the_guide_lists_at_most_fifty_articles():
    entries = [an_entry(path=f"2026/11/{number}/index.html") for number in range(80)]

    text = llms(a_site(), entries, ARCHIVE).body.decode()

    assert text.count("index.md)") == 50
    assert "/2026/11/49/index.md" in text
    assert "/2026/11/50/index.md" not in text


def test_the_guide_of_an_empty_site_has_no_empty_sections():
    text = llms(a_site(description=""), [], Archive()).body.decode()

    assert re.findall("^#.*", text, re.MULTILINE) == ["# Slow Weather", "## Optional"]
    assert "\n>" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_line_and_no_link_to_the_guide(text):
    site = a_site(title=text, description=text)
    archive = Archive(topics=(Shelf(text, "topics/a/index.html", 1),))

    guide = llms(site, [an_entry(text, excerpt=text)], archive).body.decode()

    sections = ["## Newest articles", "## Topics", "## Optional"]
    assert re.findall("^## .*", guide, re.MULTILINE) == sections
    assert len(re.findall("^- ", guide, re.MULTILINE)) == 7
    assert len(re.findall(r"(?<!\\)\]\(https://weather\.example/", guide)) == 7
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\]\(", guide)) == 7
