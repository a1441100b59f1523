"""T2: what a result does to its prompt: link, count, lease, schedule; and what a failed attempt does."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.models import Content, Prompt, PromptAttempt
from app.prompts import schedule
from tests.builders import a_prompt, a_submission, a_token, ago, ahead, an_interval, jti_of
from tests.conftest import a_client
from tests.envelopes import failed, succeeded


async def find_prompt(database, prompt):
    async with database.session() as session:
        return await session.get(Prompt, prompt.id)


async def list_contents(database):
    async with database.session() as session:
        return (await session.scalars(select(Content).order_by(Content.id))).all()


async def list_attempts(database):
    async with database.session() as session:
        return (await session.scalars(select(PromptAttempt).order_by(PromptAttempt.id))).all()


async def count_contents(database):
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(Content))


async def submit(client, **data):
    answer = await client.post("/aicontent/input/", json=a_submission(**data))
    succeeded(answer)
    return int(answer.headers["Content-Location"].split("/")[2])


async def test_a_result_is_linked_and_counted(client, database):
    prompt = await a_prompt(database, count=3)

    content_id = await submit(client, promptId=str(prompt.id))

    after, (content,) = await find_prompt(database, prompt), await list_contents(database)
    assert content.prompt_id == prompt.id
    assert after.last_content_id == content_id == content.id
    assert after.last_content_at is not None
    assert (after.count, after.is_enabled) == (2, True)


async def test_a_prompt_with_return_data_is_not_handed_out(client, database):
    prompt = await a_prompt(database, count=3)

    await submit(client, promptId=str(prompt.id))

    assert succeeded(await client.get("/aiprompt/output/")) == {}


async def test_the_last_count_disables_the_prompt(client, database):
    prompt = await a_prompt(database, count=1)

    await submit(client, promptId=str(prompt.id))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled, after.is_exhausted) == (0, False, True)


async def test_a_result_clears_the_lease(client, database):
    prompt = await a_prompt(database)
    succeeded(await client.get("/aiprompt/output/"))

    await submit(client, promptId=str(prompt.id))

    after = await find_prompt(database, prompt)
    assert after.leased_to is after.leased_at is after.leased_until is None


async def test_a_prompt_id_that_names_a_prompt_links_to_it(client, database, subtests):
    prompt = await a_prompt(database, id=2)

    for given in ["2", "02", "0000000000000000002", 2, 2.0]:
        with subtests.test(given=given):
            await submit(client, promptId=given)

            assert (await list_contents(database))[-1].prompt_id == prompt.id


async def test_any_other_prompt_id_is_kept_as_given_and_unlinked(client, database, subtests):
    await a_prompt(database, id=2)
    others = [
        "",
        "abc",
        "²",
        "٢",
        "2.5",
        "+2",
        "-2",
        " 2",
        "0",
        "999",
        "9" * 19,
        "2" * 25,
        "2e0",
        "0x2",
        "2" * 9000,
    ]

    for given in others:
        with subtests.test(given=given[:30]):
            await submit(client, promptId=given)

            last = (await list_contents(database))[-1]
            assert (last.prompt_id, last.hist_prompt_id) == (None, given)


async def test_n_counts_allow_exactly_n_results_to_be_asked_for(client, database):
    prompt = await a_prompt(database, count=3, initial_count=3)

    for _ in range(3):
        assert succeeded(await client.get("/aiprompt/output/"))["id"] == prompt.id
        await submit(client, promptId=str(prompt.id))
        async with database.session() as session:
            (await session.get(Prompt, prompt.id)).available_at = ago(seconds=1)

    assert succeeded(await client.get("/aiprompt/output/")) == {}


async def test_many_results_at_once_are_counted_one_by_one(client, database):
    prompt = await a_prompt(database, count=5)

    await asyncio.gather(*(submit(client, promptId=str(prompt.id), text=f"{n}") for n in range(8)))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled, after.is_exhausted) == (0, False, True)
    assert await count_contents(database) == 8


async def test_four_results_at_once_leave_one_of_five_counts(client, database):
    prompt = await a_prompt(database, count=5)

    await asyncio.gather(*(submit(client, promptId=str(prompt.id), text=f"{n}") for n in range(4)))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled) == (1, True)


async def test_a_late_result_is_still_taken(client, service, database):
    mine = await a_prompt(
        database, leased_to=jti_of(client.headers["Authorization"][7:]), leased_for=-timedelta(1)
    )
    others = await a_prompt(database, leased_to="somebody else")

    for prompt in (mine, others):
        await submit(client, promptId=str(prompt.id))

    for prompt in (mine, others):
        after = await find_prompt(database, prompt)
        assert (after.count, after.leased_to) == (9, None)
        assert after.last_content_id is not None


async def test_a_result_for_a_disabled_prompt_is_taken_and_leaves_it_disabled(client, database):
    prompt = await a_prompt(database, is_enabled=False, count=4)

    await submit(client, promptId=str(prompt.id))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled, after.is_exhausted) == (3, False, False)


async def test_an_interval_prompt_comes_due_again_at_the_next_cron_instant(client, database):
    interval = await an_interval(database, expression="0 * * * *")
    await schedule.roll_forward(database)
    prompt = await a_prompt(database, interval_id=interval.id)

    await submit(client, promptId=str(prompt.id))

    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    assert (await find_prompt(database, prompt)).available_at == hour


async def test_an_interval_whose_instant_has_passed_is_worked_out_anew(client, database):
    interval = await an_interval(database, expression="0 0 1 1 *", next_at=ago(hours=1))
    prompt = await a_prompt(database, interval_id=interval.id)

    await submit(client, promptId=str(prompt.id))

    new_year = datetime(datetime.now(UTC).year + 1, 1, 1, tzinfo=UTC)
    assert (await find_prompt(database, prompt)).available_at == new_year


async def test_a_prompt_without_interval_waits_for_a_reset(client, database):
    prompt = await a_prompt(database)

    await submit(client, promptId=str(prompt.id))

    assert (await find_prompt(database, prompt)).available_at is None


async def test_a_client_that_failed_gives_its_prompt_back(client, database):
    prompt = await a_prompt(database)
    succeeded(await client.get("/aiprompt/output/"))
    data = {"promptId": str(prompt.id), "histId": "L-1", "cronId": "_CRON-1", "text": "model overloaded"}

    answer = await client.post("/aicontent/input/?writetofile=1", json={"status": "fail", "data": data})

    assert succeeded(answer) == {}
    assert "Content-Location" not in answer.headers
    after, (attempt,) = await find_prompt(database, prompt), await list_attempts(database)
    assert (after.count, after.leased_to, after.last_content_id) == (10, None, None)
    assert (attempt.prompt_id, attempt.status, attempt.hist_id) == (prompt.id, "fail", "L-1")
    assert "model overloaded" in attempt.reason
    assert await count_contents(database) == 0


async def test_an_error_is_recorded_with_its_message(client, database):
    prompt = await a_prompt(database)
    body = {"status": "error", "message": "no such model", "code": 7, "data": {"promptId": prompt.id}}

    succeeded(await client.post("/aicontent/input/", json=body))

    (attempt,) = await list_attempts(database)
    assert (attempt.prompt_id, attempt.status, attempt.reason) == (prompt.id, "error", "no such model")


async def test_a_failed_attempt_releases_only_the_callers_own_lease(client, database):
    prompt = await a_prompt(database, leased_to="somebody else", leased_for=timedelta(minutes=5))

    succeeded(
        await client.post("/aicontent/input/", json={"status": "fail", "data": {"promptId": str(prompt.id)}})
    )

    after = await find_prompt(database, prompt)
    assert after.leased_to == "somebody else"
    assert after.leased_until > ahead(minutes=4)


async def test_an_attempt_of_any_shape_is_recorded(client, database, subtests):
    bodies = [
        {"status": "error"},
        {"status": "error", "message": None, "data": None},
        {"status": "fail", "data": "just words"},
        {"status": "fail", "data": [1, 2]},
        {"status": "fail", "data": {"promptId": None, "histId": 5}},
        {"status": "fail", "data": {"promptId": "no number"}},
        {"status": "fail", "data": {"promptId": 10**40}},
        {"status": "error", "message": {"deep": ["\x00"]}},
        {"status": "error", "message": "x" * 100_000},
    ]

    for body in bodies:
        with subtests.test(body=str(body)[:60]):
            assert succeeded(await client.post("/aicontent/input/", json=body)) == {}

    attempts = await list_attempts(database)
    assert len(attempts) == len(bodies)
    assert {attempt.prompt_id for attempt in attempts} == {None}


async def test_a_result_needs_a_token(stranger, database):
    failed(await stranger.post("/aicontent/input/", json=a_submission()), 401, "Authorization")

    assert await count_contents(database) == 0


async def test_a_client_sees_its_own_contents_and_an_administrator_all(client, administrator, service):
    content_id = await submit(client)
    async with a_client(service, await a_token(service)) as other:
        failed(await other.get(f"/aicontent/{content_id}/"), 403)

    assert succeeded(await client.get(f"/aicontent/{content_id}/"))["id"] == content_id
    assert succeeded(await administrator.get(f"/aicontent/{content_id}/"))["id"] == content_id


async def test_a_content_that_is_not_there_is_not_found(client):
    failed(await client.get("/aicontent/12345/"), 404, "id")
