"""What was measured on published sites, as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import publishing, rebuilding
from benchmarks.publishing import Added
from benchmarks.reading import Served
from benchmarks.rebuilding import Rebuilt
from benchmarks.sites import Sites
from benchmarks.tables import Sheet, Target
from benchmarks.wrk import CONNECTIONS


def sheets(found: Sites) -> list[Sheet]:
    return [_additions(found), _buildings(found.rebuilt), _readings(found.served)]


def targets(found: Sites) -> list[Target]:
    small, large, rebuilt = found.small, found.large, found.rebuilt
    fast, steady = publishing.MOST_MILLISECONDS, publishing.MOST_TIMES_SLOWER
    share, weight = rebuilding.LEAST_OF_HUGO, rebuilding.MOST_MEBIBYTES
    added = f"One article added to {large.articles:,}"
    whole = f"All {rebuilt.articles:,} articles built"
    return [
        Target(added, f"< {fast} ms", f"{large.median:.1f} ms", large.median < fast),
        Target(
            f"{added}: times slower than to {small.articles:,}",
            f"≤ {steady}",
            f"{found.growth:.2f}",
            found.growth <= steady,
        ),
        Target(
            f"{added}: most files written, beside {small.articles:,}",
            "the same",
            f"{max(large.files)} and {max(small.files)}",
            max(large.files) == max(small.files),
        ),
        Target(
            f"{whole}: of Hugo's pages per second",
            f"≥ {share:.2f}",
            f"{rebuilt.ratio:.2f}",
            rebuilt.ratio >= share,
        ),
        Target(
            f"{whole}: peak memory of all processes",
            f"< {weight} MiB",
            f"{rebuilt.ours.peak_mebibytes:.0f} MiB",
            rebuilt.ours.peak_mebibytes < weight,
        ),
    ]


def as_dict(found: Sites) -> dict[str, Any]:
    medians = {"growth": found.growth, "rebuilt_of_hugo": found.rebuilt.ratio}
    return {**asdict(found), **medians}


def _additions(found: Sites) -> Sheet:
    head = ("Maker", "Articles", "Median ms", "p95 ms", "Files written", "Times ours")
    ours = [_ours(added, found.large) for added in (found.small, found.large)]
    theirs = [
        (one.name, f"{one.articles:,}", f"{one.median:,.0f}", "", "", f"{one.median / found.large.median:,.0f}")
        for one in found.compared
    ]
    return Sheet("One article added, until it is on disk and everything leads there", head, [*ours, *theirs])


def _ours(added: Added, of: Added) -> Sequence[str]:
    times = f"{added.median / of.median:.2f}"
    return "pygai", f"{added.articles:,}", f"{added.median:.1f}", f"{added.p95:.1f}", _span(added.files), times


def _buildings(found: Rebuilt) -> Sheet:
    head = ("Maker", "HTML pages", "Seconds", "Pages/s", "Peak MiB", "Ratio")
    sides = ((found.hugo, "1"), (found.ours, f"{found.ratio:.2f}"))
    rows = [
        (
            side.name,
            f"{side.pages:,}",
            f"{side.seconds:.1f}",
            f"{side.pages_per_second:,.0f}",
            f"{side.peak_mebibytes:.0f}",
            ratio,
        )
        for side, ratio in sides
    ]
    return Sheet(f"All {found.articles:,} articles, every page anew", head, rows)


def _readings(found: Iterable[Served]) -> Sheet:
    head = ("Through", "Requests/s", "p50 ms", "p99 ms", "Page bytes")
    rows = [
        (
            one.name,
            f"{one.requests_per_second:,.0f}",
            f"{one.p50_milliseconds:.2f}",
            f"{one.p99_milliseconds:.2f}",
            f"{one.page_bytes:,}",
        )
        for one in found
    ]
    return Sheet(f"A published page read, {CONNECTIONS} connections", head, rows)


def _span(found: Sequence[int]) -> str:
    """A number, or from one to another."""
    least, most = min(found), max(found)
    return str(least) if least == most else f"{least} to {most}"
