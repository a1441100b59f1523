"""T1 with `wait`: long-polling."""

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from sqlalchemy import event

from app.models import Prompt
from tests.builders import a_content, a_prompt, a_token, a_token_of, a_topic, a_user, ago, ahead, an_interval
from tests.conftest import a_client, eventually
from tests.envelopes import failed, succeeded

PATH = "/aiprompt/output/"
LONG = 20
"""Longer than any of these tests: whoever is answered, is answered by an event and not by the end of the wait."""


async def fetch(client, **params):
    return succeeded(await client.get(PATH, params=params))


async def until_waiting(service, number=1):
    async def are_waiting():
        return len(service.state.waiting_room._waiters) == number

    await eventually(are_waiting)


@asynccontextmanager
async def many_clients(service, number):
    """Clients with a token each."""
    user = await a_user(service.state.database)
    async with AsyncExitStack() as stack:
        tokens = [await a_token_of(service, user) for _ in range(number)]
        yield [await stack.enter_async_context(a_client(service, token)) for token in tokens]


@asynccontextmanager
async def a_waiting_client(service, client, **params):
    """A request that waits for a task."""
    request = asyncio.create_task(fetch(client, **({"wait": LONG} | params)))
    await until_waiting(service)
    try:
        yield request
    finally:
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)


async def soon(request):
    return await asyncio.wait_for(request, 5)


async def execute(database, statement, *values):
    async with database.driver() as connection:
        await connection.execute(statement, *values)


async def test_what_is_available_is_handed_out_without_waiting(client, database):
    prompt = await a_prompt(database)
    began = time.monotonic()

    task = await fetch(client, wait=60)

    assert task["id"] == prompt.id
    assert time.monotonic() - began < 5


async def test_at_the_end_of_the_wait_the_answer_is_empty(client):
    began = time.monotonic()

    answer = await client.get(PATH, params={"wait": "0.5"})

    assert answer.content == b'{"status":"success","data":{}}'
    assert answer.headers["Cache-Control"] == "no-store"
    assert 0.45 < time.monotonic() - began < 5


async def test_a_new_prompt_answers_at_once(service, client, database):
    async with a_waiting_client(service, client) as request:
        prompt = await a_prompt(database)

        task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_prompt_that_an_operator_enables_answers_at_once(service, client, database):
    prompt = await a_prompt(database, is_enabled=False)
    async with a_waiting_client(service, client) as request:
        await execute(database, "UPDATE gai_prompt SET is_enabled = true")

        task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_released_task_answers_at_once(service, client, database):
    prompt = await a_prompt(database)
    async with a_client(service, await a_token(service)) as holder:
        await fetch(holder)
        async with a_waiting_client(service, client) as request:
            await holder.post(f"/aiprompt/{prompt.id}/release/")

            task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_reset_answers_at_once(service, client, database):
    content = await a_content(database)
    prompt = await a_prompt(
        database, last_content_id=content.id, last_content_at=ago(hours=1), available_at=ahead(days=1)
    )
    async with a_waiting_client(service, client) as request:
        async with a_client(service, await a_token(service)) as other:
            await other.get("/aiprompt/reset/")

        task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_reported_failure_answers_at_once(service, client, database):
    prompt = await a_prompt(database)
    async with a_client(service, await a_token(service)) as holder:
        await fetch(holder)
        async with a_waiting_client(service, client) as request:
            report = {"status": "fail", "data": {"promptId": str(prompt.id), "reason": "no model"}}
            await holder.post("/aicontent/input/", json=report)

            task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_lapsing_lease_answers_when_it_lapses(service, client, database):
    prompt = await a_prompt(database, leased_to="gone", leased_for=timedelta(seconds=1))
    async with a_waiting_client(service, client) as request:
        task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_lease_made_while_others_wait_answers_when_it_lapses(start, database):
    service = await start(lease_seconds=1)
    prompt = await a_prompt(database, available_at=ahead(seconds=0.4))
    async with many_clients(service, 2) as clients:
        tasks = await asyncio.gather(*(soon(fetch(client, wait=LONG)) for client in clients))

    assert [task["id"] for task in tasks] == [prompt.id] * 2


async def test_an_interval_coming_due_answers_when_it_does(service, client, database):
    interval = await an_interval(database)
    content = await a_content(database)
    prompt = await a_prompt(
        database,
        interval_id=interval.id,
        last_content_id=content.id,
        last_content_at=ago(minutes=5),
        available_at=ahead(seconds=1),
    )
    async with a_waiting_client(service, client) as request:
        task = await soon(request)

    assert task["id"] == prompt.id


async def test_a_task_goes_to_the_one_whose_filters_it_matches(service, database):
    topic = await a_topic(database)
    async with (
        many_clients(service, 2) as (indifferent, choosy),
        a_waiting_client(service, choosy, topicId=topic.id) as request,
    ):
        other = await a_prompt(database)
        task = await fetch(indifferent, wait=LONG)
        assert not request.done()
        wanted = await a_prompt(database, topic_id=topic.id)

        wanted_task = await soon(request)

    assert task["id"] == other.id
    assert wanted_task["id"] == wanted.id


async def test_who_waits_longest_is_served_first(service, database):
    async with many_clients(service, 5) as clients:
        requests = []
        for number, client in enumerate(clients, 1):
            requests.append(asyncio.create_task(fetch(client, wait=1)))
            await until_waiting(service, number)
        for _ in range(2):
            await a_prompt(database)

        tasks = await asyncio.gather(*requests)

    assert [bool(task) for task in tasks] == [True, True, False, False, False]


async def test_sixty_waiters_and_three_prompts_make_three_tasks(start, database):
    service = await start(database_pool_size=5)
    async with many_clients(service, 60) as clients:
        requests = [asyncio.create_task(fetch(client, wait=3)) for client in clients]
        await until_waiting(service, 60)
        prompts = {(await a_prompt(database)).id for _ in range(3)}

        tasks = await asyncio.gather(*requests)

    assert sorted(task["id"] for task in tasks if task) == sorted(prompts)
    assert tasks.count({}) == 57


async def test_waiting_clients_hold_no_connection_and_hinder_nobody(start, database):
    service = await start(database_pool_size=5)
    async with many_clients(service, 61) as (busy, *idle):
        requests = [asyncio.create_task(fetch(client, wait=LONG)) for client in idle]
        await until_waiting(service, 60)
        await eventually(lambda: nobody_uses(service.state.database))
        began = time.monotonic()

        for _ in range(10):
            await fetch(busy)
            succeeded(await busy.get("/aiprompt/reset/", params={"id": 1}))

        assert time.monotonic() - began < 5
        assert not any(request.done() for request in requests)
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)


async def nobody_uses(database):
    return database.engine.pool.checkedout() == 0


async def test_idle_waiting_asks_the_database_next_to_nothing(service, database):
    used = []
    async with many_clients(service, 20) as clients:
        requests = [asyncio.create_task(fetch(client, wait=LONG)) for client in clients]
        await until_waiting(service, 20)
        await eventually(lambda: nobody_uses(service.state.database))
        await asyncio.sleep(0.3)
        event.listen(service.state.database.engine.sync_engine, "checkout", lambda *_: used.append(1))

        await asyncio.sleep(2)

        # A whole minute may begin just now, at which Cron expressions come due: one look, one question.
        assert len(used) <= 2
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)


async def test_the_watcher_rests_when_nobody_waits(service, client):
    await fetch(client, wait=0.1)

    await asyncio.sleep(0)

    assert not service.state.waiting_room._waiters


async def test_two_waiting_requests_of_one_token_get_the_same_task(service, database):
    async with many_clients(service, 2) as (client, other):
        requests = []
        for number, asking in enumerate((client, other, client), 1):
            requests.append(asyncio.create_task(fetch(asking, wait=1)))
            await until_waiting(service, number)
        prompt = await a_prompt(database)

        tasks = await asyncio.gather(*requests)

    assert [task.get("id") for task in tasks] == [prompt.id, None, prompt.id]


async def test_waiting_goes_on_after_the_listening_connection_was_killed(service, client, database):
    async with a_waiting_client(service, client) as request:
        await kill_connections(database, "query NOT ILIKE '%gai_prompt%' AND query ILIKE '%LISTEN%'")
        prompt = await a_prompt(database)

        task = await soon(request)

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


@pytest.mark.parametrize("value", ["60.1", "61", "1e9", "-1", "-0.001", "nan", "inf", "-inf", "abc", "", "1,5"])
async def test_a_wait_outside_nought_to_sixty_is_refused(client, database, value):
    prompt = await a_prompt(database)

    answer = await client.get(PATH, params={"wait": value})

    failed(answer, 422, "wait")
    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).leased_to is None


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
    assert await eventually(lambda: nobody_uses(service.state.database))


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
