"""Everything about published sites: made whole, one article added, a page read; ours beside Hugo and Zensical."""

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path

from app.core.postgres.embedded.postgres import EmbeddedPostgres
from benchmarks import articles, generators, library, processes, publishing, reading, rebuilding
from benchmarks.duel import Pace, Tell
from benchmarks.generators import Generator, Workplace
from benchmarks.library import Library
from benchmarks.publishing import Added, Publishing
from benchmarks.reading import Served
from benchmarks.rebuilding import Rebuilt


@dataclass(frozen=True, slots=True)
class Scope:
    """How large the sites are, and how often everything is done. `compared` are the sizes of the others' sites."""

    small: int
    large: int
    times: int
    counted: int
    rebuilds: int
    compared: tuple[int, ...]
    additions: int
    reading: Pace


@dataclass(frozen=True, slots=True)
class Compared:
    """Another maker's building after one article was added, again and again."""

    name: str
    articles: int
    seconds: list[float]

    @property
    def median(self) -> float:
        """In milliseconds."""
        return round(statistics.median(self.seconds) * 1000, 1)


@dataclass(frozen=True, slots=True)
class Sites:
    """What was measured on published sites."""

    small: Added
    large: Added
    compared: list[Compared]
    rebuilt: Rebuilt
    served: list[Served]

    @property
    def growth(self) -> float:
        """How many times slower the larger one is, pair by pair."""
        pairs = zip(self.large.milliseconds, self.small.milliseconds, strict=True)
        return round(statistics.median(large / small for large, small in pairs), 3)


async def measure(server: EmbeddedPostgres, folder: Path, scope: Scope, tell: Tell) -> Sites:
    """Raises LoadFailed, NotReady."""
    tell(f"Filling databases with {scope.small:,} and {scope.large:,} articles")
    small = await library.stock(server, "shelf", scope.small, folder)
    large = await library.stock(server, "library", scope.large, folder)
    rebuilt = await asyncio.to_thread(_rebuilt, small, large, folder, scope, tell)
    with (
        processes.service(folder, small.ground.settings) as beside_small,
        processes.service(folder, large.ground.settings) as beside_large,
    ):
        pair = (Publishing(small, beside_small), Publishing(large, beside_large))
        added = await asyncio.to_thread(publishing.add, *pair, times=scope.times, counted=scope.counted, tell=tell)
        served = await reading.read(large, beside_large, folder, pace=scope.reading, tell=tell)
    compared = await asyncio.to_thread(_compared, folder, scope, tell)
    return Sites(*added, compared, rebuilt, served)


def _rebuilt(small: Library, large: Library, folder: Path, scope: Scope, tell: Tell) -> Rebuilt:
    library.build(small, folder)
    tell(f"Writing {large.articles:,} articles for Hugo")
    theirs = generators.workplace(generators.HUGO, large.articles, folder / "whole")
    return rebuilding.rebuild(large, theirs, folder, rounds=scope.rebuilds, tell=tell)


def _compared(folder: Path, scope: Scope, tell: Tell) -> list[Compared]:
    return [
        _built_after_one_more(generator, size, folder, scope.additions, tell)
        for size in scope.compared
        for generator in (generators.HUGO, generators.ZENSICAL)
    ]


def _built_after_one_more(generator: Generator, size: int, folder: Path, times: int, tell: Tell) -> Compared:
    tell(f"{generator.name} builds {size:,} articles")
    place: Workplace = generators.workplace(generator, size, folder)
    place.build_whole()
    seconds: list[float] = []
    for number in range(times):
        tell(f"{generator.name} builds {size:,} articles and one more, {number + 1} of {times}")
        place.add(articles.extra(number + 1))
        seconds.append(place.build().seconds)
    return Compared(generator.title, size, seconds)
