"""A whole site anew: `pygai publish --all` and Hugo's full build of the same articles, in turns."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import library
from benchmarks.duel import Tell
from benchmarks.generators import Workplace
from benchmarks.library import Library
from benchmarks.processes import Run

LEAST_OF_HUGO = 1 / 3
MOST_MEBIBYTES = 300


@dataclass(frozen=True, slots=True)
class Side:
    """Buildings of one site by one maker; `pages` are its HTML pages."""

    name: str
    pages: int
    runs: list[Run]

    @property
    def seconds(self) -> float:
        return round(statistics.median(run.seconds for run in self.runs), 2)

    @property
    def pages_per_second(self) -> float:
        return round(statistics.median(self.rates), 1)

    @property
    def peak_mebibytes(self) -> float:
        return max(run.peak_mebibytes for run in self.runs)

    @property
    def rates(self) -> list[float]:
        return [self.pages / run.seconds for run in self.runs]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What both came to."""

    articles: int
    ours: Side
    hugo: Side

    @property
    def ratio(self) -> float:
        """Of Hugo's pages per second; round by round, so that what slowed the machine down slowed both."""
        pairs = zip(self.ours.rates, self.hugo.rates, strict=True)
        return round(statistics.median(ours / theirs for ours, theirs in pairs), 3)


def rebuild(ours: Library, theirs: Workplace, folder: Path, *, rounds: int, tell: Tell) -> Rebuilt:
    """Both from nothing but their sources, as often as wanted. Raises NotReady."""
    makers: list[tuple[str, Callable[[], Run], list[Run]]] = [
        ("pygai publish --all", lambda: library.build(ours, folder), []),
        (theirs.generator.title, theirs.build_whole, []),
    ]
    for number in range(rounds):
        for name, build, runs in makers if number % 2 else makers[::-1]:
            tell(f"Building {ours.articles:,} articles: {name}, round {number + 1} of {rounds}")
            runs.append(build())
    (our_name, _, our_runs), (their_name, _, their_runs) = makers
    return Rebuilt(
        ours.articles, Side(our_name, ours.pages(), our_runs), Side(their_name, theirs.pages, their_runs)
    )
