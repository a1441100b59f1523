"""Alembic's environment: runs on the connection it is given, or on the settings' database."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import app.models  # noqa: F401  -- makes the tables known
from app.core.postgres.database import Database
from app.core.settings import Settings


def of_ours(name: str | None, kind: str, _parents: object) -> bool:
    """PgQueuer keeps tables of its own in the same schema."""
    return not (kind == "table" and (name or "").startswith("pgqueuer"))


def run(connection: Connection, *, commits: bool = True) -> None:
    # A migration waits no longer than this for a lock, instead of holding up every request behind it.
    connection.execute(text("SET lock_timeout = '10s'"))
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=of_ours,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if commits:
        connection.commit()


async def run_standalone() -> None:
    url = Settings().database_url
    if url is None:
        raise SystemExit("Set PYGAI_DATABASE_URL to run alembic by hand.")
    database = Database(url.get_secret_value())
    async with database.engine.connect() as connection:
        await connection.run_sync(run)
    await database.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given, commits=context.config.attributes.get("commits", True))
else:
    asyncio.run(run_standalone())
