"""`kill -9` while sixteen clients submit: nothing acknowledged is lost, nothing is stored twice."""

import asyncio
import base64
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from app import demo
from app.core.postgres.embedded.postgres import EmbeddedPostgres
from tests.builders import a_submission
from tests.conftest import eventually
from tests.faults.archive import survey
from tests.faults.processes import Service, a_service

CLIENTS = 16
BEFORE_SECONDS = 2.0
AFTER_SECONDS = 2.0
PICTURE = "data:image/png;base64," + base64.b64encode(demo.rain_on_a_window(width=60, height=40)).decode()

Blow = Callable[[Service, str], Awaitable[None]]


@dataclass
class Crowd:
    """Clients that submit until told to stop, and repeat what was not acknowledged."""

    url: str
    jwt: str
    acknowledged: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    is_over: bool = False

    async def submit(self, client_number: int) -> None:
        headers = {"Authorization": f"Bearer {self.jwt}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as client:
            number = 0
            while not self.is_over:
                number += 1
                await self._until_acknowledged(client, f"L-{client_number}-{number}", with_page=number % 4 == 0)

    async def _until_acknowledged(self, client: httpx.AsyncClient, hist_id: str, *, with_page: bool) -> None:
        files = [PICTURE] if with_page else []
        body = a_submission(histId=hist_id, text=f"# Text {hist_id}", files=files)
        path = "/aicontent/input/?writetofile=1" if with_page else "/aicontent/input/"
        while True:
            try:
                answer = await client.post(path, json=body)
            except httpx.TransportError as lost:
                self.failures[type(lost).__name__] += 1
            else:
                if answer.status_code == 200:
                    self.acknowledged.append(hist_id)
                    return
                self.failures[str(answer.status_code)] += 1
                assert answer.status_code == 503, answer.text
                assert answer.json()["status"] == "error"
            await asyncio.sleep(0.1)


async def kill_the_service(service: Service, _dsn: str) -> None:
    await service.kill()
    await service.start()


async def kill_postgresql(_service: Service, dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    data_directory = await connection.fetchval("SHOW data_directory")
    await connection.close()
    postmaster = int((Path(data_directory) / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)


@pytest.mark.parametrize("blow", [kill_the_service, kill_postgresql])
async def test_what_was_acknowledged_is_there_once_after_a_kill(tmp_path_factory, blow: Blow):
    folder = _open_folder(tmp_path_factory)
    async with a_service(folder, publish_wait_seconds="1") as service:
        dsn = await _prepare_site(service, folder)
        crowd = Crowd(service.url, await _signed_in(service))
        clients = [asyncio.create_task(crowd.submit(number)) for number in range(CLIENTS)]

        await asyncio.sleep(BEFORE_SECONDS)
        await eventually(lambda: _has_begun(crowd), seconds=60)
        before_the_blow = len(crowd.acknowledged)
        await blow(service, dsn)
        await asyncio.sleep(AFTER_SECONDS)
        crowd.is_over = True
        await asyncio.gather(*clients)

        stored = await _stored(dsn)
        assert before_the_blow > 0
        assert len(crowd.acknowledged) > before_the_blow
        assert crowd.failures
        assert sorted(stored) == sorted(set(stored))
        assert set(crowd.acknowledged) <= set(stored)
        await eventually(lambda: _is_all_done(dsn), seconds=60)
        assert await _undone(dsn) == []
        found = await survey(service, dsn)
        assert (found.missing, found.stale, found.foreign) == ([], [], [])


async def _has_begun(crowd: Crowd) -> bool:
    return bool(crowd.acknowledged)


def _open_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("killed")
    return folder


async def _prepare_site(service: Service, folder: Path) -> str:
    """A site to publish to, and the address of the service's own database."""

    embedded = EmbeddedPostgres(folder / "data")
    dsn = await asyncio.to_thread(embedded.start)
    await asyncio.to_thread(embedded.release)
    connection = await asyncpg.connect(dsn)
    await connection.execute("INSERT INTO gai_directory (name, path) VALUES ('Site', 'Site')")
    await connection.close()
    return dsn


async def _signed_in(service: Service) -> str:
    async with httpx.AsyncClient(base_url=service.url) as client:
        form = {"username": "admin@example.com", "password": "a password for tests"}
        jwt: str = (await client.post("/signin", data=form)).json()["data"]["jwt"]
        return jwt


async def _rows(dsn: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query)
        return rows
    finally:
        await connection.close()


async def _stored(dsn: str) -> list[str]:
    return [row["hist_id"] for row in await _rows(dsn, "SELECT hist_id FROM gai_content")]


async def _undone(dsn: str) -> list[asyncpg.Record]:
    return await _rows(
        dsn,
        """SELECT 'file' AS what, id, status FROM gai_content_file WHERE status <> 'stored'
           UNION ALL SELECT 'page', id, status FROM gai_publish WHERE status <> 'published'""",
    )


async def _is_all_done(dsn: str) -> bool:
    jobs = await _rows(dsn, "SELECT id FROM pgqueuer")
    return not jobs and not await _undone(dsn)
