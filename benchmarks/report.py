"""What was measured, as tables on the terminal, as Markdown and as JSON."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import footprint, scale, site_tables
from benchmarks.duel import Duel, Side
from benchmarks.footprint import Footprint
from benchmarks.scale import Growth
from benchmarks.sites import Sites
from benchmarks.tables import Sheet, Target
from benchmarks.wrk import CONNECTIONS

RESULTS = Path(__file__).with_name("results")
PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "asyncpg", "pydantic", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run of the benchmark found out."""

    began_at: datetime
    load_averages: list[float]
    duels: list[Duel]
    growths: list[Growth]
    sites: Sites
    footprint: Footprint

    @property
    def machine(self) -> dict[str, Any]:
        return {
            "system": platform.platform(),
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "load_averages_before_and_after": self.load_averages,
            "packages": {name: version(name) for name in PACKAGES},
        }

    @property
    def targets(self) -> list[Target]:
        return [
            *_speed_targets(self.duels),
            *_growth_targets(self.growths),
            *site_tables.targets(self.sites),
            *_size_targets(self.footprint),
        ]


def _speed_targets(duels: Iterable[Duel]) -> list[Target]:
    """They are set for one worker."""
    return [
        Target(f"{duel.case.title}: of the ceiling", f"≥ {wanted}", f"{duel.ratio:.2f}", duel.ratio >= wanted)
        for duel in duels
        if duel.workers == 1 and (wanted := duel.case.target)
    ]


def _growth_targets(growths: Iterable[Growth]) -> list[Target]:
    wanted = scale.TARGET
    return [
        Target(f"{growth.title}: times slower", f"≤ {wanted}", f"{growth.ratio:.2f}", growth.ratio <= wanted)
        for growth in growths
    ]


def _size_targets(found: Footprint) -> list[Target]:
    mebibytes, seconds = footprint.MOST_MEBIBYTES, footprint.MOST_SECONDS
    weight, start = found.heaviest, found.typical_start_seconds
    return [
        Target("Resident memory of an idle worker", f"< {mebibytes} MiB", f"{weight:.0f} MiB", weight < mebibytes),
        Target("Start to first answer", f"< {seconds} s", f"{start:.1f} s", start < seconds),
    ]


def sheets(report: Report) -> list[Sheet]:
    return [
        _speed(report.duels),
        _growth(report.growths),
        *site_tables.sheets(report.sites),
        _size(report.footprint),
        _verdict(report.targets),
    ]


def _speed(duels: Iterable[Duel]) -> Sheet:
    head = ("Case", "Workers", "Side", "Requests/s", "p50 ms", "p99 ms", "CPU µs", "wrk CPU", "Ratio")
    rows: list[Sequence[str]] = []
    for duel in duels:
        rows.append((duel.case.title, str(duel.workers), "ceiling", *_side(duel.ceiling), "1"))
        rows.append(("", "", "service", *_side(duel.service), f"{duel.ratio:.2f}"))
    return Sheet(f"Against the ceiling, {CONNECTIONS} connections", head, rows)


def _side(side: Side) -> tuple[str, ...]:
    return (
        f"{side.requests_per_second:,.0f}",
        f"{side.p50_milliseconds:.2f}",
        f"{side.p99_milliseconds:.2f}",
        f"{side.cpu_microseconds:.0f}",
        f"{side.generator_cpu:.2f}",
    )


def _growth(growths: Iterable[Growth]) -> Sheet:
    head = ("Case", "Median ms with little", "Median ms with much", "Ratio")
    rows = [(one.title, f"{one.small:.2f}", f"{one.large:.2f}", f"{one.ratio:.2f}") for one in growths]
    return Sheet("With a thousand times as much, one connection", head, rows)


def _size(found: Footprint) -> Sheet:
    rows = [
        (f"Idle worker, {name}", f"{weight.resident:.0f} MiB resident, {weight.proportional:.0f} MiB by share")
        for name, weights in (("alone", found.alone), ("one of two", found.of_two))
        for weight in weights
    ]
    rows.append(("First start on an empty folder", f"{found.first_start_seconds:.1f} s"))
    rows.append(("Start on an existing folder", f"{found.typical_start_seconds:.1f} s"))
    return Sheet("Size and start", ("What", "Measured"), rows)


def _verdict(targets: Iterable[Target]) -> Sheet:
    rows = [(one.name, one.wanted, one.reached, "met" if one.is_met else "missed") for one in targets]
    return Sheet("Targets", ("What", "Wanted", "Reached", "Verdict"), rows)


def show(report: Report, console: Console) -> None:
    for sheet in sheets(report):
        console.print(sheet.as_table())


def write(report: Report) -> Path:
    """`<date>.json` and `latest.md`; where the JSON is."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{report.began_at:%Y-%m-%d-%H%M%S}.json"
    path.write_text(json.dumps(_as_dict(report), indent=2, ensure_ascii=False, default=str) + "\n")
    (RESULTS / "latest.md").write_text(_as_markdown(report))
    return path


def _as_dict(report: Report) -> dict[str, Any]:
    duels = [
        {**asdict(duel), "case": duel.case._asdict(), "ratios": duel.ratios, "ratio": duel.ratio}
        for duel in report.duels
    ]
    growths = [{**asdict(growth), "ratio": growth.ratio} for growth in report.growths]
    return {
        "began_at": report.began_at.astimezone(UTC).isoformat(),
        "machine": report.machine,
        "connections": CONNECTIONS,
        "duels": duels,
        "growths": growths,
        "sites": site_tables.as_dict(report.sites),
        "footprint": asdict(report.footprint),
        "targets": [asdict(target) for target in report.targets],
    }


def _as_markdown(report: Report) -> str:
    machine = report.machine
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    facts = f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {packages}."
    loads = " and ".join(f"{load:.1f}" for load in report.load_averages)
    head = (
        f"# Measured {report.began_at:%Y-%m-%d %H:%M} UTC\n\n{facts}\n\nLoad average before and after: {loads}.\n"
    )
    return "\n".join([head, *(sheet.as_markdown() for sheet in sheets(report))])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
