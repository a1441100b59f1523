"""The page of an article, and its body as feeds carry it."""

import html
import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from app.publishing import addresses
from app.publishing.model import Article, Attachment, Picture, Site
from app.publishing.pages.page_context import Frame
from app.publishing.pages.theme import Theme, tone
from app.publishing.pages.views import (
    Linked,
    ShownFile,
    ShownPrompt,
    local_picture,
    safe,
    shown_file,
)
from app.publishing.syndication.metadata import json_ld
from app.publishing.syndication.search import words_of
from app.publishing.text.markdown import LocalPicture, RenderedText, picture_tag, render_markdown

WORDS_PER_MINUTE = 220
CHARACTERS_PER_MINUTE = 400
LONGEST_REMEMBERED = 50_000

# Links are relative and only depend on the depth, which is that of every path made from a title.
_ANY_ARTICLE = "0000/00/article/index.html"
# Scripts whose readers count characters: Han, kana, Thai, Lao, Khmer and Myanmar.
_UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_HREF = re.compile(r'(<a\b[^>]*? href=")([^"]*)(?=")')


@dataclass(frozen=True)
class RenderedArticle:
    """A finished page and what lists, feeds and the search say about it.

    `remote_pictures` are addresses of pictures that the text wants and the site does not have.
    """

    path: str
    body: bytes
    title: str
    excerpt: str
    minutes: int
    words: frozenset[str]
    remote_pictures: tuple[str, ...] = ()


def draft_article(site: Site, article: Article, *, theme: Theme) -> RenderedArticle:
    """What an article says of itself, and where it would live; its page is not made.

    Without a `path` one is made from date and title; where that is taken already, ask again with
    `addresses.numbered_path` of it.
    """
    return _drafted(site, article, theme)[0]


def _drafted(site: Site, article: Article, theme: Theme) -> tuple[RenderedArticle, RenderedText]:
    frame = Frame(site, theme, article.path or _ANY_ARTICLE)
    text = _rendered_text(article, frame.url)
    published_at = frame.moment(article.published_at)
    title = text.title or _title_without_text(frame, article, published_at)
    draft = RenderedArticle(
        path=article.path or addresses.article_path(published_at.date(), title, article.content_id),
        body=b"",
        title=title,
        excerpt=text.excerpt,
        minutes=minutes_to_read(text.plain),
        words=words_of(f"{title} {text.plain}"),
        remote_pictures=text.remote_pictures,
    )
    return draft, text


def render_article(site: Site, article: Article, *, theme: Theme) -> RenderedArticle:
    """The page of one article, at its `path` or at the one that its title suggests. Raises ThemeBroken."""
    # The links of the text are right at any address of this depth.
    draft, text = _drafted(site, article, theme)
    frame = Frame(site, theme, draft.path)
    context = _head(frame, article, text, draft.title) | _text(frame, article, text, draft.title)
    context |= _files(frame, article) | _origin(frame, article) | _neighbours(frame, article)
    context |= {"published_at": frame.moment(article.published_at), "minutes": draft.minutes}
    return replace(draft, body=frame.render("article.html", context))


def minutes_to_read(plain: str) -> int:
    """At least one, at 220 words a minute, or 400 characters where words have no spaces between them."""
    if plain.isascii():
        return max(1, round(len(plain.split()) / WORDS_PER_MINUTE))
    spaced, characters = _UNSPACED.subn(" ", plain)
    return max(1, round(len(spaced.split()) / WORDS_PER_MINUTE + characters / CHARACTERS_PER_MINUTE))


# --- the page ---


def _rendered_text(article: Article, url: Linked) -> RenderedText:
    pictures = {source_of(picture): local_picture(picture, url) for picture in article.pictures}
    links = {file.source: url(file.path) for file in article.files if file.source}
    if len(article.text) > LONGEST_REMEMBERED:
        return render_markdown(article.text, pictures=pictures, links=links)
    return _remembered_text(article.text, tuple(pictures.items()), tuple(links.items()))


# One publication shows a text several times: before it has an address, on its page, in two feeds.
@lru_cache(16)
def _remembered_text(
    text: str, pictures: tuple[tuple[str, LocalPicture], ...], links: tuple[tuple[str, str], ...]
) -> RenderedText:
    return render_markdown(text, pictures=dict(pictures), links=dict(links))


def source_of(picture: Picture) -> str:
    """The address by which a text may ask for the picture."""
    return picture.source or picture.path


def _title_without_text(frame: Frame, article: Article, published_at: datetime) -> str:
    if article.topic:
        return article.topic.name
    if article.pictures:
        return frame.words.say("picture_of", date=frame.words.date(published_at))
    return frame.words["untitled"]


def _head(frame: Frame, article: Article, text: RenderedText, title: str) -> dict[str, Any]:
    share = frame.share_picture(article.pictures[0] if article.pictures else None, title)
    picture_url = share.url if share else None
    described = json_ld(frame.site, replace(article, path=frame.path), title, text.excerpt, picture_url)
    return {
        "title": title,
        "description": text.excerpt,
        "canonical": frame.canonical,
        "share_picture": share,
        "json_ld": safe(described),
        "twin": "index.md",
        "provenance": "provenance.json",
    }


def _text(frame: Frame, article: Article, text: RenderedText, title: str) -> dict[str, Any]:
    leads = [picture for picture in article.pictures if source_of(picture) not in text.placed]
    language = frame.site.language
    return {
        "updated_at": _shown_update(frame, article),
        "topic": frame.topic(article.topic),
        "tone": tone(article.topic.name) if article.topic else 0,
        "author": frame.site.author,
        "lead_pictures": [frame.picture(picture, picture.alt or title) for picture in leads],
        "body": safe(text.body),
        "direction": "rtl" if text.is_right_to_left else "ltr",
        # Said only where it differs: `zh` must not hide that the site is `zh-TW`.
        "language": None if language.startswith(text.language or "") else text.language,
    }


def _shown_update(frame: Frame, article: Article) -> datetime | None:
    """Only a later day is worth telling."""
    if article.updated_at is None:
        return None
    updated = frame.moment(article.updated_at)
    return updated if updated.date() > frame.moment(article.published_at).date() else None


def _files(frame: Frame, article: Article) -> dict[str, list[ShownFile]]:
    files = [shown_file(file, frame.url) for file in article.files]
    return {
        "recordings": [file for file in files if file.is_played],
        "downloads": [file for file in files if not file.is_played],
    }


def _origin(frame: Frame, article: Article) -> dict[str, Any]:
    approved_by = article.provenance.approved_by
    discloses = frame.site.discloses_ai
    return {
        "written_with_ai": discloses and not approved_by,
        "approved_by": approved_by if discloses else None,
        "prompt": _prompt(frame, article),
    }


def _prompt(frame: Frame, article: Article) -> ShownPrompt | None:
    prompt = article.prompt
    if prompt is None or not (prompt.text.strip() or prompt.pictures or prompt.files):
        return None
    return ShownPrompt(
        text=prompt.text.strip(),
        pictures=tuple(frame.picture(picture, picture.alt) for picture in prompt.pictures),
        files=tuple(shown_file(file, frame.url) for file in prompt.files),
    )


def _neighbours(frame: Frame, article: Article) -> dict[str, Any]:
    return {
        "previous": frame.entry(article.previous) if article.previous else None,
        "next": frame.entry(article.next) if article.next else None,
        "related": [frame.entry(entry) for entry in article.related],
    }


# --- the body for feeds ---


def feed_html(site: Site, article: Article) -> str:
    """The body of an article that has a path, with its pictures and files, every link absolute."""

    def url(path: str) -> str:
        return addresses.site_url(site, path)

    text = _rendered_text(article, url)
    page = url(article.path or addresses.INDEX)
    leads = [picture for picture in article.pictures if source_of(picture) not in text.placed]
    pictures = "".join(f"<p>{_lead_tag(picture, text.title or '', url)}</p>\n" for picture in leads)
    files = "".join(f"<li>{_file_link(file, url)}</li>\n" for file in article.files)
    body = _HREF.sub(lambda link: link[1] + _absolute(page, link[2]), text.body)
    return f"{pictures}{body}" + (f"<ul>\n{files}</ul>\n" if files else "")


def _lead_tag(picture: Picture, title: str, url: Linked) -> str:
    return picture_tag(local_picture(picture, url), alt=picture.alt or title)


def _file_link(file: Attachment, url: Linked) -> str:
    return f'<a href="{html.escape(url(file.path))}">{html.escape(file.name)}</a>'


def _absolute(page: str, link: str) -> str:
    try:
        return html.escape(urljoin(page, html.unescape(link)))
    except ValueError:
        return link
