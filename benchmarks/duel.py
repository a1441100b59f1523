"""The service against its ceiling: in alternation, since a machine is never twice the same."""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks import wrk
from benchmarks.ground import Ground
from benchmarks.processes import Server
from benchmarks.wrk import Load, LoadFailed


class Case(NamedTuple):
    """One kind of request."""

    name: str
    title: str
    counted: str | None = None
    target: float | None = None


ALIVE = Case("alive", "`/healthz`: no work at all")
CASES = (
    Case("jwtinfo", "`/jwtinfo`: the token check alone"),
    Case("claim", "T1, a new task each time", "claim", 0.55),
    Case("held", "T1, the task already held"),
    Case("submit", "T2, a text of 500 words", "submit", 0.45),
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how often."""

    rounds: int
    seconds: int
    warm_up_seconds: int


@dataclass(frozen=True, slots=True)
class Side:
    """One side's rounds, and their medians."""

    rounds: list[Load]

    @property
    def requests_per_second(self) -> float:
        return round(statistics.median(one.requests_per_second for one in self.rounds), 1)

    @property
    def p50_milliseconds(self) -> float:
        return round(statistics.median(one.p50_milliseconds for one in self.rounds), 3)

    @property
    def p99_milliseconds(self) -> float:
        return round(statistics.median(one.p99_milliseconds for one in self.rounds), 3)

    @property
    def generator_cpu(self) -> float:
        return max(one.generator_cpu for one in self.rounds)


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
        return [round(ours.requests_per_second / theirs.requests_per_second, 3) for ours, theirs in pairs]

    @property
    def ratio(self) -> float:
        return round(statistics.median(self.ratios), 3)

    @property
    def is_met(self) -> bool | None:
        """Targets are set for one worker."""
        if self.case.target is None or self.workers != 1:
            return None
        return self.ratio >= self.case.target


Told = Callable[[str], None]


async def fight(
    case: Case, ground: Ground, ceiling: Server, service: Server, *, workers: int, pace: Pace, tell: Told
) -> Duel:
    """Ceiling and service in turns, each from the same state of the database. Raises LoadFailed."""
    sides: dict[str, list[Load]] = {ceiling.name: [], service.name: []}
    for number in range(pace.rounds + 1):
        is_warm_up = number == 0
        for server in _in_turn((ceiling, service), number):
            seconds = pace.warm_up_seconds if is_warm_up else pace.seconds
            load = await _round(case, ground, server, run=f"{server.name}-{workers}-{number}", seconds=seconds)
            if not is_warm_up:
                sides[server.name].append(load)
                tell(f"{case.title}, {workers} worker(s), {server.name}: {load.requests_per_second:.0f}/s")
    return Duel(case, workers, Side(sides[ceiling.name]), Side(sides[service.name]))


def _in_turn(servers: Sequence[Server], number: int) -> Sequence[Server]:
    """Who goes first changes, so that nobody always inherits the other's leftovers."""
    return servers if number % 2 else servers[::-1]


async def _round(case: Case, ground: Ground, server: Server, *, run: str, seconds: int) -> Load:
    await ground.put_back()
    before = await ground.count(case.counted) if case.counted else 0
    load = await asyncio.to_thread(
        wrk.fire, server.url, case.name, ground.ammunition, run=run, seconds=seconds
    )
    if load.errors:
        raise LoadFailed(f"{case.title}: {load.errors} of {load.requests} requests to the {server.name} failed")
    if case.counted:
        _compare(case, server, load, rows=await ground.count(case.counted) - before)
    return load


def _compare(case: Case, server: Server, load: Load, *, rows: int) -> None:
    """An answer that did no work would be fast: each must have left its row, but for those on their way at the end."""
    if not load.requests <= rows <= load.requests + wrk.CONNECTIONS:
        raise LoadFailed(f"{case.title}: {load.requests} answers of the {server.name}, but {rows} rows")
