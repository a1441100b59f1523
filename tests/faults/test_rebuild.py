"""A site that is being made anew while its service is killed, loses its worker, is stopped or has to publish."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from app.core.postgres.database import Database
from app.core.settings import Settings
from app.models import Directory, Prompt
from app.publishing.build.rebuild import SLICE
from app.publishing.build.site_locks import Turns
from app.sites import service as sites
from tests.builders import a_prompt, a_submission
from tests.conftest import eventually
from tests.faults.archive import an_archive, survey
from tests.faults.processes import Service, a_service, is_running, is_worker

ARTICLES = 400
SLICES = ARTICLES // SLICE
FIRST = "2026/01/story-1"
TITLE = "Rainy days"
# What deploy/ gives a service to stop in is several times as long.
STOP_SECONDS = 15


@dataclass
class Renewal:
    """A service that makes a site anew, because somebody has changed the site's title."""

    service: Service
    database: Database
    site: Directory

    @property
    def folder(self) -> Path:
        return self.service.data_dir / "sites" / self.site.path

    async def begin(self) -> None:
        settings = Settings(data_dir=self.service.data_dir, database_url=self.database.dsn)
        async with self.database.session() as session:
            row = await session.get_one(Directory, self.site.id)
            await sites.edit(session, settings, row, {"title": TITLE})
        await eventually(self.slices, seconds=30)

    async def slices(self) -> int:
        """How many are done of a rebuild that is not."""
        async with self.database.session() as session:
            row = await session.get_one(Directory, self.site.id)
            return row.rebuilt_parts if row.rebuilt_as else 0

    async def jobs(self) -> list[str]:
        async with self.database.driver() as connection:
            return [row["status"] for row in await connection.fetch("SELECT status FROM pgqueuer")]

    async def is_over(self) -> bool:
        return not await self.jobs()

    def workers(self) -> list[int]:
        return [child for child in self.service.children() if is_worker(child)]

    async def has_no_worker(self) -> bool:
        return not self.workers()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[int]:
        """No slice is begun any more, as while somebody publishes; so many are done."""
        turns = Turns(self.database)
        try:
            async with turns.at(self.site.id):
                yield await self.slices()
        finally:
            await turns.aclose()

    def first_page(self) -> int:
        """Another number once it is written again."""
        return (self.folder / FIRST / "index.html").stat().st_ino

    async def assert_whole(self) -> None:
        await eventually(self.is_over, seconds=40)
        found = await survey(self.service, self.database.dsn)
        assert (found.missing, found.stale, found.foreign) == ([], [], [])
        pages = [page.read_text() for page in self.folder.rglob("*.html")]
        assert len(pages) > ARTICLES
        assert [page for page in pages if TITLE not in page] == []


@pytest.fixture
async def renewal(dsn: str, database: Database, tmp_path: Path) -> AsyncIterator[Renewal]:
    site = await an_archive(database, articles=ARTICLES)
    async with a_service(tmp_path / "service", database_url=dsn) as service:
        yield Renewal(service, database, site)


async def _are_gone(pids: list[int]) -> bool:
    return not any(map(is_running, pids))


async def test_a_rebuild_goes_on_after_its_service_was_killed(renewal: Renewal):
    await renewal.begin()
    async with renewal.held() as done:
        children, workers, first_page = renewal.service.children(), renewal.workers(), renewal.first_page()
        await renewal.service.kill()
        await eventually(lambda: _are_gone(children))
        jobs = await renewal.jobs()
    await renewal.service.start()

    assert (len(workers), jobs) == (1, ["picked"])
    assert 0 < done < SLICES
    await renewal.assert_whole()
    assert renewal.first_page() == first_page


async def test_a_rebuild_goes_on_after_its_worker_was_killed(renewal: Renewal):
    await renewal.begin()
    async with renewal.held() as done:
        (worker,), first_page = renewal.workers(), renewal.first_page()
        os.kill(worker, signal.SIGKILL)
        await eventually(lambda: _are_gone([worker]))
        async with httpx.AsyncClient(base_url=renewal.service.url) as client:
            answers = [await client.get(path) for path in ("/readyz", f"/sites/Site/{FIRST}/")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert 0 < done < SLICES
    await renewal.assert_whole()
    assert renewal.first_page() == first_page
    await eventually(renewal.has_no_worker)


async def test_a_service_that_is_stopped_leaves_its_rebuild_to_the_next_start(renewal: Renewal):
    await renewal.begin()
    async with renewal.held() as done:
        children, first_page = renewal.service.children(), renewal.first_page()
        async with asyncio.timeout(STOP_SECONDS):
            await renewal.service.stop()
        await eventually(lambda: _are_gone(children))
        jobs = await renewal.jobs()
    await renewal.service.start()

    assert jobs == ["queued"]
    assert 0 < done < SLICES
    await renewal.assert_whole()
    assert renewal.first_page() == first_page


async def test_pages_are_published_while_their_site_is_made_anew(renewal: Renewal):
    prompt = await a_prompt(renewal.database, dir_id=renewal.site.id, count=1000)
    async with httpx.AsyncClient(base_url=renewal.service.url, timeout=30) as client:
        await _sign_in(client)
        await renewal.begin()
        titles = [await _published(client, prompt, "Late story 1")]
        while await renewal.slices():
            titles.append(await _published(client, prompt, f"Late story {len(titles) + 1}"))

    await renewal.assert_whole()
    front = (renewal.folder / "index.html").read_text()
    assert [title for title in titles[-12:] if title not in front] == []


async def _published(client: httpx.AsyncClient, prompt: Prompt, title: str) -> str:
    """Submit it, and see that its page is there when the answer is."""
    submission = a_submission(promptId=str(prompt.id), text=f"# {title}\n\nIt rains.")
    answer = await client.post("/aicontent/input/?writetofile=1", json=submission)
    page = await client.get(httpx.URL(answer.headers["Content-Location"]).path)
    assert (answer.status_code, page.status_code) == (200, 200)
    assert title in page.text
    return title


async def _sign_in(client: httpx.AsyncClient) -> None:
    form = {"username": "admin@example.com", "password": "a password for tests"}
    answer = await client.post("/signin", data=form)
    client.headers["Authorization"] = f"Bearer {answer.json()['data']['jwt']}"
