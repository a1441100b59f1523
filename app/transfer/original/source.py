"""An original database, opened for reading only."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from app.core import errors

MAGIC = b"SQLite format 3\x00"
BATCH = 500

# The columns without which a table is not what we take it for; others may be missing in an old database.
NEEDED = {
    "gaiTopic": {"id", "name"},
    "gaiInterval": {"id", "name", "expr"},
    "gaiInstruction": {"id", "name", "text"},
    "gaiConfig": {"id", "name", "type", "text"},
    "gaiDirectory": {"id", "name", "path"},
    "gaiPrompt": {"id", "type", "text", "enabled", "quota"},
    "gaiContent": {"id", "promptId", "text"},
    "gaiPublish": {"id", "contentId", "filename"},
}
OPTIONAL = ("gaiPublishAttachment",)

Values = Mapping[str, Any]


def is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


class OriginalDatabase:
    """The tables of one file, as they stood when it was opened. Opened and closed as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aenter__(self) -> Self:
        self._connection = await asyncio.to_thread(_opened, self._path)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await asyncio.to_thread(self._connection.close)

    async def count(self, table: str) -> int:
        rows = await asyncio.to_thread(self._read, f"SELECT count(*) AS n FROM {table}")
        return int(rows[0]["n"])

    async def has(self, table: str) -> bool:
        """Whether an optional table is there."""
        query = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{table}'"
        return bool(await asyncio.to_thread(self._read, query))

    async def rows(self, query: str) -> AsyncIterator[Sequence[Values]]:
        """The rows of a query in batches, so that any number of them fits."""
        with _readable(self._path):
            cursor = await asyncio.to_thread(self._connection.execute, query)
            while rows := await asyncio.to_thread(cursor.fetchmany, BATCH):
                yield rows

    def _read(self, query: str) -> list[Values]:
        with _readable(self._path):
            return self._connection.execute(query).fetchall()


def _opened(path: Path) -> sqlite3.Connection:
    with _readable(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = _as_mapping
    # Bytes that are no UTF-8 become characters that `OddRow` finds and mends.
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    # One transaction for all reading: what is written meanwhile is not half seen.
    connection.execute("BEGIN")
    _refuse_damage(connection, path)
    _refuse_other_tables(connection, path)


def _as_mapping(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _refuse_damage(connection: sqlite3.Connection, path: Path) -> None:
    verdict = next(iter(connection.execute("PRAGMA quick_check(1)").fetchone().values()))
    if verdict != "ok":
        raise errors.Invalid({"file": f"{path} is damaged: {verdict}"})


def _refuse_other_tables(connection: sqlite3.Connection, path: Path) -> None:
    for table, needed in NEEDED.items():
        found = {column["name"] for column in connection.execute(f"PRAGMA table_info({table})")}
        if not found:
            raise errors.Invalid({"file": f"{path} is no PyGai database: it has no table {table}"})
        if missing := sorted(needed - found):
            lacking = ", ".join(missing)
            raise errors.Invalid({"file": f"{path} is no PyGai database: {table} has no column {lacking}"})


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as refused:
        hint = "stop PyGai, so that it finishes what it is writing, and try again"
        raise errors.Invalid({"file": f"{path} cannot be read ({refused}); {hint}"}) from refused
    except sqlite3.DatabaseError as damaged:
        raise errors.Invalid({"file": f"{path} is damaged or no database: {damaged}"}) from damaged
