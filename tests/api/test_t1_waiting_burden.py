"""T1 with `wait`: what many waiting clients cost, and what those leave behind who go away."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from sqlalchemy import event

from app.models import Prompt
from tests.api.waiters import (
    LONG,
    PATH,
    a_waiting_client,
    answers_of,
    fetch,
    many_clients,
    nobody_uses,
    soon,
    until_waiting,
    waiting,
)
from tests.builders import a_prompt, a_token
from tests.conftest import a_client, eventually
from tests.envelopes import succeeded


async def test_sixty_waiters_and_three_prompts_make_three_tasks(start, database):
    service = await start(database_pool_size=5)
    async with many_clients(service, 60) as clients, waiting(service, *clients) as requests:
        prompts = {(await a_prompt(database)).id for _ in range(3)}

        tasks = await answers_of(requests, expected=3)

    assert sorted(task["id"] for task in tasks if task) == sorted(prompts)
    assert tasks.count(None) == 57


async def test_waiting_clients_hold_no_connection_and_hinder_nobody(start, database):
    service = await start(database_pool_size=5)
    async with many_clients(service, 61) as (busy, *idle), waiting(service, *idle) as requests:
        await eventually(lambda: nobody_uses(service.state.runtime.database))
        began = time.monotonic()

        for _ in range(10):
            await fetch(busy)
            succeeded(await busy.get("/aiprompt/reset/", params={"id": 1}))

        assert time.monotonic() - began < 5
        assert not any(request.done() for request in requests)


async def test_idle_waiting_asks_the_database_next_to_nothing(service, database):
    used = []
    async with many_clients(service, 20) as clients, waiting(service, *clients):
        await eventually(lambda: nobody_uses(service.state.runtime.database))
        await asyncio.sleep(0.3)
        event.listen(service.state.runtime.database.engine.sync_engine, "checkout", lambda *_: used.append(1))

        await asyncio.sleep(2)

    # A whole minute may begin just now, at which Cron expressions come due: one look, one question.
    assert len(used) <= 2


async def test_waiting_goes_on_after_the_listening_connection_was_killed(service, client, database):
    async with a_waiting_client(service, client) as request:
        await kill_connections(database, "query NOT ILIKE '%gai_prompt%' AND query ILIKE '%LISTEN%'")
        prompt = await a_prompt(database)

        # At once, and not when the connection is next asked for a sign of life.
        task = await asyncio.wait_for(request, 3)

    assert task["id"] == prompt.id


async def test_waiting_goes_on_after_every_connection_was_killed(service, client, database):
    async with a_waiting_client(service, client) as request:
        await kill_connections(database, "true")
        await asyncio.sleep(0.2)
        prompt = await a_prompt(database)

        task = await soon(request)

    assert task["id"] == prompt.id


async def kill_connections(database, condition):
    connection = await database.connect()
    try:
        killed = await connection.fetch(
            f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"""
        )
    finally:
        await connection.close()
    assert killed


@asynccontextmanager
async def served(app):
    """The service behind a real server on loopback."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def has_started():
        return server.started

    await eventually(has_started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_a_client_that_hangs_up_is_not_handed_a_task(service, database):
    headers = {"Authorization": f"Bearer {await a_token(service)}"}
    async with served(service) as url:
        with pytest.raises(httpx.ReadTimeout):
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=0.5) as client:
                await client.get(PATH, params={"wait": LONG})
        await until_waiting(service, 0)
        prompt = await a_prompt(database)
        await asyncio.sleep(0.3)

    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).leased_to is None


async def test_clients_that_hang_up_at_once_do_no_harm(service, database):
    token = await a_token(service)
    question = f"GET {PATH}?wait={LONG} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\r\n"
    async with served(service) as url:
        for _ in range(30):
            _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(question.encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.2)
        await until_waiting(service, 0)
        prompt = await a_prompt(database)
        async with a_client(service, token) as client:
            task = await fetch(client, wait=LONG)

    assert task["id"] == prompt.id
    assert await eventually(lambda: nobody_uses(service.state.runtime.database))


@pytest.mark.parametrize("lapses_after", [-1, 1], ids=["at the first try", "while waiting"])
async def test_a_task_that_is_being_claimed_for_one_who_leaves_is_given_back(
    service, client, database, lapses_after
):
    prompt = await a_prompt(database, leased_to="gone", leased_for=timedelta(seconds=lapses_after))
    async with database.driver() as lock:
        # The claim must clear the lapsed lease first, for which it waits until this lock is gone.
        transaction = lock.transaction()
        await transaction.start()
        await lock.execute("SELECT FROM gai_prompt FOR UPDATE")
        leaving = asyncio.create_task(fetch(client, wait=LONG))
        await eventually(lambda: somebody_waits_for_a_lock(database))
        leaving.cancel()
        await asyncio.sleep(0.05)
        await transaction.rollback()
    await asyncio.gather(leaving, return_exceptions=True)

    async with a_client(service, await a_token(service)) as staying:
        task = await soon(fetch(staying, wait=LONG))

    assert task["id"] == prompt.id


async def somebody_waits_for_a_lock(database):
    async with database.driver() as connection:
        return await connection.fetchval(
            """SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'"""
        )
