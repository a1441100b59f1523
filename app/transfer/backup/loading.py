"""Filling the tables that our migrations have made with the rows of a dump.

Nothing in a dump is run as SQL: of the script that pg_restore makes, the data is read and everything else refused.
"""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from app.core import errors
from app.jobs.queue import TABLE_PREFIX
from app.transfer.backup import postgres, queries
from app.transfer.backup.script import Script, SequenceValue, TableRows


async def load(connection: AsyncConnection, dump_file: Path) -> list[str]:
    """Within the connection's transaction; gives the names of tables that have rows and are none of ours.

    Raises Invalid when the dump does not fit the tables.
    """
    async with queries.suspended_constraints(connection), postgres.data_script(dump_file) as source:
        loader = _Loader(
            connection, await queries.list_columns(connection), await queries.list_sequences(connection)
        )
        async for part in Script(source).parts():
            if isinstance(part, SequenceValue):
                await loader.set_sequence(part)
            else:
                await loader.fill(part)
    loader.refuse_incomplete()
    return loader.left_out


class _Loader:
    def __init__(self, connection: AsyncConnection, columns: dict[str, set[str]], sequences: set[str]) -> None:
        self._connection = connection
        self._columns = columns
        self._sequences = sequences
        self._filled: set[str] = set()
        self.left_out: list[str] = []

    async def fill(self, rows: TableRows) -> None:
        known = self._columns.get(rows.table)
        if known is None:
            if await anext(rows.chunks, None):
                self.left_out.append(rows.table)
            return
        unknown = sorted(set(rows.columns) - known)
        if unknown or rows.table in self._filled:
            what = f"columns that no release of ours has: {', '.join(unknown)}" if unknown else "its rows twice"
            raise errors.Invalid({"file": f"has of the table {rows.table} {what}"})
        self._filled.add(rows.table)
        await queries.copy_rows(self._connection, rows.table, rows.columns, rows.chunks, encoding=rows.encoding)

    async def set_sequence(self, sequence: SequenceValue) -> None:
        if sequence.name in self._sequences:
            await queries.set_sequence(
                self._connection, sequence.name, value=sequence.value, is_called=sequence.is_called
            )

    def refuse_incomplete(self) -> None:
        # A later PgQueuer may have tables that an earlier one had not.
        missing = sorted(name for name in self._columns.keys() - self._filled if not name.startswith(TABLE_PREFIX))
        if missing:
            raise errors.Invalid({"file": f"its database lacks the table {missing[0]}"})
