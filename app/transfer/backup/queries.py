"""SQL of backups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.models import User
from app.transfer.queries import GAI_TABLES


async def count_rows(session: AsyncSession) -> dict[str, int]:
    """How many rows the tables of the seeds have, by name."""
    return {
        str(table.__tablename__): await session.scalar(select(func.count()).select_from(table)) or 0
        for table in GAI_TABLES
    }


async def count_users(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(User)) or 0


async def count_other_connections(connection: AsyncConnection) -> int:
    """Connections of services and commands to this database, this one left out."""
    return int(
        await connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'pygai' AND pid <> pg_backend_pid()"
            )
        )
        or 0
    )


# A schema of another name on the way would have tables of ours made in it.
EMPTIED = (
    "SET LOCAL lock_timeout = '10s'",
    "SET LOCAL search_path = public",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)
# Those of the tables to each other: they go in a circle, and are checked faster all at once.
FOREIGN_KEYS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS dropped,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
              pg_get_constraintdef(oid)) AS added
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname
"""
COLUMNS = """
SELECT c.relname, array_agg(a.attname::text)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY 1
"""
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


async def empty_schema(connection: AsyncConnection) -> None:
    """Everything in the schema public goes, whoever made it."""
    for statement in EMPTIED:
        await connection.execute(text(statement))


@asynccontextmanager
async def suspended_constraints(connection: AsyncConnection) -> AsyncIterator[None]:
    """Without foreign keys and triggers, which its owner may take away and put back; a superuser is not needed."""
    keys = (await connection.execute(text(FOREIGN_KEYS))).all()
    tables = list(await list_columns(connection))
    for statement in [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables] + [
        key.dropped for key in keys
    ]:
        await connection.exec_driver_sql(statement)
    await connection.exec_driver_sql("DELETE FROM alembic_version")
    yield
    for statement in [key.added for key in keys] + [
        f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables
    ]:
        await connection.exec_driver_sql(statement)
    # A migration that comes next goes by these numbers.
    await connection.exec_driver_sql(f"ANALYZE {', '.join(tables)}")


async def list_columns(connection: AsyncConnection) -> dict[str, set[str]]:
    """Of each table in the schema public, those that can be written."""
    return {name: set(columns) for name, columns in await connection.execute(text(COLUMNS))}


async def list_sequences(connection: AsyncConnection) -> set[str]:
    return set(await connection.scalars(text(SEQUENCES)))


async def copy_rows(
    connection: AsyncConnection, table: str, columns: list[str], chunks: AsyncIterator[bytes], *, encoding: str
) -> None:
    """Raises what asyncpg raises."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_to_table(table, schema_name="public", columns=columns, source=chunks, encoding=encoding)


async def set_sequence(connection: AsyncConnection, name: str, *, value: int, is_called: bool) -> None:
    """What the next `nextval` goes on from."""
    await connection.execute(
        text("SELECT setval(format('public.%I', CAST(:name AS text))::regclass, :value, :is_called)"),
        {"name": name, "value": value, "is_called": is_called},
    )


async def list_revisions(connection: AsyncConnection) -> list[str]:
    return list(await connection.scalars(text("SELECT version_num FROM alembic_version")))
