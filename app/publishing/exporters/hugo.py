"""Markdown for a site of Hugo: a page bundle for each article, its pictures beside it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.publishing.addresses import article_slug
from app.publishing.exporters import bodies, frontmatter, parsing
from app.publishing.exporters.escaping import escaped, line_start_escaped, plain_value
from app.publishing.exporters.files import harmless_media_name, text_file
from app.publishing.exporters.goldmark import DIALECT
from app.publishing.model import Article, File, Site

CONFIG = "hugo.yaml"
INDEX = "content/_index.md"
# What shows that a site is there, so that no file of `site_files` is written.
SITE_SIGNS = (
    *(f"{name}.{kind}" for name in ("hugo", "config") for kind in ("toml", "yaml", "yml", "json")),
    *(f"config/_default/{name}.{kind}" for name in ("hugo", "config") for kind in ("toml", "yaml", "yml", "json")),
)

_LAYOUTS = Path(__file__).parent / "hugo_layouts"


def article_path(*, title: str, content_id: int, dated_at: datetime) -> str:
    """`content/posts/2026-11-rain-on-the-window-77/index.md`. Local time of the site."""
    slug = article_slug(title, content_id)
    name = slug if slug.endswith(f"-{content_id}") else f"{slug}-{content_id}"
    return f"content/posts/{dated_at.year:04}-{dated_at.month:02}-{name}/index.md"


def media_path(article_path: str, digest: str, name: str) -> str:
    """Where a file of an article is stored: in its bundle, `<the digest's first 16>/<name>`."""
    return f"{article_path.rpartition('/')[0]}/{digest[:16]}/{harmless_media_name(name)}"


def article_files(site: Site, article: Article, *, title: str, excerpt: str) -> list[File]:
    """The page of an article that has a path. Every theme shows the title, so the body does not."""
    path = article.path or article_path(
        title=title, content_id=article.content_id, dated_at=_local(article.published_at, site)
    )
    # In a list, a bundle's pictures would be looked for beside the list.
    body = bodies.article_body(article, DIALECT, page=path, title=title, excerpt_with_pictures=False)
    return [text_file(path, _front_matter(site, article, title, excerpt), body)]


def site_files(site: Site) -> list[File]:
    """A site that builds without a theme: the configuration, the front page's text and plain layouts."""
    about = bodies.markdown(parsing.parse(site.about), DIALECT)
    front = frontmatter.front_matter({"title": plain_value(site.title)})
    layouts = sorted(path for path in _LAYOUTS.rglob("*.html"))
    return [
        text_file(CONFIG, frontmatter.dumped(_config(site))),
        text_file(INDEX, front, about),
        *(File(f"layouts/{path.relative_to(_LAYOUTS).as_posix()}", path.read_bytes()) for path in layouts),
    ]


def _front_matter(site: Site, article: Article, title: str, excerpt: str) -> str:
    values: dict[str, Any] = {
        "title": plain_value(title),
        "description": plain_value(excerpt),
        # Read as Markdown, unlike the others.
        "summary": line_start_escaped(escaped(plain_value(excerpt))),
        "date": _local(article.published_at, site).isoformat(),
    }
    if article.updated_at:
        values["lastmod"] = _local(article.updated_at, site).isoformat()
    values["categories"] = [plain_value(article.topic.name)] if article.topic else []
    return frontmatter.front_matter(values)


def _config(site: Site) -> dict[str, Any]:
    return {
        "title": plain_value(site.title),
        "baseURL": site.url or "/",
        "defaultContentLanguage": site.language.lower(),
        "timeZone": site.time_zone,
        "taxonomies": {"category": "categories"},
        "pagination": {"pagerSize": site.page_size},
        "params": {"description": plain_value(site.description), "author": plain_value(site.author)},
    }


def _local(instant: datetime, site: Site) -> datetime:
    return instant.astimezone(ZoneInfo(site.time_zone)).replace(microsecond=0)
