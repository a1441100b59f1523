"""From settings to a database that is there, migrated and has an administrator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio.to_thread

from app.access import service as access
from app.core import security
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres, watch
from app.core.settings import Settings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What had to be made up at a first start; the password is to be shown now and never again."""

    admin_email: str
    made_up_password: str | None


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """The settings' database, or the embedded one, watched over while it is in use."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            dsn = settings.database_url.get_secret_value()
        else:
            embedded = EmbeddedPostgres(settings.data_dir)
            dsn = await anyio.to_thread.run_sync(embedded.start)
            stack.callback(embedded.release)
            watching = asyncio.create_task(watch(embedded), name="embedded postgresql")
            stack.push_async_callback(_cancelled, watching)
        database = Database(
            dsn, pool_size=settings.database_pool_size, timeout_seconds=settings.database_timeout_seconds
        )
        stack.push_async_callback(database.dispose)
        yield database


async def prepare(settings: Settings) -> Prepared:
    """Make what a first start needs and bring what is there up to date. Raises SecretMissing.

    On a public address nothing secret is made up: a second replica would make up another.
    """
    is_private = settings.host in LOOPBACK
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    security.signing_secret(settings, may_make=is_private)
    async with opened_database(settings) as database:
        await migrations.migrate(database)
        async with database.session() as session:
            made_up = await access.ensure_administrator(session, settings)
    return Prepared(settings.admin_email, made_up)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
