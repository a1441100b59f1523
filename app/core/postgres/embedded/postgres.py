"""The PostgreSQL that comes with pip: made, started, shared between processes, restarted and stopped.

Two locks keep the processes of one data folder out of each other's way. `postgres.lock` is held alone while
somebody makes, starts or stops the server; `postgres.users` is held shared by everyone who uses it, and whoever
then gets it alone was the last. The kernel drops both when a process dies, so a killed service leaves nothing to
clean up: the server runs on and the next start finds it.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from app.core.postgres.embedded import server
from app.core.postgres.embedded.file_lock import FileLock
from app.core.postgres.embedded.layout import EmbeddedPostgresError, Layout, binaries_dir, prepare_layout

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "binaries_dir", "watch"]

DYING_SECONDS = 30.0
RETRY_SECONDS = 0.2
# What PostgreSQL says while the processes of a killed server are still going.
STILL_DYING = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')

log = structlog.get_logger(__name__)


class EmbeddedPostgres:
    """One process's use of the server in a data folder. The methods block: call them in a thread."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.resolve()
        self._layout: Layout | None = None
        self._sockets: Path | None = None
        self._use: FileLock | None = None

    @property
    def dsn(self) -> str:
        """The address for asyncpg and libpq, known once started."""
        if self._sockets is None:
            raise EmbeddedPostgresError("The embedded PostgreSQL was not started yet.")
        # The port is named because both would take PGPORT from the environment otherwise.
        return f"postgresql://postgres@/{server.DATABASE}?host={self._sockets}&port=5432"

    @property
    def binaries(self) -> Path:
        """The folder of pg_dump and the rest, in the place this server runs from."""
        return self._layout.binaries if self._layout else binaries_dir()

    @property
    def cluster(self) -> Path:
        """The folder of the database files, known once started; for root it may lie outside the data folder."""
        return self._placed().cluster

    @property
    def is_running(self) -> bool:
        return self._sockets is not None and server.answers(self._sockets)

    def start(self) -> str:
        """Begin to use the server, made and started where need be, and return its address.

        Raises:
            EmbeddedPostgresError: it cannot be made or started; the words say why and what helps.
        """
        with _in_words("be started"):
            layout = self._layout = prepare_layout(self._data_dir)
            with FileLock(layout.start_lock):
                server.refuse_other_version(layout.link)
                server.make_cluster(layout)
                self._make_ready(layout)
                if not self._is_used:
                    self._use = FileLock(layout.users_lock)
                    self._use.hold_shared()
        return self.dsn

    def ensure_running(self) -> None:
        """Restart the server if it is gone; costs next to nothing when it is not, does nothing once released.

        Raises:
            EmbeddedPostgresError: it is gone and cannot be restarted.
        """
        if not self._is_used or self.is_running:
            return
        layout = self._placed()
        with _in_words("be restarted"), FileLock(layout.start_lock):
            if not self._is_used or self.is_running:
                return
            self._bring_up(layout)
            log.warning("embedded_postgres_restarted", cluster=str(layout.cluster))

    def release(self) -> None:
        """Give up the use; the last user stops the server. Doing it twice does no harm."""
        if self._use is None:
            return
        layout = self._placed()
        try:
            with _in_words("be stopped"), FileLock(layout.start_lock):
                if self._is_used and self._use.is_now_alone() and self.is_running:
                    server.stop(layout)
                self._use.drop()
        finally:
            self._use.drop()

    @property
    def _is_used(self) -> bool:
        return self._use is not None and self._use.is_held

    def _placed(self) -> Layout:
        if self._layout is None:
            raise EmbeddedPostgresError("The embedded PostgreSQL was not started yet.")
        return self._layout

    def _make_ready(self, layout: Layout) -> None:
        """Bring the server up and wait until it lets us in; one that was found may still be recovering."""
        deadline = time.monotonic() + server.READY_SECONDS
        while True:
            sockets = self._bring_up(layout)
            done = server.make_database(layout, sockets)
            if done.returncode == 0:
                return
            refused_for_now = done.returncode == 2
            if not refused_for_now or time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"The embedded PostgreSQL lets nobody in: {done.stderr.strip()}")
            time.sleep(RETRY_SECONDS)

    def _bring_up(self, layout: Layout) -> Path:
        """Start the server unless it answers, waiting for the remains of a killed one to go."""
        deadline = time.monotonic() + DYING_SECONDS
        while True:
            self._sockets = sockets = server.find_socket_dir(layout)
            if server.answers(sockets):
                return sockets
            problem = server.launch(layout, sockets)
            if problem is None:
                return sockets
            if not any(words in problem for words in STILL_DYING) or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL did not start. The end of {layout.log} says:\n{problem}"
                )
            time.sleep(RETRY_SECONDS)


async def watch(server: EmbeddedPostgres, *, every_seconds: float = 1.0) -> None:
    """Look after the server for as long as the service runs; ends only by being cancelled."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(server.ensure_running)
        except EmbeddedPostgresError as error:
            log.error("embedded_postgres_is_down", reason=str(error))


@contextlib.contextmanager
def _in_words(purpose: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(f"The embedded PostgreSQL could not {purpose}: {error}") from error
