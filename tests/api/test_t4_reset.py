"""T4: used prompts become available again."""

import asyncio
from datetime import timedelta

import pytest

from app.models import Prompt
from tests.builders import a_content, a_prompt, a_site, a_submission, a_token, a_topic, ago, ahead, an_interval
from tests.conftest import a_client, eventually
from tests.envelopes import failed, succeeded

PATH = "/aiprompt/reset/"


async def fetch(client, **params):
    return succeeded(await client.get("/aiprompt/output/", params=params))


async def row_of(database, prompt):
    async with database.session() as session:
        return await session.get(Prompt, prompt.id)


async def a_used_prompt(database, **columns):
    content = await a_content(database)
    given = {
        "last_content_id": content.id,
        "last_content_at": ago(minutes=5),
        "available_at": ahead(days=9),
        "count": 3,
        "initial_count": 10,
    }
    return await a_prompt(database, **(given | columns))


async def is_used(database, prompt):
    row = await row_of(database, prompt)
    return row.last_content_id is not None and row.last_content_at is not None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/aiprompt/reset/", "/aiprompt/reset"])
async def test_a_reset_is_answered_as_in_the_seed(client, database, method, path):
    prompt = await a_used_prompt(database)

    answer = await client.request(method, path)

    assert answer.status_code == 200
    assert answer.content == b'{"status":"success","data":{}}'
    assert answer.headers["Cache-Control"] == "no-store"
    assert not await is_used(database, prompt)


async def test_a_reset_clears_the_return_data_and_the_schedule_and_restores_the_count(client, database):
    interval = await an_interval(database, expression="0 0 1 1 *")
    prompt = await a_used_prompt(database, interval_id=interval.id)

    await client.get(PATH)

    row = await row_of(database, prompt)
    assert row.last_content_id is None
    assert row.last_content_at is None
    assert row.count == 10
    assert ago(seconds=30) < row.available_at <= ahead()
    assert (await fetch(client))["id"] == prompt.id


async def test_the_whole_circle_can_be_gone_again(client, database):
    prompt = await a_prompt(database, count=1, initial_count=1)
    await fetch(client)
    await client.post("/aicontent/input/", json=a_submission(promptId=str(prompt.id)))
    before = await fetch(client)

    succeeded(await client.get(PATH))

    assert before == {}
    assert (await fetch(client))["id"] == prompt.id
    assert (await row_of(database, prompt)).is_enabled


async def test_what_running_out_had_disabled_is_enabled_again(client, database):
    prompt = await a_used_prompt(database, count=0, is_enabled=False, is_exhausted=True)

    await client.get(PATH)

    row = await row_of(database, prompt)
    assert (row.is_enabled, row.is_exhausted, row.count) == (True, False, 10)


async def test_what_an_operator_disabled_stays_disabled(client, database):
    prompt = await a_used_prompt(database, is_enabled=False)

    await client.get(PATH)

    row = await row_of(database, prompt)
    assert (row.is_enabled, row.last_content_id) == (False, None)
    assert await fetch(client) == {}


async def test_a_prompt_that_was_never_used_keeps_its_place_and_its_count(client, database):
    prompt = await a_prompt(database, count=4, initial_count=10)

    await client.get(PATH)

    row = await row_of(database, prompt)
    assert (row.available_at, row.count, row.modified_at) == (prompt.available_at, 4, prompt.modified_at)


async def test_a_prompt_that_was_never_used_comes_before_those_that_were_reset(client, database):
    used = await a_used_prompt(database)
    fresh = await a_prompt(database, available_at=ago(seconds=5))

    await client.get(PATH)

    numbers = [(await fetch(client, next="true"))["id"] for _ in range(2)]
    assert numbers == [fresh.id, used.id]


async def test_a_running_lease_stays(client, database):
    prompt = await a_used_prompt(database, leased_to="somebody", leased_for=timedelta(minutes=5))

    await client.get(PATH)

    row = await row_of(database, prompt)
    assert (row.leased_to, row.leased_until) == ("somebody", prompt.leased_until)
    assert row.last_content_id is None
    assert await fetch(client) == {}


async def test_each_filter_narrows_the_reset(client, database):
    prompts = []
    for _ in range(2):
        interval, topic, site = await an_interval(database), await a_topic(database), await a_site(database)
        prompts.append(await a_used_prompt(database, interval_id=interval.id, topic_id=topic.id, dir_id=site.id))
    named, other = prompts
    columns = {"id": "id", "intervalId": "interval_id", "topicId": "topic_id", "dirId": "dir_id"}

    for name, column in columns.items():
        async with database.session() as session:
            (await session.get(Prompt, named.id)).last_content_at = ago(minutes=1)
        succeeded(await client.post(PATH, params={name: getattr(named, column)}))
        assert (await row_of(database, named)).last_content_at is None, name

    assert await is_used(database, other)


async def test_filters_of_a_reset_are_combined_and_zero_is_none(client, database):
    one, two = await a_topic(database), await a_topic(database)
    first = await a_used_prompt(database, topic_id=one.id)
    second = await a_used_prompt(database, topic_id=two.id)

    await client.get(PATH, params={"id": first.id, "topicId": two.id})
    nothing = [await is_used(database, prompt) for prompt in (first, second)]
    await client.get(PATH, params={"id": 0, "topicId": two.id, "dirId": 0})
    something = [await is_used(database, prompt) for prompt in (first, second)]

    assert nothing == [True, True]
    assert something == [True, False]


async def test_a_wrong_filter_resets_nothing(client, database):
    prompt = await a_used_prompt(database)

    answer = await client.get(PATH, params={"topicId": "all"})

    failed(answer, 422, "topicId")
    assert await is_used(database, prompt)


async def test_unknown_parameters_of_a_reset_are_ignored(client, database):
    prompt = await a_used_prompt(database)

    succeeded(await client.get(PATH, params={"force": "x"}))

    assert not await is_used(database, prompt)


async def test_counts_are_left_alone_when_the_setting_says_so(start, database):
    service = await start(reset_restores_count=False)
    used = await a_used_prompt(database)
    exhausted = await a_used_prompt(database, count=0, is_enabled=False, is_exhausted=True)

    async with a_client(service, await a_token(service)) as client:
        succeeded(await client.get(PATH))
        numbers = [(await fetch(client)).get("id"), (await fetch(client, next="true")).get("id")]

    assert numbers == [used.id, None]
    assert (await row_of(database, used)).count == 3
    row = await row_of(database, exhausted)
    assert (row.count, row.is_enabled, row.is_exhausted, row.last_content_id) == (0, False, True, None)


async def test_resets_at_once_do_not_stand_in_each_others_way(client, database):
    topics = [await a_topic(database) for _ in range(3)]
    async with database.driver() as connection:
        await connection.execute(
            """INSERT INTO gai_prompt (type, text, topic_id, last_content_at)
               SELECT 'gentxt', 'x', $1 + number % 3, now() FROM generate_series(1, 3000) number""",
            topics[0].id,
        )

    scopes = [{}, *({"topicId": topic.id} for topic in topics)] * 3
    answers = await asyncio.gather(*(client.get(PATH, params=scope) for scope in scopes))

    assert {answer.status_code for answer in answers} == {200}
    async with database.driver() as connection:
        assert await connection.fetchval("SELECT count(*) FROM gai_prompt WHERE last_content_at IS NOT NULL") == 0


async def test_a_reset_takes_prompts_in_one_order_whatever_order_they_are_stored_in(client, database):
    lowest = None
    for number in (30, 20, 10):
        lowest = await a_used_prompt(database, id=number)
    async with database.driver() as lock, database.driver() as other:
        transaction = lock.transaction()
        await transaction.start()
        await lock.execute("SELECT FROM gai_prompt WHERE id = $1 FOR UPDATE", lowest.id)
        resetting = asyncio.create_task(client.get(PATH))
        await eventually(lambda: other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        untouched = await other.fetch("SELECT id FROM gai_prompt ORDER BY id FOR UPDATE SKIP LOCKED")
        await transaction.rollback()
        succeeded(await resetting)

    assert [row["id"] for row in untouched] == [20, 30]


async def test_other_methods_are_refused_and_reset_nothing(client, database):
    prompt = await a_used_prompt(database)

    for method in ("HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = await client.request(method, PATH)
        assert answer.status_code == 405, method
        assert {allowed.strip() for allowed in answer.headers["Allow"].split(",")} == {"GET", "POST"}, method

    assert await is_used(database, prompt)


async def test_a_stranger_resets_nothing(stranger, database):
    prompt = await a_used_prompt(database)

    for method in ("GET", "POST"):
        failed(await stranger.request(method, PATH), 401, "Authorization")

    assert await is_used(database, prompt)
