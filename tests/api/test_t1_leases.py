"""T1: a task that was handed out is leased to the token that asked for it."""

import asyncio
from datetime import timedelta

import pytest

from app.access import service as access
from app.models import Prompt
from tests.builders import a_prompt, a_token, a_token_of, a_topic, a_user, ago, ahead, jti_of
from tests.conftest import a_client
from tests.envelopes import failed, succeeded

PATH = "/aiprompt/output/"


async def fetch(client, **params):
    return succeeded(await client.get(PATH, params=params))


async def row_of(database, prompt):
    async with database.session() as session:
        return await session.get(Prompt, prompt.id)


async def own_token_of(client):
    return succeeded(await client.get("/jwtinfo"))["jti"]


@pytest.fixture
async def other(service):
    """A client with a token of its own."""
    async with a_client(service, await a_token(service)) as client:
        yield client


async def test_a_task_is_leased_to_the_token_for_the_time_of_the_setting(client, database):
    prompt = await a_prompt(database)

    await fetch(client)

    row = await row_of(database, prompt)
    assert row.leased_to == await own_token_of(client)
    assert ahead(seconds=890) < row.leased_until <= ahead(seconds=900)
    assert row.available_at == prompt.available_at
    assert row.count == prompt.count


async def test_the_same_token_gets_the_task_that_it_holds(client, database):
    for _ in range(3):
        await a_prompt(database)

    tasks = [await fetch(client) for _ in range(3)]

    assert tasks[0] == tasks[1] == tasks[2] != {}


async def test_asking_again_does_not_extend_the_lease(client, database):
    prompt = await a_prompt(database)
    await fetch(client)
    before = await row_of(database, prompt)

    await fetch(client)

    assert (await row_of(database, prompt)).leased_until == before.leased_until


async def test_another_token_never_gets_a_leased_task(client, other, database):
    prompt = await a_prompt(database)

    first, second = await fetch(client), await fetch(other)
    by_its_number = await fetch(other, id=prompt.id)

    assert first["id"] == prompt.id
    assert second == by_its_number == {}


async def test_another_token_of_the_same_user_never_gets_it_either(service, database):
    user = await a_user(database)
    prompt = await a_prompt(database)

    async with a_client(service, await a_token_of(service, user)) as one:
        first = await fetch(one)
    async with a_client(service, await a_token_of(service, user)) as two:
        second = await fetch(two)

    assert first["id"] == prompt.id
    assert second == {}


async def test_the_held_task_is_given_again_when_the_filters_still_match(client, database):
    topic = await a_topic(database)
    held = await a_prompt(database, topic_id=topic.id)
    await fetch(client)
    await a_prompt(database, topic_id=topic.id, available_at=ago(hours=9))

    again = await fetch(client, topicId=topic.id)

    assert again["id"] == held.id


async def test_another_task_is_given_when_the_filters_no_longer_match(client, database):
    topic = await a_topic(database)
    held = await a_prompt(database, available_at=ago(hours=9))
    await fetch(client)
    wanted = await a_prompt(database, topic_id=topic.id)

    task = await fetch(client, topicId=topic.id)
    first_again = await fetch(client)

    assert task["id"] == wanted.id
    assert first_again["id"] == held.id


async def test_a_held_task_that_an_operator_disabled_is_not_given_again(client, database):
    prompt = await a_prompt(database)
    await fetch(client)
    async with database.session() as session:
        (await session.get(Prompt, prompt.id)).is_enabled = False

    assert await fetch(client) == {}


async def test_next_lets_one_token_hold_several(client, other, database):
    prompts = [await a_prompt(database, available_at=ago(hours=hours)) for hours in (3, 2, 1)]

    tasks = [await fetch(client), await fetch(client, next="true"), await fetch(client, next="1")]
    without = await fetch(client)
    no_more = await fetch(client, next="true")

    assert [task["id"] for task in tasks] == [prompt.id for prompt in prompts]
    assert without["id"] == prompts[0].id
    assert no_more == await fetch(other) == {}


async def test_next_must_be_a_truth_value(client, database):
    prompt = await a_prompt(database)

    answers = [await client.get(PATH, params={"next": value}) for value in ("maybe", "", "2")]

    for answer in answers:
        failed(answer, 422, "next")
    assert (await row_of(database, prompt)).leased_to is None


async def test_tokens_that_ask_at_once_get_different_tasks(service, database):
    user = await a_user(database)
    prompts = {(await a_prompt(database)).id for _ in range(12)}

    async def ask():
        async with a_client(service, await a_token_of(service, user)) as client:
            return await fetch(client)

    tasks = await asyncio.gather(*(ask() for _ in range(20)))

    handed_out = [task["id"] for task in tasks if task]
    assert len(handed_out) == 12
    assert set(handed_out) == prompts
    assert tasks.count({}) == 8


async def test_one_token_that_asks_several_times_at_once_gets_one_task(client, database):
    for _ in range(8):
        await a_prompt(database)

    # More than once, for the first time most of them wait for their connection to be opened.
    for _ in range(4):
        tasks = await asyncio.gather(*(fetch(client) for _ in range(8)))
        async with database.driver() as connection:
            held = await connection.fetch("SELECT id FROM gai_prompt WHERE leased_until IS NOT NULL")

        assert [row["id"] for row in held] == [tasks[0]["id"]]
        assert tasks == [tasks[0]] * 8
        await client.post(f"/aiprompt/{tasks[0]['id']}/release/")


async def test_a_lapsed_lease_puts_the_prompt_back_in_its_old_place(client, database):
    since = ago(hours=2)
    later = await a_prompt(database, available_at=ago(hours=1))
    lapsed = await a_prompt(database, available_at=since, leased_to="somebody", leased_for=timedelta(seconds=-1))
    longest = await a_prompt(database, available_at=ago(hours=3))

    numbers = [(await fetch(client, next="true"))["id"] for _ in range(3)]

    assert numbers == [longest.id, lapsed.id, later.id]
    row = await row_of(database, lapsed)
    assert row.available_at == since
    assert row.leased_to == await own_token_of(client)


async def test_a_lapsed_lease_does_not_make_available_what_is_not(client, database):
    columns = [{"is_enabled": False}, {"count": 0}, {"available_at": ahead(hours=1)}]
    for column in columns:
        await a_prompt(database, leased_to="somebody", leased_for=timedelta(seconds=-1), **column)

    assert await fetch(client) == {}


async def test_a_lease_runs_out_by_the_clock_of_the_database(start, database):
    prompt = await a_prompt(database)
    service = await start(lease_seconds=1)

    async with a_client(service, await a_token(service)) as one, a_client(service, await a_token(service)) as two:
        first, while_it_runs = await fetch(one), await fetch(two)
        await asyncio.sleep(1.1)
        after = await fetch(two)
        refused = await one.post(f"/aiprompt/{prompt.id}/heartbeat/")

    assert first["id"] == after["id"] == prompt.id
    assert while_it_runs == {}
    failed(refused, 409, "id")


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_heartbeat_extends_the_lease_and_says_until_when(client, database, slash):
    prompt = await a_prompt(database, leased_to=await own_token_of(client), leased_for=timedelta(seconds=5))

    answer = await client.post(f"/aiprompt/{prompt.id}/heartbeat{slash}")

    row = await row_of(database, prompt)
    assert succeeded(answer) == {"leasedUntil": row.leased_until.isoformat()}
    assert ahead(seconds=890) < row.leased_until <= ahead(seconds=900)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["data"]["leasedUntil"].endswith("+00:00")


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_release_gives_the_task_back_in_its_old_place(client, other, database, slash):
    prompt = await a_prompt(database, available_at=ago(hours=2))
    await a_prompt(database, available_at=ago(hours=1))
    await fetch(client)

    answer = await client.post(f"/aiprompt/{prompt.id}/release{slash}")

    assert answer.content == b'{"status":"success","data":{}}'
    assert (await fetch(other))["id"] == prompt.id
    assert (await row_of(database, prompt)).count == prompt.count


@pytest.mark.parametrize("verb", ["heartbeat", "release"])
class TestWithoutTheLease:
    async def test_a_lease_of_another_token_is_left_alone(self, client, database, verb):
        prompt = await a_prompt(database, leased_to="somebody", leased_for=timedelta(seconds=60))

        answer = await client.post(f"/aiprompt/{prompt.id}/{verb}/")

        failed(answer, 409, "id")
        row = await row_of(database, prompt)
        assert (row.leased_to, row.leased_until) == ("somebody", prompt.leased_until)

    async def test_a_prompt_that_nobody_holds_is_a_conflict(self, client, database, verb):
        prompt = await a_prompt(database)

        answer = await client.post(f"/aiprompt/{prompt.id}/{verb}/")

        failed(answer, 409, "id")

    async def test_a_lapsed_lease_of_ones_own_is_a_conflict(self, client, database, verb):
        prompt = await a_prompt(
            database, leased_to=await own_token_of(client), leased_for=timedelta(milliseconds=-1)
        )

        answer = await client.post(f"/aiprompt/{prompt.id}/{verb}/")

        failed(answer, 409, "id")

    async def test_an_unknown_prompt_is_not_found(self, client, verb):
        answers = [await client.post(f"/aiprompt/{number}/{verb}/") for number in (4711, 2**63 - 1)]

        for answer in answers:
            failed(answer, 404, "id")

    async def test_what_is_no_number_is_refused(self, client, verb):
        for number in ("abc", "0", "-1", "1.5", str(2**63), "9" * 50):
            failed(await client.post(f"/aiprompt/{number}/{verb}/"), 422, "prompt_id")

    async def test_a_stranger_is_refused(self, stranger, database, verb):
        prompt = await a_prompt(database, leased_to="somebody")

        answer = await stranger.post(f"/aiprompt/{prompt.id}/{verb}/")

        failed(answer, 401, "Authorization")

    async def test_only_post_is_understood(self, client, database, verb):
        prompt = await a_prompt(database)
        token = await own_token_of(client)
        await fetch(client)

        for method in ("GET", "HEAD", "DELETE"):
            answer = await client.request(method, f"/aiprompt/{prompt.id}/{verb}/")
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")

        assert (await row_of(database, prompt)).leased_to == token


async def test_a_personal_access_token_holds_leases_like_any_other(service, other, database):
    user = await a_user(database)
    prompt = await a_prompt(database)
    async with database.session() as session:
        token, secret = await access.add_personal_token(session, email=user.email, name="robot")

    async with a_client(service, secret) as robot:
        tasks = [await fetch(robot), await fetch(robot)]
        meanwhile = await fetch(other)
        leased_to = (await row_of(database, prompt)).leased_to
        extended = await robot.post(f"/aiprompt/{prompt.id}/heartbeat/")
        released = await robot.post(f"/aiprompt/{prompt.id}/release/")

    assert [task["id"] for task in tasks] == [prompt.id] * 2
    assert meanwhile == {}
    assert leased_to == token.jti
    assert succeeded(extended).keys() == {"leasedUntil"}
    assert succeeded(released) == {}
    assert (await fetch(other))["id"] == prompt.id


async def test_a_revoked_token_leaves_its_lease_to_lapse(service, other, database):
    prompt = await a_prompt(database)
    jwt = await a_token(service)
    async with a_client(service, jwt) as client:
        await fetch(client)
        await client.post("/signout")
        refused = await client.get(PATH)

    failed(refused, 401, "Authorization")
    assert await fetch(other) == {}
    assert (await row_of(database, prompt)).leased_to == jti_of(jwt)
