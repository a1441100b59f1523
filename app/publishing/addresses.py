"""Where a page lives: stable, readable paths below a site, and the addresses made from them."""

import itertools
import posixpath
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from urllib.parse import quote, urlsplit

from app.publishing.model import Site

LONGEST_SLUG = 60
INDEX = "index.html"
NOT_FOUND = "404.html"
GONE = "gone.html"

# Names that lists want beside articles and topics, and those that Windows keeps for devices.
_RESERVED = frozenset({"index", "page", "con", "prn", "aux", "nul"}) | {
    f"{device}{number}" for device in ("com", "lpt") for number in range(10)
}


def article_slug(title: str, content_id: int) -> str:
    """A readable slug of Latin letters, at most 60 characters; `article-<id>` when nothing readable is left."""
    # Here, because its tables take 5 MiB of a process that may never publish.
    from slugify import slugify

    slug = slugify(
        title,
        max_length=LONGEST_SLUG,
        word_boundary=True,
        replacements=[("'", ""), ("’", "")],
        entities=False,
        decimal=False,
        hexadecimal=False,
    )
    if not slug:
        return f"article-{content_id}"
    return f"{slug}-{content_id}" if slug in _RESERVED else slug


def article_path(day: date, title: str, content_id: int) -> str:
    """`2026/11/rain-on-the-window/index.html`"""
    return f"{day.year:04}/{day.month:02}/{article_slug(title, content_id)}/{INDEX}"


def numbered(slug: str, number: int) -> str:
    """The slug for the second, third… article of that name; the first keeps it."""
    if number < 2:
        return slug
    suffix = f"-{number}"
    return slug[: LONGEST_SLUG - len(suffix)].rstrip("-") + suffix


def numbered_path(path: str, number: int) -> str:
    """The same for the path of an article."""
    folder, _, name = path.rpartition("/")
    parent, _, slug = folder.rpartition("/")
    return posixpath.join(parent, numbered(slug, number), name)


def beside(path: str, name: str) -> str:
    """The path of a file in the same folder."""
    return posixpath.join(posixpath.dirname(path), name)


def gone_path(path: str) -> str:
    """Where the notice is that stands in for an article that was withdrawn."""
    return beside(path, GONE)


def topic_slugs(name: str, topic_id: int) -> Iterator[str]:
    """What a topic's listing may be called, the best first; the last is certain to be free."""
    slug = article_slug(name, topic_id).replace("article-", "topic-", 1) if name.strip() else f"topic-{topic_id}"
    yield from (numbered(slug, number) for number in range(1, 4))
    yield f"topic-{topic_id}"
    yield from (f"topic-{topic_id}-{number}" for number in itertools.count(2))


def site_url(site: Site, path: str = INDEX) -> str:
    """The public address of a page or file; a folder's address stands for its `index.html`."""
    shown = path.removesuffix(INDEX) if posixpath.basename(path) == INDEX else path
    return f"{site.url.rstrip('/')}/{_quoted(shown)}"


def root_relative_url(site: Site, path: str = INDEX) -> str:
    """The address without scheme and host, for a page that may be shown at any depth."""
    return urlsplit(site_url(site, path)).path


def relative_url(page: str, target: str) -> str:
    """From one path of a site to another, valid on any host and below any prefix; a folder stands for its page.

    Both are paths as we make them, without `..` and double slashes.
    """
    if target.startswith("/"):
        return _uncommon_link(page, target)
    folder = page.rpartition("/")[0]
    if not folder:
        return _shown(target) or "./"
    # Done by hand, many thousand times over: `posixpath.relpath` takes ten times as long.
    here, there = folder.split("/"), target.split("/")
    shared = 0
    for ours, theirs in zip(here, there[:-1], strict=False):
        if ours != theirs:
            break
        shared += 1
    return "../" * (len(here) - shared) + _shown("/".join(there[shared:])) or "./"


def _uncommon_link(page: str, target: str) -> str:
    link = _quoted(posixpath.relpath(target, posixpath.dirname(page) or "."))
    if posixpath.basename(target) == INDEX:
        link = link.removesuffix(INDEX) or "./"
    return f"./{link}" if link.startswith("/") else link


@lru_cache(8192)
def _shown(path: str) -> str:
    name = path.rpartition("/")[2]
    return quote(path.removesuffix(name) if name == INDEX else path, errors="replace")


@lru_cache(2048)
def _quoted(path: str) -> str:
    return quote(path, errors="replace")
