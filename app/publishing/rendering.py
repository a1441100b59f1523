"""Pages of a site as bytes: pure functions of what is given, so that the same input gives the same page.

Paths are relative to the site's own folder and use `/`. Every link in a page is relative, the canonical and Open
Graph addresses aside; only the page for missing addresses, shown at any depth, links from the host's root.
"""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from app.publishing import addresses
from app.publishing.markdown import LocalPicture, RenderedText, picture_tag, render_markdown
from app.publishing.theme import Asset, Theme, Words, aware, default_theme, tone

HTML = "text/html; charset=utf-8"
_STYLESHEET = "site.css"
_ICON = "icon.svg"
_PLAYED = ("audio", "video")
# Links are relative and only depend on the depth, which is that of every path made from a title.
_ANY_ARTICLE = "0000/00/article/index.html"


@dataclass(frozen=True)
class Site:
    """`base_url` is the public address of the service; the site lives below it at `sites/<name>/`."""

    name: str
    title: str
    description: str = ""
    language: str = "en"
    base_url: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture stored in the site. `source` is the address by which the text may ask for it."""

    path: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    source: str = ""


@dataclass(frozen=True)
class Attachment:
    """Any other file stored in the site; audio and video get a player."""

    name: str
    path: str
    media_type: str
    source: str = ""


@dataclass(frozen=True)
class Article:
    """What a page is made from. `filename` is the path given to it before, None if it never had one."""

    content_id: int
    text: str
    created_at: datetime
    topic: str | None = None
    filename: str | None = None
    pictures: tuple[Picture, ...] = ()
    files: tuple[Attachment, ...] = ()
    modified_at: datetime | None = None


@dataclass(frozen=True)
class IndexEntry:
    """One article in a listing."""

    title: str
    excerpt: str
    path: str
    published_at: datetime
    topic: str | None = None
    picture: Picture | None = None


@dataclass(frozen=True)
class Page:
    """A finished page and what a listing says about it."""

    path: str
    body: bytes
    title: str
    excerpt: str
    media_type: str = HTML


def theme_assets(theme: Theme | None = None) -> list[Asset]:
    """Files that pages refer to; write them before the pages. Their names change with their content."""
    return list((theme or default_theme()).assets.values())


def render_article(site: Site, article: Article, *, theme: Theme | None = None) -> Page:
    """The page of one article.

    Without a `filename` its path is made from date and title; where that is taken already, render again with
    `addresses.numbered_path` of it as the `filename`.
    """
    theme = theme or default_theme()
    words = theme.words(site.language)
    text = _rendered_text(article)
    title = text.title or _title_without_text(article, words)
    path = article.filename or addresses.article_path(aware(article.created_at), title, article.content_id)
    context = _common(site, theme, path, article.topic) | _article_context(site, article, text, title, path)
    return _page(theme, "article.html", path, context)


def render_index(
    site: Site,
    entries: Sequence[IndexEntry],
    *,
    path: str = addresses.INDEX,
    title: str | None = None,
    newer: str | None = None,
    older: str | None = None,
    theme: Theme | None = None,
) -> Page:
    """A listing, in the order given. `newer` and `older` are the paths of the listings beside it."""
    theme = theme or default_theme()
    context = _common(site, theme, path, None) | {
        "title": title or site.title,
        "description": site.description,
        "canonical": addresses.site_url(site.base_url, site.name, path),
        "entries": [_entry(entry, path, position) for position, entry in enumerate(entries)],
        "newer": addresses.relative_url(path, newer) if newer else None,
        "older": addresses.relative_url(path, older) if older else None,
    }
    return _page(theme, "index.html", path, context)


def render_not_found(site: Site, *, theme: Theme | None = None) -> Page:
    """The page for addresses that lead nowhere: `404.html`."""
    theme = theme or default_theme()
    path = addresses.NOT_FOUND
    context = _common(site, theme, path, None) | {
        "title": theme.words(site.language)["not_found_title"],
        "description": "",
        "home": _from_root(site, addresses.INDEX),
        "stylesheet": _from_root(site, theme.assets[_STYLESHEET].path),
        "icon": _from_root(site, theme.assets[_ICON].path),
    }
    return _page(theme, "404.html", path, context)


def _page(theme: Theme, template: str, path: str, context: Mapping[str, Any]) -> Page:
    return Page(path, theme.render(template, **context), context["title"], context["description"])


def _common(site: Site, theme: Theme, path: str, topic: str | None) -> dict[str, Any]:
    return {
        "site": site,
        "words": theme.words(site.language),
        "tone": tone(topic),
        "home": addresses.relative_url(path, addresses.INDEX),
        "stylesheet": addresses.relative_url(path, theme.assets[_STYLESHEET].path),
        "icon": addresses.relative_url(path, theme.assets[_ICON].path),
    }


def _from_root(site: Site, path: str) -> str:
    return addresses.root_relative_url(site.base_url, site.name, path)


# --- an article ---


def _rendered_text(article: Article) -> RenderedText:
    page = article.filename or _ANY_ARTICLE
    pictures = {_source(picture): _local(picture, page) for picture in article.pictures}
    links = {file.source: addresses.relative_url(page, file.path) for file in article.files if file.source}
    return render_markdown(article.text, pictures=pictures, links=links)


def _article_context(site: Site, article: Article, text: RenderedText, title: str, path: str) -> dict[str, Any]:
    leads = [picture for picture in article.pictures if _source(picture) not in text.placed]
    files = [_file(file, path) for file in article.files]
    return {
        "title": title,
        "description": text.excerpt,
        "canonical": addresses.site_url(site.base_url, site.name, path),
        "share_picture": _share_picture(site, article, title),
        "created_at": aware(article.created_at),
        "modified_at": _shown_modification(article),
        "topic": article.topic,
        "lead_pictures": [
            _image(picture, path, alt=picture.alt or title, position=position)
            for position, picture in enumerate(leads)
        ],
        # Sanitised by `render_markdown`: the only place where somebody's HTML passes the autoescape.
        "body": Markup(text.body),  # noqa: S704
        "direction": "rtl" if text.is_right_to_left else "ltr",
        # Said only where it differs: `zh` must not hide that the site is `zh-TW`.
        "language": None if site.language.startswith(text.language or "") else text.language,
        "recordings": [file for file in files if file["kind"] in _PLAYED],
        "downloads": [file for file in files if file["kind"] not in _PLAYED],
    }


def _title_without_text(article: Article, words: Words) -> str:
    if article.topic:
        return article.topic
    if article.pictures:
        return words["picture_of"].format(date=words.date(aware(article.created_at)))
    return words["untitled"]


def _shown_modification(article: Article) -> datetime | None:
    """Only a later day is worth telling."""
    if article.modified_at is None:
        return None
    modified = aware(article.modified_at)
    return modified if modified.date() > aware(article.created_at).date() else None


def _share_picture(site: Site, article: Article, title: str) -> dict[str, str] | None:
    if not article.pictures:
        return None
    first = article.pictures[0]
    return {
        "url": addresses.site_url(site.base_url, site.name, first.path),
        "alt": first.alt or title,
    }


# --- pictures and files ---


def _source(picture: Picture) -> str:
    return picture.source or picture.path


def _local(picture: Picture, page: str) -> LocalPicture:
    url = addresses.relative_url(page, picture.path)
    return LocalPicture(url, picture.width, picture.height, picture.alt)


def _image(picture: Picture, page: str, *, alt: str, position: int) -> Markup:
    loading = "lazy" if position else "eager"
    return Markup(picture_tag(_local(picture, page), alt=alt, loading=loading))  # noqa: S704


def _file(file: Attachment, page: str) -> dict[str, str]:
    return {
        "name": file.name,
        "url": addresses.relative_url(page, file.path),
        "media_type": file.media_type,
        "kind": file.media_type.partition("/")[0],
        "extension": posixpath.splitext(file.name)[1][1:].upper(),
    }


def _entry(entry: IndexEntry, page: str, position: int) -> dict[str, Any]:
    return {
        "title": entry.title,
        "excerpt": entry.excerpt,
        "url": addresses.relative_url(page, entry.path),
        "published_at": aware(entry.published_at),
        "topic": entry.topic,
        "tone": tone(entry.topic),
        # The title stands beside it and says more than the alternative text could.
        "picture": _image(entry.picture, page, alt="", position=position) if entry.picture else None,
    }
