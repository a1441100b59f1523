"""Real `pygai serve` processes for tests that kill things."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import SECRET

PATIENCE_SECONDS = 60


@dataclass
class Service:
    """A `pygai serve` process, its address and its log."""

    port: int
    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["PYGAI_DATA_DIR"])

    def children(self) -> list[int]:
        """The processes that it has started and their own, of those that are there now."""
        return [] if self.process is None else _below(self.process.pid)

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "app.cli", "serve", "--port", str(self.port),
                env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        await self._until_it_answers()

    async def kill(self) -> None:
        """As a crash does it: without a word."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.process.wait()

    async def _until_it_answers(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient(base_url=self.url) as client:
            while True:
                if self.process is None or self.process.returncode is not None:
                    raise AssertionError(f"the service ended early:\n{self.log.read_text()}")
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)


@asynccontextmanager
async def a_service(folder: Path, **settings: str) -> AsyncIterator[Service]:
    """A running service; keywords are settings. Without `database_url` it has an embedded PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "data_dir": str(folder / "data"),
        "secret": SECRET,
        "admin_password": "a password for tests",
    } | settings
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYGAI_")}
    environment = outside | {f"PYGAI_{name.upper()}": value for name, value in given.items()}
    service = Service(a_free_port(), environment, folder / "service.log")
    try:
        await service.start()
        yield service
    finally:
        await service.stop()


def is_running(pid: int) -> bool:
    """Not when it has ended and only nobody has asked how."""
    return "State:" in (status := _told(pid, "status")) and "State:\tZ" not in status


def is_worker(pid: int) -> bool:
    """Whether it is one that Python has started to share work with."""
    return "spawn_main" in _told(pid, "cmdline")


def _below(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for thread in threads for child in _read(thread).split()]
    return [pid for child in own for pid in (child, *_below(child))]


def _told(pid: int, what: str) -> str:
    return _read(Path(f"/proc/{pid}/{what}"))


def _read(told: Path) -> str:
    """Nothing of a process that ends meanwhile."""
    try:
        return told.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
