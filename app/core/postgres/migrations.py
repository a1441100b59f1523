"""Brings a database to the newest schema, one process at a time."""

# Alembic, 7 MiB of it, is imported where it is used: a worker process needs none of it.

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.postgres.advisory_locks import AdvisoryLock
from app.core.postgres.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parents[3] / "alembic"


def alembic_config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


@cache
def newest_revision() -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(SCRIPTS)).get_current_head()


async def migrate(database: Database, *, to: str = "head") -> None:
    """Upgrade to `to`; other processes that try at the same time wait and find it done."""
    key = {"key": AdvisoryLock.MIGRATION.value}
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
        await connection.commit()
        try:
            await connection.run_sync(_upgrade, to)
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
            await connection.commit()


async def upgrade_within(connection: AsyncConnection, *, to: str = "head") -> None:
    """Upgrade in the transaction of the connection, which its owner commits; others that migrate wait for that."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": AdvisoryLock.MIGRATION.value})
    await connection.run_sync(_upgrade, to, commits=False)


async def current_revision(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, to: str, *, commits: bool = True) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    config.attributes["commits"] = commits
    command.upgrade(config, to)
