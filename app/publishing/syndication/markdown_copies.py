"""The Markdown beside each page: the text as it was submitted, below what is known about it."""

from collections.abc import Sequence
from typing import Any

import yaml

from app.publishing import addresses
from app.publishing.model import Article, Attachment, File, Picture, Site
from app.publishing.syndication.escaping import legal, one_line, rfc3339
from app.publishing.syndication.identity import path_of

TWIN = "index.md"
# Written in C where the library was built with it, at a tenth of the cost.
_QuickDumper: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# Longer than any value: a folded line is no error, but readers of front matter that are no YAML parsers stumble.
_WIDTH = 1_000_000


def twin(site: Site, article: Article, title: str) -> File:
    """`index.md` beside the page, with YAML front matter that lists the article's own files by public address."""
    path = path_of(site, article, title)
    known = {key: value for key, value in _front_matter(site, article, title, path).items() if value}
    # The quick one writes emoji as escapes, which people do not read.
    dumper = _QuickDumper if max(f"{title}{article.topic}{site.author}") <= "\uffff" else yaml.SafeDumper
    matter = yaml.dump(known, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    text = legal(article.text).rstrip()
    return File(addresses.beside(path, TWIN), f"---\n{matter}---\n\n{text}\n".encode())


def _front_matter(site: Site, article: Article, title: str, path: str) -> dict[str, Any]:
    return {
        "title": one_line(title),
        "date": rfc3339(article.published_at, site.time_zone),
        "updated": rfc3339(article.updated_at, site.time_zone) if article.updated_at else None,
        "topic": one_line(article.topic.name) if article.topic else None,
        "author": one_line(site.author),
        "language": site.language,
        "canonical": addresses.site_url(site, path),
        "pictures": _urls(site, article.pictures),
        "files": _urls(site, article.files),
    }


def _urls(site: Site, stored: Sequence[Picture | Attachment]) -> list[str]:
    return [addresses.site_url(site, file.path) for file in stored]
