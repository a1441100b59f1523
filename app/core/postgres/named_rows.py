"""Rows that people call by a unique name: found by it, or by their number."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors

GREATEST_ID = 2**63 - 1
LONGEST_NAME = 200


class NamedRow(Protocol):
    """A row of a table with these two columns."""

    id: int
    name: str


Named = TypeVar("Named", bound=NamedRow)


async def list_all(session: AsyncSession, kind: type[Named]) -> Sequence[Named]:
    query: Any = select(kind).order_by(_column(kind, "id"))
    return (await session.scalars(query)).all()


async def find_by_name(session: AsyncSession, kind: type[Named], name: str) -> Named | None:
    # PostgreSQL takes no NUL character, not even to look for it.
    if "\x00" in name:
        return None
    query: Any = select(kind).where(_column(kind, "name") == name)
    found: Named | None = await session.scalar(query)
    return found


async def find(session: AsyncSession, kind: type[Named], reference: str) -> Named | None:
    """The row of that name, or of that number when none has the name."""
    found = await find_by_name(session, kind, reference)
    if found is not None or not (reference.isascii() and reference.isdecimal()):
        return found
    return await session.get(kind, int(reference)) if int(reference) <= GREATEST_ID else None


async def get(session: AsyncSession, kind: type[Named], reference: str) -> Named:
    """Raises NotFound."""
    found = await find(session, kind, reference)
    if found is None:
        raise _missing(kind, reference)
    return found


async def lock(session: AsyncSession, kind: type[Named], reference: str) -> Named:
    """The row as it is now, and stays for others until the transaction ends. Raises NotFound."""
    found = await get(session, kind, reference)
    locked = await session.get(kind, found.id, with_for_update={"key_share": True}, populate_existing=True)
    if locked is None:
        raise _missing(kind, reference)
    return locked


def _missing(kind: type[Named], reference: str) -> errors.NotFound:
    noun = kind.__name__.lower()
    return errors.NotFound({noun: f"there is no {noun} {reference!r}"})


def check_name(row: NamedRow) -> None:
    """Strip the name. Raises Invalid."""
    row.name = row.name.strip()
    if not 0 < len(row.name) <= LONGEST_NAME:
        raise errors.Invalid({"name": f"must have 1 to {LONGEST_NAME} characters"})


def _column(kind: type[Named], name: str) -> Any:
    return getattr(kind, name)
