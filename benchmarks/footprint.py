"""What the service weighs when it idles, and how soon it answers."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.duel import Tell
from benchmarks.processes import Weight

MOST_MEBIBYTES = 150
MOST_SECONDS = 5
SETTLE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Footprint:
    """Memory of each idle worker, seconds from the command to the first answer."""

    alone: list[Weight]
    of_two: list[Weight]
    first_start_seconds: float
    start_seconds: list[float]

    @property
    def heaviest(self) -> float:
        return max(weight.resident for weight in (*self.alone, *self.of_two))

    @property
    def typical_start_seconds(self) -> float:
        return round(statistics.median(self.start_seconds), 2)


def tread(folder: Path, *, starts: int, tell: Tell) -> Footprint:
    """Start on a data folder of its own, embedded PostgreSQL included, again and again."""
    settings = {"PYGAI_DATA_DIR": str(folder / "footprint")}
    tell("Starting for the first time")
    first, alone = _started(folder, settings, workers=1)
    taken: list[float] = []
    for _ in range(starts):
        tell("Starting again on the same data folder")
        seconds, alone = _started(folder, settings, workers=1)
        taken.append(seconds)
    tell("Starting with two workers")
    _, of_two = _started(folder, settings, workers=2)
    return Footprint(alone, of_two, first, taken)


def _started(folder: Path, settings: dict[str, str], *, workers: int) -> tuple[float, list[Weight]]:
    with processes.service(folder, settings, workers=workers) as server:
        time.sleep(SETTLE_SECONDS)
        return server.seconds_to_first_answer, [processes.weigh(pid) for pid in server.workers]
