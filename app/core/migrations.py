"""Brings a database to the newest schema, one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.core.db import Database

SCRIPTS = Path(__file__).parents[2] / "alembic"

# Any constant: it only has to be the same in every process of ours.
MIGRATION_LOCK = 0x50794761


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def newest_revision() -> str | None:
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


async def migrate(database: Database, *, to: str = "head") -> None:
    """Upgrade to `to`; other processes that try at the same time wait and find it done."""
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        await connection.commit()
        try:
            await connection.run_sync(_upgrade, to)
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            await connection.commit()


async def current_revision(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def _upgrade(connection: Connection, to: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
