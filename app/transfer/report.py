"""What an import did: how many rows of each table, and a line for each that was not what it should be."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class RemarkKind(StrEnum):
    MENDED = "mended"
    SET_ASIDE = "set aside"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd about a row and what was done about it; `row` is its id or the number of its line."""

    table: str
    row: int | str
    kind: RemarkKind
    what: str
    done: str


@dataclass(slots=True)
class Tally:
    """Rows of one table. `imported` counts the mended ones too."""

    imported: int = 0
    mended: int = 0
    set_aside: int = 0
    already_there: int = 0


@dataclass
class Report:
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    remarks: list[Remark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, remarks: list[Remark]) -> None:
        self.remarks.extend(remarks)

    def note(self, sentence: str) -> None:
        """Something that holds for all rows, said once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def imported(self) -> int:
        return sum(tally.imported for tally in self.tallies.values())

    def rows(self) -> list[dict[str, Any]]:
        """A line per table, for printing."""
        return [{"table": table, **asdict(tally)} for table, tally in self.tallies.items()]

    def as_json(self) -> dict[str, Any]:
        return {
            "tables": self.rows(),
            "notes": self.notes,
            "remarks": [asdict(remark) for remark in self.remarks],
        }
