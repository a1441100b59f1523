"""Reading the script that `pg_restore --data-only` makes of a dump, without ever running it."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from app.core import errors

CHUNK_BYTES = 1024 * 1024
MOST_BYTES_OF_STATEMENT = 64 * 1024

_NAME = r'(?:[a-z_][a-z0-9_$]*|"(?:[^"\n]|"")+")'
_COPY = re.compile(rf"COPY {_NAME}\.(?P<table>{_NAME}) \((?P<columns>{_NAME}(?:, {_NAME})*)\) FROM stdin;")
_SETVAL = re.compile(
    rf"SELECT pg_catalog\.setval\('{_NAME}\.(?P<name>{_NAME})', (?P<value>-?\d{{1,19}}),"
    r" (?P<is_called>true|false)\);"
)
_ENCODING = re.compile(r"SET client_encoding = '(?P<encoding>\w+)';")
# What says nothing of the data: remarks, and how a session of psql is to be set up.
_IDLE = re.compile(
    r"(--.*|SET \w+ = [\w']+;|SELECT pg_catalog\.set_config\('search_path', '', false\);|\\(un)?restrict \w+)?"
)
_END = b"\n\\.\n"


class Source(Protocol):
    """The output of a program."""

    async def read(self, count: int) -> bytes: ...


@dataclass(frozen=True)
class TableRows:
    """The rows of one table as COPY takes them; to be read before the next part of the script is asked for."""

    table: str
    columns: list[str]
    encoding: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class SequenceValue:
    name: str
    value: int
    is_called: bool


class Script:
    """The parts of a script that hold data. Raises Invalid at anything that pg_dump does not write for data."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._buffer = b""
        self._encoding = "UTF8"

    async def parts(self) -> AsyncIterator[TableRows | SequenceValue]:
        while (line := await self._next_line()) is not None:
            if found := _COPY.fullmatch(line):
                columns = [_plain(name) for name in re.findall(_NAME, found["columns"])]
                chunks = self._chunks()
                yield TableRows(_plain(found["table"]), columns, self._encoding, chunks)
                async for _ in chunks:
                    pass
            elif found := _SETVAL.fullmatch(line):
                yield SequenceValue(_plain(found["name"]), int(found["value"]), found["is_called"] == "true")
            elif found := _ENCODING.fullmatch(line):
                self._encoding = found["encoding"]
            elif not _IDLE.fullmatch(line):
                raise errors.Invalid({"file": f"its database holds what no backup of ours does: {line[:80]!r}"})

    async def _next_line(self) -> str | None:
        while b"\n" not in self._buffer:
            more = await self._source.read(CHUNK_BYTES)
            if not more and not self._buffer:
                return None
            if not more or len(self._buffer) > MOST_BYTES_OF_STATEMENT:
                raise errors.Invalid({"file": "its database cannot be read: a statement has no end"})
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace")

    async def _chunks(self) -> AsyncIterator[bytes]:
        # With a line break in front, an end in the first line is found like any other.
        buffer, surplus = b"\n" + self._buffer, 1
        while (end := buffer.find(_END)) < 0:
            # What may be the beginning of the end stays.
            ready = buffer[: 1 - len(_END)]
            if len(ready) > surplus:
                yield ready[surplus:]
                buffer, surplus = buffer[len(ready) :], 0
            more = await self._source.read(CHUNK_BYTES)
            if not more:
                raise errors.Invalid({"file": "its database is cut short"})
            buffer += more
        self._buffer = buffer[end + len(_END) :]
        if rest := buffer[surplus : end + 1]:
            yield rest


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
