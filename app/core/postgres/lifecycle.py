"""Opening the database that the settings name, or the embedded one when they name none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio.to_thread

from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres, watch
from app.core.settings import Settings


@asynccontextmanager
async def open_database(settings: Settings, *, migrates: bool = False) -> AsyncIterator[Database]:
    """The settings' database, or the embedded one, which is watched over while it is in use.

    One that is empty or of an earlier release is migrated first when `migrates`.
    """
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
        if migrates and await migrations.current_revision(database) != migrations.newest_revision():
            await migrations.migrate(database)
        yield database


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
