"""PostgreSQL's NOTIFY, heard on one connection for the whole process."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from app.core.postgres.database import Database

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 0.5
PING_SECONDS = 5.0


Callback = Callable[[str], None]


class Notifications:
    """Listens while the service runs and calls back, in the event loop, with each payload.

    Nothing may rely on having heard everything: while `is_listening` is false, and once after it became true
    again, subscribers must look for themselves. `on_gap` callbacks are told of each such moment.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)
        self._on_gap: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self.is_listening = False

    def subscribe(self, channel: str, callback: Callback) -> None:
        """Call back with the payload of each NOTIFY on a channel. Call it before `start`."""
        self._callbacks[channel].append(callback)

    def on_gap(self, callback: Callable[[], None]) -> None:
        self._on_gap.append(callback)

    async def start(self) -> None:
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._run(ready), name="notifications")
        await ready.wait()

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, ready: asyncio.Event) -> None:
        while True:
            try:
                await self._listen(ready)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as lost:
                log.warning("notifications lost, listening again", reason=str(lost))
            self._gap()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, ready: asyncio.Event) -> None:
        connection = await self._database.connect()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            for channel in self._callbacks:
                await connection.add_listener(channel, self._hear)
            self.is_listening = True
            self._gap_over()
            ready.set()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), PING_SECONDS)
                await connection.execute("SELECT 1")
        finally:
            self.is_listening = False
            connection.terminate()

    def _hear(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        for callback in self._callbacks[channel]:
            callback(str(payload))

    def _gap(self) -> None:
        for callback in self._on_gap:
            callback()

    _gap_over = _gap
