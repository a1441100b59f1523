"""The service against its ceiling: in alternation, since a machine is never twice the same."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks import wrk
from benchmarks.ground import Ground
from benchmarks.processes import Server, cpu_seconds
from benchmarks.wrk import Load, LoadFailed


class Case(NamedTuple):
    """One kind of request: a function of the Lua script, what its answers leave behind, what is to be reached."""

    name: str
    title: str
    counted: str | None = None
    target: float | None = None


ALIVE = Case("alive", "/healthz, no work at all")
CASES = (
    Case("jwtinfo", "/jwtinfo, the token check alone"),
    Case("claim", "T1, a new task each time", "claim", 0.55),
    Case("held", "T1, the task already held"),
    Case("submit", "T2, a text of 500 words", "submit", 0.45),
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long."""

    rounds: int
    seconds: int
    warm_up_seconds: int


@dataclass(frozen=True, slots=True)
class Round:
    """One run against one side, and the CPU time that all of its workers took for a request."""

    load: Load
    cpu_microseconds: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side's rounds, and their medians."""

    rounds: list[Round]

    @property
    def requests_per_second(self) -> float:
        return _median(one.load.requests_per_second for one in self.rounds)

    @property
    def p50_milliseconds(self) -> float:
        return _median(one.load.p50_milliseconds for one in self.rounds)

    @property
    def p99_milliseconds(self) -> float:
        return _median(one.load.p99_milliseconds for one in self.rounds)

    @property
    def cpu_microseconds(self) -> float:
        return _median(one.cpu_microseconds for one in self.rounds)

    @property
    def generator_cpu(self) -> float:
        return _median(one.load.generator_cpu for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Duel:
    """What one case came to."""

    case: Case
    workers: int
    ceiling: Side
    service: Side

    @property
    def ratios(self) -> list[float]:
        """Round by round, so that what slowed the machine down slowed both."""
        pairs = zip(self.service.rounds, self.ceiling.rounds, strict=True)
        return [
            round(ours.load.requests_per_second / theirs.load.requests_per_second, 3) for ours, theirs in pairs
        ]

    @property
    def ratio(self) -> float:
        return _median(self.ratios)


Tell = Callable[[str], None]


async def fight(
    case: Case, ground: Ground, ceiling: Server, service: Server, *, workers: int, pace: Pace, tell: Tell
) -> Duel:
    """Ceiling and service in turns, each from the same state of the database. Raises LoadFailed."""
    sides: dict[str, list[Round]] = {ceiling.name: [], service.name: []}
    for number in range(pace.rounds + 1):
        # The first turn of each warms up: statements prepared, connections open, tokens known.
        seconds = pace.seconds if number else pace.warm_up_seconds
        for server in _in_turn((ceiling, service), number):
            tell(f"{case.title}: {server.name}, {workers} worker(s), round {number} of {pace.rounds}")
            run = f"{server.name}-{workers}-{number}"
            sides[server.name].append(await _round(case, ground, server, run=run, seconds=seconds))
    return Duel(case, workers, Side(sides[ceiling.name][1:]), Side(sides[service.name][1:]))


def _in_turn(servers: Sequence[Server], number: int) -> Sequence[Server]:
    """Who goes first changes, so that nobody always inherits the other's leftovers."""
    return servers if number % 2 else servers[::-1]


async def _round(case: Case, ground: Ground, server: Server, *, run: str, seconds: int) -> Round:
    await ground.put_back()
    rows = await ground.count(case.counted)
    cpu = cpu_seconds(server.workers)
    load = await wrk.fire(server.url, case.name, ground.ammunition, run=run, seconds=seconds)
    cpu = cpu_seconds(server.workers) - cpu
    _check(case, server, load, rows=await ground.count(case.counted) - rows)
    return Round(load, round(cpu / load.requests * 1e6, 1))


def _check(case: Case, server: Server, load: Load, *, rows: int) -> None:
    """An answer that did no work would be fast: each has left its row, save for those under way at the end."""
    if load.errors or not load.requests:
        raise LoadFailed(f"{case.title}: {load.errors} of {load.requests} requests to the {server.name} failed")
    if case.counted and not load.requests <= rows <= load.requests + wrk.CONNECTIONS:
        raise LoadFailed(f"{case.title}: {load.requests} answers of the {server.name}, but {rows} rows")


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)
