"""T1 with `wait`: long-polling, and what ends it."""

import asyncio
import time
from datetime import timedelta

from app.models import Prompt
from tests.api.waiters import LONG, PATH, a_waiting_client, answers_of, fetch, many_clients, soon, waiting
from tests.builders import a_content, a_prompt, a_token, a_topic, ago, ahead, an_interval
from tests.conftest import a_client
from tests.envelopes import failed


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
    async with many_clients(service, 5) as clients, waiting(service, *clients) as requests:
        for _ in range(2):
            await a_prompt(database)

        tasks = await answers_of(requests, expected=2)

    assert [bool(task) for task in tasks] == [True, True, False, False, False]


async def test_two_waiting_requests_of_one_token_get_the_same_task(service, database):
    async with many_clients(service, 2) as (client, other), waiting(service, client, other, client) as requests:
        prompt = await a_prompt(database)

        tasks = await answers_of(requests, expected=2)

    assert [task and task["id"] for task in tasks] == [prompt.id, None, prompt.id]


async def test_a_wait_outside_nought_to_sixty_is_refused(client, database):
    prompt = await a_prompt(database)

    for value in ("60.1", "61", "1e9", "-1", "-0.001", "nan", "inf", "-inf", "abc", "", "1,5"):
        failed(await client.get(PATH, params={"wait": value}), 422, "wait")

    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).leased_to is None
