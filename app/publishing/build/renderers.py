"""The press for each kind of site: pages of our own, or Markdown for somebody else's generator."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from app.core.settings import Settings
from app.models import Directory
from app.publishing.build.html_renderer import Job, Output, Press, Removal
from app.publishing.build.parts import AbsentPart, ArticlePart, FixedPart, Part, ShadowPart
from app.publishing.build.reader import Desk
from app.publishing.build.rows import ListRow
from app.publishing.build.site import site_of
from app.publishing.model import Article, File, Picture, Site
from app.publishing.pages import articles
from app.publishing.pages.articles import RenderedArticle
from app.publishing.pages.theme import Theme, default_theme, find_theme
from app.publishing.syndication.escaping import local_time


class AnyPress(Protocol):
    """What an editor asks of a press."""

    site: Site
    has_lists: bool
    has_variants: bool
    dress: Sequence[Part]
    # A file that shows that somebody has made the site already, so that it is not dressed.
    signs: Sequence[str]
    pictures: dict[str, Picture]
    proofs: dict[str, RenderedArticle]

    @property
    def digest(self) -> str: ...
    @property
    def garment(self) -> str: ...
    def know(self, pictures: Mapping[str, Picture]) -> None: ...
    def media_path(self, page: str, digest: str, name: str, /) -> str: ...
    def is_linking(self, path: str) -> bool: ...
    def draft(self, article: Article) -> RenderedArticle: ...
    def proposed_path(self, article: Article, page: RenderedArticle, /) -> str: ...
    async def prepare(self, desk: Desk, parts: Iterable[Part], lists: Sequence[ListRow]) -> list[Job]: ...


class MarkdownPress:
    """Makes Markdown files; lists, feeds and all else are up to the generator of their owner."""

    has_lists = False
    has_variants = False
    dress: Sequence[Part] = (FixedPart.ASSETS,)

    def __init__(self, settings: Settings, directory: Directory, generator: Any, theme: Theme) -> None:
        self._generator = generator
        self._theme = theme
        self._name = directory.tmpl
        self.signs: Sequence[str] = generator.SITE_SIGNS
        self.site = site_of(settings, directory)
        self.pictures: dict[str, Picture] = {}
        self.proofs: dict[str, RenderedArticle] = {}

    @property
    def digest(self) -> str:
        return self._name

    @property
    def garment(self) -> str:
        return self.signs[0]

    def know(self, pictures: Mapping[str, Picture]) -> None:
        self.pictures |= pictures

    def media_path(self, page: str, digest: str, name: str, /) -> str:
        return str(self._generator.media_path(page, digest, name))

    @staticmethod
    def is_linking(_path: str) -> bool:
        return False

    def draft(self, article: Article) -> RenderedArticle:
        """Rendered as our own page would be, for its title and summary."""
        return articles.draft_article(self.site, article, theme=self._theme)

    def proposed_path(self, article: Article, page: RenderedArticle, /) -> str:
        moment = local_time(article.published_at, self.site.time_zone)
        if self._name == "hugo":
            path = self._generator.article_path(title=page.title, content_id=article.content_id, dated_at=moment)
        else:
            path = self._generator.article_path(
                topic_id=article.topic.id if article.topic else None,
                prompt_id=article.provenance.prompt_id,
                content_id=article.content_id,
                dated_at=moment,
            )
        return str(path)

    async def prepare(self, desk: Desk, parts: Iterable[Part], _lists: Sequence[ListRow]) -> list[Job]:
        wanted = list(parts)
        live = [part.page_id for part in wanted if isinstance(part, ArticlePart)]
        left = [part.page_id for part in wanted if isinstance(part, ShadowPart)]
        read = await desk.articles(live, with_neighbours=False) if live else {}
        jobs: list[Job] = [partial(self._article, article) for article in read.values()]
        jobs += [partial(self._removed, shadow.page.path) for shadow in (await desk.shadows(left) if left else [])]
        jobs += [partial(self._removed, part.path) for part in wanted if isinstance(part, AbsentPart)]
        if FixedPart.ASSETS in wanted:
            jobs.append(partial(self._site_files))
        return jobs

    def _article(self, article: Article) -> list[Output]:
        page = self.draft(article)
        self.proofs[article.path or page.path] = page
        return list(self._generator.article_files(self.site, article, title=page.title, excerpt=page.excerpt))

    def _removed(self, path: str) -> list[Output]:
        """With Hugo, an article is a folder, and its files are in it."""
        return [Removal(f"{posixpath.dirname(path)}/" if self._name == "hugo" else path)]

    def _site_files(self) -> list[File]:
        return list(self._generator.site_files(self.site))


def press_for(settings: Settings, directory: Directory) -> AnyPress:
    """Raises ThemeMissing."""
    if directory.tmpl == "default":
        return Press(settings, directory, find_theme(directory.theme, settings.themes_folder))
    # Here, because few sites need them.
    generator = import_module(f"app.publishing.exporters.{directory.tmpl}")
    return MarkdownPress(settings, directory, generator, default_theme())
