"""SQL of imports."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app.core.postgres.advisory_locks import AdvisoryLock
from app.models import (
    Config,
    Content,
    Directory,
    ImportOrigin,
    Instruction,
    Interval,
    Prompt,
    Publication,
    Topic,
)

# The tables of the seeds, in the order of their references.
GAI_TABLES: tuple[type[SQLModel], ...] = (
    Topic,
    Interval,
    Instruction,
    Config,
    Directory,
    Prompt,
    Content,
    Publication,
)


Columns = dict[str, Any]


async def lock_imports(session: AsyncSession) -> None:
    """One import at a time, until the transaction ends: two would take each other's rows for missing."""
    await session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.IMPORT.value)))


async def is_empty(session: AsyncSession, *tables: type[SQLModel]) -> bool:
    filled = [exists(select(table.id)) for table in tables]  # type: ignore[attr-defined]
    return not await session.scalar(select(or_(*filled)))


async def raise_sequence(session: AsyncSession, table: type[SQLModel], *, past: int) -> None:
    """New rows get ids above `past` from now on. Not undone by a rollback, which only leaves a gap."""
    name = table.__tablename__
    await session.execute(
        text(
            f"SELECT setval(sequence, greatest(:past, (SELECT max(id) FROM {name}), 1))"
            f" FROM pg_get_serial_sequence('{name}', 'id') AS sequence"
        ),
        {"past": past},
    )


async def next_ids(session: AsyncSession, table: type[SQLModel], count: int) -> Sequence[int]:
    rows = await session.scalars(
        text(
            "SELECT nextval(sequence) FROM pg_get_serial_sequence(:name, 'id') AS sequence,"
            " generate_series(1, :count)"
        ),
        {"name": str(table.__tablename__), "count": count},
    )
    return rows.all()


async def add_rows(session: AsyncSession, table: type[SQLModel], rows: Sequence[Columns]) -> None:
    if rows:
        # A null that is given is one: left to itself, SQLAlchemy has the column's default take its place.
        await session.execute(insert(table), rows, execution_options={"render_nulls": True})


async def list_rows(session: AsyncSession, table: type[SQLModel]) -> Sequence[Any]:
    """All rows of a small table."""
    return (await session.scalars(select(table))).all()


async def list_present(session: AsyncSession, table: type[SQLModel], ids: Sequence[int]) -> set[int]:
    """Those of the ids that have a row."""
    column = table.id  # type: ignore[attr-defined]
    return set(await session.scalars(select(column).where(column.in_(ids))))


async def list_created(session: AsyncSession, table: type[SQLModel], ids: Sequence[int]) -> dict[int, Any]:
    """When those of the ids that have a row were made."""
    query = select(table.id, table.created_at).where(table.id.in_(ids))  # type: ignore[attr-defined]
    return {row[0]: row[1] for row in await session.execute(query)}


async def find_origins(session: AsyncSession, fingerprints: Sequence[bytes]) -> dict[bytes, int]:
    """The ids of rows that were imported before, by fingerprint; the rows may be gone since."""
    query = select(col(ImportOrigin.fingerprint), col(ImportOrigin.row_id))
    rows = await session.execute(query.where(col(ImportOrigin.fingerprint).in_(fingerprints)))
    return {row[0]: row[1] for row in rows}


async def add_origins(session: AsyncSession, table: type[SQLModel], ids: Mapping[bytes, int]) -> None:
    name = str(table.__tablename__)
    rows = [{"fingerprint": key, "table_name": name, "row_id": id_} for key, id_ in ids.items()]
    await add_rows(session, ImportOrigin, rows)


async def set_last_contents(session: AsyncSession, content_ids: Mapping[int, int]) -> None:
    """Join prompts to their latest contents, which are there only after them."""
    # Not through the ORM: the prompt's own time of change came over with it and stays.
    await session.execute(
        text(
            "UPDATE gai_prompt SET last_content_id = given.content FROM"
            " unnest(CAST(:prompts AS bigint[]), CAST(:contents AS bigint[])) AS given (prompt, content)"
            " WHERE gai_prompt.id = given.prompt"
        ),
        {"prompts": list(content_ids), "contents": list(content_ids.values())},
    )
