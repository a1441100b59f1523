"""T2: the same submission again is answered as the first was and stores nothing new."""

import asyncio

from sqlalchemy import func, select

from app.models import Content, ContentFile, Prompt, Publication
from tests.builders import a_prompt, a_site, a_submission, a_token
from tests.conftest import a_client
from tests.envelopes import succeeded


async def count_rows(database, table):
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def submit(client, body, query=""):
    answer = await client.post(f"/aicontent/input/{query}", json=body)
    assert succeeded(answer) == {}
    return answer.headers["Content-Location"]


async def test_the_same_submission_again_is_stored_and_counted_once(client, database):
    prompt = await a_prompt(database, count=5)
    body = a_submission(promptId=str(prompt.id), files=["http://example.com/a.png"])

    first, second = await submit(client, body), await submit(client, body)

    assert first == second
    assert await count_rows(database, Content) == await count_rows(database, ContentFile) == 1
    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).count == 4


async def test_ten_of_the_same_at_one_instant_are_one(client, database):
    prompt = await a_prompt(database, count=5)
    body = a_submission(promptId=str(prompt.id), files=["http://example.com/a.png"])

    places = await asyncio.gather(*(submit(client, body) for _ in range(10)))

    assert len(set(places)) == 1
    assert await count_rows(database, Content) == await count_rows(database, ContentFile) == 1
    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).count == 4


async def test_ten_of_the_same_without_files_are_one_too(client, database):
    body = a_submission(promptId="unknown")

    places = await asyncio.gather(*(submit(client, body) for _ in range(10)))

    assert len(set(places)) == 1
    assert await count_rows(database, Content) == 1


async def test_anything_that_differs_makes_another_submission(client, database):
    first = a_submission(histId="L-1", text="one")
    changes = [
        {"text": "two"},
        {"id": "x"},
        {"cronId": "x"},
        {"promptId": "x"},
        {"files": ["http://example.com/"]},
    ]
    others = [a_submission(**{"histId": "L-1", "text": "one"} | change) for change in changes]

    places = {await submit(client, body) for body in [first, *others]}

    assert len(places) == 6


async def test_a_number_and_its_text_are_the_same_prompt_id(client):
    as_text, as_number = a_submission(histId="L-1", promptId="2"), a_submission(histId="L-1", promptId=2)

    assert await submit(client, as_text) == await submit(client, as_number)


async def test_extras_do_not_make_another_submission(client):
    assert await submit(client, a_submission(histId="L-1")) == await submit(
        client, a_submission(histId="L-1", tokens=12)
    )


async def test_without_a_hist_id_every_submission_is_new(client, database):
    body = a_submission(histId="")

    assert await submit(client, body) != await submit(client, body)
    assert await count_rows(database, Content) == 2


async def test_two_users_never_share_a_submission(client, service, database):
    body = a_submission(histId="L-1")
    async with a_client(service, await a_token(service)) as other:
        assert await submit(client, body) != await submit(other, body)


async def test_a_repeat_that_asks_for_a_page_publishes_the_first_content(working_service):
    database = working_service.state.runtime.database
    await a_site(database)
    body = a_submission()
    async with a_client(working_service, await a_token(working_service)) as client:
        place = await submit(client, body)
        unpublished = succeeded(await client.get(place))
        again = await submit(client, body, "?writetofile=1")
        published = succeeded(await client.get(again))

    assert again == place
    assert unpublished["publish"] is None
    assert published["publish"]["status"] == "published"
    assert await count_rows(database, Content) == await count_rows(database, Publication) == 1


async def test_a_repeat_of_a_published_submission_publishes_no_second_time(working_service):
    database = working_service.state.runtime.database
    await a_site(database)
    body = a_submission()
    async with a_client(working_service, await a_token(working_service)) as client:
        places = {await submit(client, body, "?writetofile=1") for _ in range(3)}
        at_once = await asyncio.gather(*(submit(client, body, "?writetofile=1") for _ in range(5)))

    assert {*places, *at_once} == places
    assert await count_rows(database, Publication) == 1


async def test_many_repeats_at_one_instant_ask_for_one_page(start):
    service, body = await start(publish_wait_seconds=0), a_submission()
    async with a_client(service, await a_token(service)) as client:
        await submit(client, body)

        await asyncio.gather(*(submit(client, body, "?writetofile=1") for _ in range(8)))

    assert await count_rows(service.state.runtime.database, Publication) == 1
