"""`kill -9` in the middle of publications that nobody tries again: what they left is cleared away by the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from app.core.postgres.database import Database
from app.models import Prompt
from tests.builders import a_prompt, a_site, a_submission, a_topic
from tests.conftest import eventually
from tests.faults.archive import SITE, survey
from tests.faults.processes import Service, a_service

CLIENTS = 4
BLOWS = 4


async def test_publications_that_were_killed_and_forgotten_leave_nothing_behind(
    dsn: str, database: Database, tmp_path: Path
):
    site, topic = await a_site(database, name=SITE, path=SITE, page_size=1), await a_topic(database)
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id, count=10_000)
    left = 0

    async with a_service(tmp_path / "service", database_url=dsn, publish_wait_seconds="30") as service:
        for _ in range(BLOWS):
            await _kill_while_publishing(service, database, prompt)
            left += await _forget_what_was_begun(database)
            await service.start()
            async with _a_client(service) as client:
                await _published(client, prompt)
            found = await survey(service, dsn)

            assert (found.missing, found.stale, found.foreign) == ([], [], [])
    assert left > 0


async def _kill_while_publishing(service: Service, database: Database, prompt: Prompt) -> None:
    clients = [asyncio.create_task(_publish_until_killed(service, prompt)) for _ in range(CLIENTS)]
    await eventually(lambda: _is_between_two_files(database), seconds=60)
    await service.kill()
    await asyncio.gather(*clients)


async def _is_between_two_files(database: Database) -> bool:
    """A page has its place, and its publication is not at its end."""
    async with database.driver() as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM gai_page WHERE status = 'pending')"))


async def _forget_what_was_begun(database: Database) -> int:
    """Nobody tries it again; how many were in the middle of it."""
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM pgqueuer")
        left: int = await connection.fetchval("SELECT count(*) FROM gai_page WHERE status = 'pending'")
        return left


async def _publish_until_killed(service: Service, prompt: Prompt) -> None:
    with suppress(httpx.TransportError):
        async with _a_client(service) as client:
            while True:
                await _published(client, prompt)


async def _published(client: httpx.AsyncClient, prompt: Prompt) -> None:
    submission = a_submission(promptId=str(prompt.id), text="# Rain\n\nIt rains.")
    answer = await client.post("/aicontent/input/?writetofile=1", json=submission)
    assert answer.status_code in {200, 503}, answer.text


@asynccontextmanager
async def _a_client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """One that is signed in."""
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        form = {"username": "admin@example.com", "password": "a password for tests"}
        answer = await client.post("/signin", data=form)
        client.headers["Authorization"] = f"Bearer {answer.json()['data']['jwt']}"
        yield client
