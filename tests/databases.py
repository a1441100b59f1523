"""Databases for tests: cloned from a migrated template, emptied after use and used again.

Cloning copies some three hundred files, emptying takes a few milliseconds.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from alembic import command
from sqlalchemy import Connection

from app.core.postgres import migrations
from app.core.postgres.database import Database

_numbers = itertools.count(1)
_free: list[str] = []

# What a test may have done to the database beyond its rows.
SHAPE = """
SELECT (SELECT string_agg(version_num, ',') FROM alembic_version) || ' ' || count(*) || ' ' || md5(string_agg(
    concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY c.relname, a.attnum))
    || (SELECT count(*) FROM pg_constraint) || ' ' || (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
"""
DISCONNECT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


@asynccontextmanager
async def a_database(server: str, template: str, shape: str) -> AsyncIterator[str]:
    """The address of an empty database. `server` is the address of another one on the same server."""
    name = _free.pop() if _free else await _cloned(server, template)
    address = address_of(server, name)
    yield address
    if await _emptied(address, shape):
        _free.append(name)
    else:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def address_of(server: str, name: str) -> str:
    return server.replace("/pygai?", f"/{name}?")


async def shape_of(address: str) -> str:
    """Equal for two databases of the same tables, columns, indexes and revision."""
    connection = await asyncpg.connect(address)
    try:
        return str(await connection.fetchval(SHAPE))
    finally:
        await connection.close()


async def execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _cloned(server: str, template: str) -> str:
    name = f"test_{next(_numbers)}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return name


async def _emptied(address: str, shape: str) -> bool:
    """Whether it could be emptied; not when the test changed more than rows."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(DISCONNECT)
        if await connection.fetchval(SHAPE) != shape:
            return False
        tables = [row[0] for row in await connection.fetch(TABLES)]
        sequences = [row[0] for row in await connection.fetch(SEQUENCES)]
        # Without triggers and foreign keys, so that no order has to be kept and nobody is told.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("; ".join(f"DELETE FROM {table}" for table in tables))
        await connection.execute("; ".join(f"SELECT setval('{name}', 1, false)" for name in sequences))
        return True
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


async def downgrade(database: Database, to: str) -> None:
    """Take a database back to the schema of an older release."""

    def run(connection: Connection) -> None:
        config = migrations.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)

    async with database.engine.connect() as connection:
        await connection.run_sync(run)
