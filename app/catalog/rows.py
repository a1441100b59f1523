"""Adding, changing and removing named rows on which nothing else depends."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.postgres import named_rows
from app.models import Config, Instruction, Interval, Topic

Row = TypeVar("Row", Topic, Interval, Config, Instruction)


async def add(session: AsyncSession, row: Row) -> Row:
    """Raises Invalid, and Conflict when the name is taken."""
    named_rows.check_name(row)
    return await save(session, row)


async def edit(session: AsyncSession, row: Row, changes: Mapping[str, Any]) -> Row:
    """Raises Invalid, Conflict."""
    assign(row, changes)
    return await save(session, row)


async def remove(session: AsyncSession, row: Row) -> None:
    """Prompts that refer to it go on without it."""
    await session.delete(row)
    await session.flush()


def assign(row: Row, changes: Mapping[str, Any]) -> frozenset[str]:
    """Set columns; the names of those that are different now. Raises Invalid."""
    was = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    named_rows.check_name(row)
    return frozenset(name for name, value in was.items() if getattr(row, name) != value)


async def save(session: AsyncSession, row: Row) -> Row:
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return row
