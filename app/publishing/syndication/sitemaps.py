"""What crawlers are told: https://www.sitemaps.org/protocol.html and `robots.txt` (RFC 9309)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from app.publishing import addresses
from app.publishing.model import File, Site
from app.publishing.syndication.escaping import add, rfc3339, xml_bytes

_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FIXED = "sitemaps/pages.xml"
_FIXED_PAGES = ("index.html", "archive/index.html", "about/index.html")


def sitemap(site: Site, number: int, pages: Sequence[tuple[str, datetime]]) -> File:
    """One chunk of the articles, as paths and when they were last changed; at most 50,000."""
    root = ET.Element("urlset", {"xmlns": _SCHEMA})
    for path, changed_at in pages:
        url = add(root, "url")
        add(url, "loc", addresses.site_url(site, path))
        add(url, "lastmod", rfc3339(changed_at, site.time_zone))
    return File(_chunk(number), xml_bytes(root))


def fixed_pages(site: Site) -> File:
    """The chunk of the pages that every site has; it says nothing about when they change, and so never does."""
    root = ET.Element("urlset", {"xmlns": _SCHEMA})
    for path in _FIXED_PAGES:
        add(add(root, "url"), "loc", addresses.site_url(site, path))
    return File(_FIXED, xml_bytes(root))


def sitemap_index(site: Site, numbers: Iterable[int]) -> File:
    """`sitemap.xml`: the chunk of fixed pages and those of these numbers. Only a new chunk changes it."""
    root = ET.Element("sitemapindex", {"xmlns": _SCHEMA})
    for path in (_FIXED, *map(_chunk, numbers)):
        add(add(root, "sitemap"), "loc", addresses.site_url(site, path))
    return File("sitemap.xml", xml_bytes(root))


def robots(site: Site) -> File:
    """Everything may be read. Crawlers look for it at the root of a host only."""
    sitemap_url = addresses.site_url(site, "sitemap.xml")
    return File("robots.txt", f"User-agent: *\nAllow: /\n\nSitemap: {sitemap_url}\n".encode())


def _chunk(number: int) -> str:
    return f"sitemaps/{number}.xml"
