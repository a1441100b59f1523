"""T2 with `writetofile`: when a page is asked for, how long the answer waits, and what a crash leaves."""

import asyncio
import time
from contextlib import asynccontextmanager

from sqlalchemy import select

from app.core.postgres.database import Database
from app.main import create_app
from app.models import Content, Publication
from tests.builders import a_prompt, a_site, a_submission, a_token
from tests.cable import a_cable
from tests.conftest import a_client, eventually
from tests.envelopes import failed, succeeded


async def list_publications(database):
    async with database.session() as session:
        return (await session.scalars(select(Publication).order_by(Publication.id))).all()


async def submit(client, query="?writetofile=1", **data):
    answer = await client.post(f"/aicontent/input/{query}", json=a_submission(**data))
    assert succeeded(answer) == {}
    return answer.headers["Content-Location"]


@asynccontextmanager
async def running(settings):
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


async def test_only_a_word_for_no_asks_for_no_page(start, subtests):
    service = await start(publish_wait_seconds=0)
    database = service.state.runtime.database
    words = {
        None: False, "": False, "0": False, "false": False, "FALSE": False, "no": False, "Off": False, " ": False,
        "1": True, "true": True, "yes": True, "2": True, "nope": True, "null": True, "00": True, "是": True,
    }  # fmt: skip
    async with a_client(service, await a_token(service)) as client:
        for word, publishes in words.items():
            with subtests.test(word=word):
                before = len(await list_publications(database))
                params = {} if word is None else {"writetofile": word}

                succeeded(await client.post("/aicontent/input/", params=params, json=a_submission()))

                assert len(await list_publications(database)) - before == publishes


async def test_a_submission_that_is_refused_publishes_nothing(client, database):
    failed(await client.post("/aicontent/input/?writetofile=1", json=a_submission(text="")), 422)

    assert await list_publications(database) == []


async def test_the_answer_waits_for_the_page(working_service):
    await a_site(working_service.state.runtime.database)
    async with a_client(working_service, await a_token(working_service)) as client:
        content = succeeded(await client.get(await submit(client)))
        page = await client.get(content["publish"]["url"])

    assert content["publish"]["status"] == "published"
    assert page.status_code == 200


async def test_a_page_is_live_within_a_moment(working_service):
    await a_site(working_service.state.runtime.database)
    async with a_client(working_service, await a_token(working_service)) as client:
        await submit(client)
        began = time.perf_counter()
        for _ in range(5):
            await submit(client)

    assert (time.perf_counter() - began) / 5 < 0.5


async def test_the_answer_comes_anyway_when_the_page_does_not(start):
    service = await start(publish_wait_seconds=0.4)
    async with a_client(service, await a_token(service)) as client:
        began = time.perf_counter()
        place = await submit(client)
        seconds = time.perf_counter() - began
        content = succeeded(await client.get(place))

    assert 0.4 <= seconds < 3
    assert content["publish"]["status"] == "pending"
    assert content["publish"]["url"] is None


async def test_a_pending_page_is_made_good_at_the_next_start(make_settings):
    settings = make_settings(publish_wait_seconds=0)
    async with running(settings) as service:
        await a_site(service.state.runtime.database)
        async with a_client(service, await a_token(service)) as client:
            place = await submit(client, files=["data:text/plain,hello"])

    async with running(settings.model_copy(update={"run_jobs": True})) as service:
        token = await a_token(service, email="a@b.c", role="admin")
        async with a_client(service, token) as administrator:

            async def published():
                content = succeeded(await administrator.get(place))
                return content if content["publish"]["status"] == "published" else None

            content = await eventually(published)
            page = await administrator.get(content["publish"]["url"])

    assert content["files"][0]["status"] == "stored"
    assert page.status_code == 200


async def test_a_page_asked_of_one_process_is_made_by_another_and_waited_for(start):
    front, back = await start(), await start(run_jobs=True)
    await a_site(front.state.runtime.database)
    async with a_client(front, await a_token(front)) as client:
        content = succeeded(await client.get(await submit(client)))

    assert content["publish"]["status"] == "published"
    assert back.state.runtime.jobs.is_running


async def test_many_pages_asked_for_at_once_are_all_made(start):
    service = await start(run_jobs=True, database_pool_size=4, publish_wait_seconds=30)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        began = time.perf_counter()
        await asyncio.gather(*(submit(client, text=f"# Rain {n}") for n in range(40)))
        seconds = time.perf_counter() - began

    publications = await list_publications(service.state.runtime.database)
    assert {publication.status for publication in publications} == {"published"}
    assert len({publication.filename for publication in publications}) == len(publications) == 40
    assert seconds < 20


async def test_a_content_published_by_its_prompt_goes_to_the_prompts_site(working_service):
    database = working_service.state.runtime.database
    await a_site(database, name="First")
    second = await a_site(database, name="Second")
    prompt = await a_prompt(database, dir_id=second.id)
    async with a_client(working_service, await a_token(working_service)) as client:
        content = succeeded(await client.get(await submit(client, promptId=str(prompt.id))))

    assert content["publish"]["url"].startswith("http://test/sites/Second/")


async def test_without_any_site_the_content_is_safe_and_the_reason_is_told(working_service):
    database = working_service.state.runtime.database
    async with a_client(working_service, await a_token(working_service)) as client:
        place = await submit(client)
        content = succeeded(await client.get(place))
        site = await a_site(database)
        later = succeeded(await client.get(await submit(client)))

    assert content["publish"]["status"] == "failed"
    assert "pygai directory add" in content["publish"]["reason"]
    assert later["publish"]["url"].startswith(f"http://test/sites/{site.name}/")


async def test_a_database_that_goes_away_meanwhile_does_not_take_the_answer_back(start, dsn):
    async with a_cable(dsn) as (through_cable, cut):
        service = await start(database_url=through_cable, publish_wait_seconds=8)
        async with a_client(service, await a_token(service)) as client:
            submitting = asyncio.create_task(submit(client))
            await asyncio.sleep(0.5)
            cut()

            place = await submitting

    database = Database(dsn)
    async with database.session() as session:
        assert await session.get(Content, int(place.split("/")[2])) is not None
    await database.dispose()
