"""One writer to a site at a time, on whichever machine; a rebuild lets several of its own work side by side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

import asyncpg

from app.core.postgres.advisory_locks import AdvisoryLock
from app.core.postgres.database import Database

SITE = AdvisoryLock.SITE.value
LONGEST_WAIT_SECONDS = 600
_SPARE_CONNECTIONS = 2


class Turns:
    """Turns at sites, held by advisory locks: a process that dies gives its own back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queues: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._spare: list[asyncpg.Connection] = []

    @asynccontextmanager
    async def at(self, *dir_ids: int) -> AsyncIterator[None]:
        """Alone at these sites; no transaction is open meanwhile."""
        async with AsyncExitStack() as stack:
            # In one order everywhere, or two could wait for each other.
            for dir_id in sorted(set(dir_ids)):
                # First come, first served within the process, so that a crowd holds one connection and not many.
                await stack.enter_async_context(self._queues.setdefault(dir_id, asyncio.Lock()))
                await stack.enter_async_context(self._locked("pg_advisory_lock", "pg_advisory_unlock", dir_id))
            yield

    @asynccontextmanager
    async def beside_others(self, dir_id: int) -> AsyncIterator[None]:
        """At a site with others of a rebuild, but with nobody who publishes."""
        async with self._locked("pg_advisory_lock_shared", "pg_advisory_unlock_shared", dir_id):
            yield

    @asynccontextmanager
    async def rebuilding(self, dir_id: int) -> AsyncIterator[bool]:
        """The only one to make a site anew; false when another is at it, however long that takes."""
        connection = await self._connection()
        try:
            query = "SELECT pg_try_advisory_lock($1, $2)"
            is_ours: bool = await connection.fetchval(query, AdvisoryLock.SITE_REBUILD.value, dir_id % 2**31)
            yield is_ours
        finally:
            connection.terminate()

    async def aclose(self) -> None:
        while self._spare:
            await self._spare.pop().close(timeout=1)

    @asynccontextmanager
    async def _locked(self, lock: str, unlock: str, dir_id: int) -> AsyncIterator[None]:
        key = dir_id % 2**31
        connection = await self._connection()
        try:
            await connection.execute(f"SELECT {lock}($1, $2)", SITE, key, timeout=LONGEST_WAIT_SECONDS)
            yield
        except BaseException:
            # Closing it gives the lock back, however this ended.
            connection.terminate()
            raise
        try:
            await connection.execute(f"SELECT {unlock}($1, $2)", SITE, key)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            # What was done in the turn is done, and the lock went with its connection.
            connection.terminate()
            return
        except BaseException:
            connection.terminate()
            raise
        if len(self._spare) < _SPARE_CONNECTIONS:
            self._spare.append(connection)
        else:
            connection.terminate()

    async def _connection(self) -> asyncpg.Connection:
        while self._spare:
            connection = self._spare.pop()
            if not connection.is_closed():
                return connection
        return await self._database.connect()
