"""What the conversion of a row knows of the others."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from app.core.settings import Settings
from app.media.library import StoredFile
from app.models import Directory
from app.transfer.original.files import Shelf
from app.transfer.original.source import Values
from app.transfer.original.values import OddRow, shown
from app.transfer.queries import Columns

NOUNS = {
    "gaiTopic": "topic",
    "gaiInterval": "interval",
    "gaiInstruction": "instruction",
    "gaiConfig": "config",
    "gaiDirectory": "directory",
    "gaiPrompt": "prompt",
    "gaiContent": "content",
}


@dataclass
class FileCount:
    """What became of the files a row names."""

    imported: int = 0
    mended: int = 0
    set_aside: int = 0


@dataclass
class Draft:
    """A row to be added, with the rows below it; or one of ours that is the same thing already."""

    columns: Columns = field(default_factory=dict)
    children: list[Columns] = field(default_factory=list)
    media: list[StoredFile] = field(default_factory=list)
    files: FileCount = field(default_factory=FileCount)
    adopted_id: int | None = None


@dataclass
class References:
    """Our ids by the original's, table by table; None for a row that did not come over or was removed here."""

    ids: dict[str, dict[int, int | None]] = field(default_factory=lambda: {table: {} for table in NOUNS})
    # The rows of the small tables, to see whether the copies of them in a prompt are stale.
    originals: dict[str, dict[int, Values]] = field(default_factory=lambda: {table: {} for table in NOUNS})

    def resolve(self, row: OddRow, column: str, table: str) -> int | None:
        """Our id of what a column names; what names nothing is mended to none."""
        value = row.raw(column)
        if value is None:
            return None
        if value in ("", 0) or not isinstance(value, int) or value not in self.ids[table]:
            row.mend(f"{column} {shown(value)} names no {NOUNS[table]}", "none")
            return None
        ours = self.ids[table][value]
        if ours is None:
            row.mend(f"{column} {value} names {NOUNS[table]} {value}, which did not come over or is gone", "none")
        return ours


@dataclass(frozen=True)
class Context:
    settings: Settings
    zone: ZoneInfo
    now: datetime
    uploads: Shelf
    downloads: Shelf
    # Rows that were here before the import and names that are taken, by table.
    existing: dict[type[SQLModel], dict[str, Any]]
    taken: dict[type[SQLModel], set[str]]
    # Expression and time zone of our intervals by id, known once the intervals are in.
    schedules: dict[int, tuple[str, str]] = field(default_factory=dict)
    references: References = field(default_factory=References)
    # Original id of the latest content, by our id of the prompt: joined when the contents are in.
    last_contents: dict[int, int] = field(default_factory=dict)
    # Sites that are here or about to be, and the ids of ours by the folder they had in the original.
    directories: list[Directory] = field(default_factory=list)
    sites: dict[str, int | None] = field(default_factory=dict)
