"""Markdown for a site of MkDocs, Material or Zensical: the folder that holds `mkdocs.yml` is the site's folder.

File names and keys of the front matter are those of the original PyGai.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.publishing.exporters import bodies, frontmatter, parsing
from app.publishing.exporters.escaping import escaped, plain_value, with_curly_quotes
from app.publishing.exporters.files import harmless_media_name, text_file
from app.publishing.exporters.python_markdown import DIALECT
from app.publishing.model import Article, File, Site

CONFIG = "mkdocs.yml"
INDEX = "docs/index.md"
# What shows that a site is there, so that no file of `site_files` is written.
SITE_SIGNS = (CONFIG, "mkdocs.yaml", "zensical.toml")

_UPLOADS = "docs/uploads"
# Those that Material has words for.
_LANGUAGE_NAMES = """
    af ar az be bg bn ca cs cy da de el en eo es et eu fa fi fr gl he hi hr hu hy id is it ja ka kn ko ku-IQ lb
    lt lv mk mn ms my nb nl nn pl pt-BR pt ro ru sa sh si sk sl sq sr sv ta te th tl tr uk ur uz vi zh-Hant zh-TW
    zh"""
_LANGUAGES = frozenset(_LANGUAGE_NAMES.split())


def article_path(*, topic_id: int | None, prompt_id: int | None, content_id: int, dated_at: datetime) -> str:
    """`docs/blog/3-12-77-20261122042400.md`; 0 stands for no topic and for no prompt. Local time of the site."""
    return f"docs/blog/{topic_id or 0}-{prompt_id or 0}-{content_id}-{_digits(dated_at)}.md"


def media_path(_article_path: str, digest: str, name: str) -> str:
    """Where a file of an article is stored: `docs/uploads/<the digest's first 16>/<name>`."""
    return f"{_UPLOADS}/{digest[:16]}/{harmless_media_name(name)}"


def article_files(site: Site, article: Article, *, title: str, excerpt: str) -> list[File]:
    """The page of an article that has a path. The title is a heading, too: plain MkDocs shows no other."""
    path = article.path or article_path(
        topic_id=None, prompt_id=None, content_id=article.content_id, dated_at=_local(article.published_at, site)
    )
    heading = f"# {escaped(' '.join(title.split())) or path}"
    body = bodies.article_body(article, DIALECT, page=path, title=title)
    return [text_file(path, _front_matter(site, article, path, title, excerpt), heading, body)]


def site_files(site: Site) -> list[File]:
    """A site for MkDocs Material or Zensical that shows the articles as its blog and asks no other host."""
    about = bodies.markdown(parsing.parse(site.about), DIALECT)
    index = text_file(INDEX, f"# {escaped(site.title)}", escaped(site.description), about)
    return [text_file(CONFIG, frontmatter.dumped(_config(site))), index]


def _front_matter(site: Site, article: Article, path: str, title: str, excerpt: str) -> str:
    updated = _local(article.updated_at, site) if article.updated_at else None
    return frontmatter.front_matter(
        {
            "title": _value(title),
            "slug": path.rpartition("/")[2].removesuffix(".md"),
            "description": _value(excerpt),
            "date": _local(article.published_at, site),
            "update": updated,
            "publish": True,
            "categories": [_value(article.topic.name)] if article.topic else [],
        }
    )


def _config(site: Site) -> dict[str, Any]:
    known = {
        "site_name": _value(site.title),
        "site_url": site.url,
        "site_description": _value(site.description),
        "site_author": _value(site.author),
    }
    theme: dict[str, Any] = {"name": "material", "font": False}
    if language := _language(site.language):
        theme["language"] = language
    return {
        **{key: value for key, value in known.items() if value},
        "theme": theme,
        "plugins": [
            "search",
            {"blog": {"blog_dir": ".", "post_dir": "blog", "pagination_per_page": site.page_size}},
        ],
        "markdown_extensions": ["sane_lists", "pymdownx.highlight", "pymdownx.superfences"],
    }


def _language(language: str) -> str | None:
    """A language that the theme speaks; it does not build with another."""
    base = language.partition("-")[0].lower()
    return next((known for known in (language, base) if known in _LANGUAGES), None)


def _value(text: str) -> str:
    # The themes put them into pages and attributes as they stand.
    return with_curly_quotes(plain_value(text))


def _local(instant: datetime, site: Site) -> datetime:
    """The site's local time, as the original wrote it."""
    return instant.astimezone(ZoneInfo(site.time_zone)).replace(microsecond=0, tzinfo=None)


def _digits(moment: datetime) -> str:
    return f"{moment.year:04}{moment:%m%d%H%M%S}"
