"""`python -m benchmarks`: measure the service against its ceiling and say which targets are met."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.core.postgres.embedded.postgres import EmbeddedPostgres
from benchmarks import duel, footprint, ground, processes, report, scale, sites, wrk
from benchmarks.duel import Duel, Pace, Tell
from benchmarks.ground import Size
from benchmarks.processes import NotReady
from benchmarks.report import Report
from benchmarks.scale import Growth, Site
from benchmarks.sites import Scope

# In a pipe, too, the tables stay tables.
console = Console(width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly to measure."""

    pace: Pace
    workers: tuple[int, ...]
    supply: int
    little: int
    much: int
    rounds_of_growth: int
    requests_of_growth: int
    starts: int
    scope: Scope


ALL_SITES = Scope(
    small=100,
    large=10_000,
    times=100,
    counted=16,
    rebuilds=3,
    compared=(1_000,),
    additions=5,
    reading=Pace(3, 5, 2),
)
SOME_SITES = Scope(
    small=100, large=1_000, times=60, counted=13, rebuilds=2, compared=(1_000,), additions=2, reading=Pace(3, 1, 1)
)
THOROUGH = Plan(Pace(3, 5, 2), (1, 2), 100_000, 1_000, 1_000_000, 5, 200, 3, ALL_SITES)
QUICK = Plan(Pace(3, 1, 1), (1,), 30_000, 1_000, 100_000, 3, 100, 1, SOME_SITES)
LARGE = 10_000


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="About four minutes: one worker, a tenth of the rows and articles.")
    ] = False,
    large: Annotated[
        bool, typer.Option("--large", help="The other site generators add to 10,000 articles, too.")
    ] = False,
) -> None:
    """Measure the service against its ceiling; the tables go to the terminal and to benchmarks/results."""
    # A polite end must end what was started, too: it takes the same way out as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        wrk.require()
        found = _measured(_plan(quick=quick, large=large))
    except (wrk.LoadFailed, NotReady) as failed:
        console.print(f"[red]✗[/] {failed}", highlight=False)
        raise typer.Exit(1) from failed
    report.show(found, console)
    console.print(f"Written to {report.write(found)} and {report.RESULTS / 'latest.md'}", highlight=False)


def _plan(*, quick: bool, large: bool) -> Plan:
    plan = QUICK if quick else THOROUGH
    if not large:
        return plan
    return replace(plan, scope=replace(plan.scope, compared=(*plan.scope.compared, LARGE)))


def _measured(plan: Plan) -> Report:
    began_at, load_before = datetime.now(UTC), os.getloadavg()[0]
    with _folder() as folder, console.status("Starting") as status:
        with _postgresql(folder) as server:
            duels = asyncio.run(_duels(server, folder, plan, status.update))
            growths = asyncio.run(_growths(server, folder, plan, status.update))
            published = asyncio.run(sites.measure(server, folder, plan.scope, status.update))
        weighed = footprint.tread(folder, starts=plan.starts, tell=status.update)
    return Report(began_at, [load_before, os.getloadavg()[0]], duels, growths, published, weighed)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pygai-bench-", ignore_cleanup_errors=True) as name:
        # PostgreSQL, as a user of its own when we are root, must be able to pass through.
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _postgresql(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "postgresql")
    server.start()
    try:
        yield server
    finally:
        server.release()


async def _duels(server: EmbeddedPostgres, folder: Path, plan: Plan, tell: Tell) -> list[Duel]:
    field = await ground.prepare(server, "duels", Size(plan.supply, 0), folder)
    found: list[Duel] = []
    for workers in plan.workers:
        with (
            processes.ceiling(folder, field.settings, workers=workers) as ceiling,
            processes.service(folder, field.settings, workers=workers) as service,
        ):
            for case in (duel.ALIVE, *duel.CASES):
                fought = await duel.fight(
                    case, field, ceiling, service, workers=workers, pace=plan.pace, tell=tell
                )
                found.append(fought)
    return found


async def _growths(server: EmbeddedPostgres, folder: Path, plan: Plan, tell: Tell) -> list[Growth]:
    tell(f"Filling a database with {plan.much:,} prompts and contents")
    little = await ground.prepare(server, "little", Size(plan.little, plan.little, half_unavailable=True), folder)
    much = await ground.prepare(server, "much", Size(plan.much, plan.much, half_unavailable=True), folder)
    found: list[Growth] = []
    with (
        processes.service(folder, little.settings) as small,
        processes.service(folder, much.settings) as large,
    ):
        for title, case in (
            (f"T1 with {plan.much:,} prompts, half not available", "claim"),
            (f"T2 with {plan.much:,} contents", "submit"),
        ):
            grown = await scale.grow(
                title,
                case,
                Site(little, small),
                Site(much, large),
                rounds=plan.rounds_of_growth,
                requests=plan.requests_of_growth,
                tell=tell,
            )
            found.append(grown)
    return found


if __name__ == "__main__":
    typer.run(main)
