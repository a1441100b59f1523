"""The newest articles as Atom (RFC 4287) and as JSON Feed 1.1, for a site or one of its topics.

An item without HTML, because that is too long for a feed, shows its excerpt.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

from app.publishing import addresses
from app.publishing.model import Entry, FeedItem, File, Site
from app.publishing.syndication.escaping import add, json_bytes, legal, one_line, rfc3339, xml_bytes, xml_fragment
from app.publishing.syndication.identity import permanent_id

_ATOM = "http://www.w3.org/2005/Atom"
_JSON_FEED = "https://jsonfeed.org/version/1.1"
# Enough for the feeds of a site and some of its topics.
REMEMBERED_ITEMS = 128
# What an empty feed was last changed at: a feed must say so, and no clock may be asked.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def atom(site: Site, folder: str, title: str, items: Sequence[FeedItem]) -> File:
    """`<folder>feed.xml`. The folder is empty for the whole site, or ends in `/`."""
    path = f"{folder}feed.xml"
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": legal(site.language)})
    add(root, "id", addresses.site_url(site, path))
    add(root, "title", one_line(title))
    if site.description:
        add(root, "subtitle", one_line(site.description))
    add(root, "updated", rfc3339(max((_changed_at(item.entry) for item in items), default=_NEVER), site.time_zone))
    add(root, "link", rel="self", type="application/atom+xml", href=addresses.site_url(site, path))
    add(root, "link", rel="alternate", type="text/html", href=addresses.site_url(site, folder))
    add(add(root, "author"), "name", _author(site))
    return File(path, _filled(xml_bytes(root), b"</feed>", [_written(site, item)[0] for item in items]))


def json_feed(site: Site, folder: str, title: str, items: Sequence[FeedItem]) -> File:
    """`<folder>feed.json`. The folder is empty for the whole site, or ends in `/`."""
    path = f"{folder}feed.json"
    feed = {
        "version": _JSON_FEED,
        "title": one_line(title),
        "home_page_url": addresses.site_url(site, folder),
        "feed_url": addresses.site_url(site, path),
        "description": one_line(site.description),
        "language": site.language,
        "authors": [{"name": _author(site)}],
    }
    known = {key: value for key, value in feed.items() if value}
    # The list of items is the last of its fields.
    written = json_bytes(known | {"items": []})
    return File(path, _filled(written, b"]}", [b",".join(_written(site, item)[1] for item in items)]))


@lru_cache(REMEMBERED_ITEMS)
def _written(site: Site, item: FeedItem) -> tuple[bytes, bytes]:
    """An article as Atom and as JSON: each publication writes the feeds anew, and but one of their articles."""
    return xml_fragment(_entry(site, item)), json_bytes(_json_item(site, item))


def _filled(written: bytes, end: bytes, parts: Sequence[bytes]) -> bytes:
    """With the parts before what ends it."""
    head, end, tail = written.rpartition(end)
    return b"".join((head, *parts, end, tail))


def _entry(site: Site, item: FeedItem) -> ET.Element:
    entry = item.entry
    element = ET.Element("entry")
    add(element, "id", permanent_id(site, entry))
    add(element, "title", _title(entry))
    add(element, "link", rel="alternate", type="text/html", href=addresses.site_url(site, entry.path))
    add(element, "published", rfc3339(entry.published_at, site.time_zone))
    add(element, "updated", rfc3339(_changed_at(entry), site.time_zone))
    if entry.topic:
        add(element, "category", term=entry.topic.slug, label=one_line(entry.topic.name))
    if entry.excerpt:
        add(element, "summary", one_line(entry.excerpt))
    if item.html:
        add(element, "content", item.html, type="html")
    return element


def _json_item(site: Site, item: FeedItem) -> dict[str, Any]:
    entry = item.entry
    fields = {
        "id": permanent_id(site, entry),
        "url": addresses.site_url(site, entry.path),
        "title": _title(entry),
        "content_html": legal(item.html),
        "content_text": "" if item.html else one_line(entry.excerpt) or _title(entry),
        "summary": one_line(entry.excerpt),
        "image": addresses.site_url(site, entry.picture.path) if entry.picture else "",
        "date_published": rfc3339(entry.published_at, site.time_zone),
        "date_modified": rfc3339(_changed_at(entry), site.time_zone),
        "tags": [one_line(entry.topic.name)] if entry.topic else [],
    }
    return {key: value for key, value in fields.items() if value}


def _changed_at(entry: Entry) -> datetime:
    return max(entry.published_at, entry.updated_at or entry.published_at)


def _title(entry: Entry) -> str:
    return one_line(entry.title) or entry.path


def _author(site: Site) -> str:
    return one_line(site.author) or one_line(site.title) or site.name
