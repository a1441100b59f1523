"""A guide to the site for language models, see https://llmstxt.org/."""

import re
from collections.abc import Iterable, Sequence

from app.publishing import addresses
from app.publishing.model import Archive, Entry, File, Shelf, Site
from app.publishing.syndication.escaping import one_line
from app.publishing.syndication.markdown_copies import TWIN

MOST_ARTICLES = 50

_MARKUP = re.compile(r"([\\`*_\[\]<]|&(?=#?\w+;))")


def llms(site: Site, entries: Sequence[Entry], archive: Archive) -> File:
    """`llms.txt`: the newest articles as Markdown, the topics, the years, the feeds."""
    parts = [
        f"# {_escaped(site.title) or site.name}",
        f"> {_escaped(site.description)}" if site.description.strip() else "",
        "Every article is also there as Markdown: `index.md` beside its page.",
        _section("Newest articles", (_article(site, entry) for entry in entries[:MOST_ARTICLES])),
        _section("Topics", (_shelf(site, shelf) for shelf in archive.topics)),
        _section("Archive", (_shelf(site, shelf) for shelf in archive.years)),
        _section("Optional", _others(site)),
    ]
    return File("llms.txt", ("\n\n".join(filter(None, parts)) + "\n").encode())


def _article(site: Site, entry: Entry) -> str:
    return _link(site, entry.title or entry.path, addresses.beside(entry.path, TWIN), entry.excerpt)


def _shelf(site: Site, shelf: Shelf) -> str:
    return _link(
        site, shelf.name, shelf.path, f"{shelf.articles} articles" if shelf.articles != 1 else "1 article"
    )


def _others(site: Site) -> Iterable[str]:
    yield _link(site, "About", "about/index.html", "who writes here")
    yield _link(site, "Archive", "archive/index.html", "all years and topics")
    yield _link(site, "Atom feed", "feed.xml", "the newest articles in full")
    yield _link(site, "JSON feed", "feed.json", "the same")
    yield _link(site, "Sitemap", "sitemap.xml", "every article")


def _section(name: str, lines: Iterable[str]) -> str:
    listed = "\n".join(lines)
    return f"## {name}\n\n{listed}" if listed else ""


def _link(site: Site, name: str, path: str, note: str) -> str:
    line = f"- [{_escaped(name)}]({addresses.site_url(site, path)})"
    return f"{line}: {_escaped(note)}" if note.strip() else line


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", one_line(text))
