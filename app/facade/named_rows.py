"""What the verbs of named rows on which nothing else depends have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Caller
from app.audit.service import Change, present, record, record_edit, snapshot
from app.core.postgres import named_rows
from app.core.postgres.database import Database
from app.models import Config, Instruction, Interval, Topic

Row = TypeVar("Row", Topic, Interval, Config, Instruction)
Shown = TypeVar("Shown", bound=BaseModel)


class RowService(Protocol[Row]):
    """A module of `app.catalog`."""

    async def add(self, session: AsyncSession, row: Row, /) -> Row: ...

    async def edit(self, session: AsyncSession, row: Row, changes: Mapping[str, Any], /) -> Row: ...

    async def remove(self, session: AsyncSession, row: Row, /) -> None: ...


@dataclass(frozen=True, slots=True)
class NamedRows(Generic[Row, Shown]):
    """The rows of a table, found by name or number. Only administrators may see and change them."""

    table: type[Row]
    shown: type[Shown]
    service: RowService[Row]

    async def list_all(self, database: Database, caller: Caller) -> list[Shown]:
        caller.require_admin()
        async with database.session() as session:
            return [self._shown(row) for row in await named_rows.list_all(session, self.table)]

    async def read(self, database: Database, caller: Caller, reference: str) -> Shown:
        caller.require_admin()
        async with database.session() as session:
            return self._shown(await named_rows.lock(session, self.table, reference))

    async def add(self, database: Database, caller: Caller, draft: BaseModel) -> Shown:
        caller.require_admin()
        async with database.session() as session:
            row = await self.service.add(session, self.table(**dict(draft)))
            after = present(snapshot(row))
            await record(session, Change(caller.username, f"{self._noun}.add", self._subject(row), after=after))
            return self._shown(row)

    async def edit(self, database: Database, caller: Caller, reference: str, changes: Mapping[str, Any]) -> Shown:
        caller.require_admin()
        async with database.session() as session:
            row = await named_rows.lock(session, self.table, reference)
            before = snapshot(row)
            row = await self.service.edit(session, row, changes)
            action, after = f"{self._noun}.edit", snapshot(row)
            await record_edit(session, caller.username, action, self._subject(row), before=before, after=after)
            return self._shown(row)

    async def remove(self, database: Database, caller: Caller, reference: str) -> Shown:
        caller.require_admin()
        async with database.session() as session:
            row = await named_rows.lock(session, self.table, reference)
            before = present(snapshot(row))
            await self.service.remove(session, row)
            await record(
                session, Change(caller.username, f"{self._noun}.remove", self._subject(row), before=before)
            )
            return self._shown(row)

    def _shown(self, row: Row) -> Shown:
        return self.shown.model_validate(row.model_dump())

    def _subject(self, row: Row) -> str:
        return f"{self._noun} {row.id}"

    @property
    def _noun(self) -> str:
        return self.table.__name__.lower()
