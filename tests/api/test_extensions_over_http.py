"""T3 as a client sees it: handlers of the extension path stand in for the service's own steps."""

import json
import textwrap
import time

import pytest
from sqlalchemy import func, select

from app.models import Content, Prompt, Publication
from tests.builders import a_content, a_prompt, a_site, a_submission, a_token
from tests.conftest import a_client, eventually
from tests.envelopes import errored, failed, succeeded
from tests.extensions.conftest import SEED_PUBLISH


@pytest.fixture
def extend(tmp_path):
    """Write a file into the extension path."""

    def write(name, source):
        path = tmp_path / "pygaiext" / "gai" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")

    return write


async def count_rows(database, table):
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def submit(client, query="", **data):
    answer = await client.post(f"/aicontent/input/{query}", json=a_submission(**data))
    assert succeeded(answer) == {}
    return succeeded(await client.get(answer.headers["Content-Location"]))


async def test_the_extension_file_of_the_seed_replaces_publishing(start, extend):
    extend("publish.py", SEED_PUBLISH)
    service = await start(run_jobs=True)
    database = service.state.runtime.database
    site = await a_site(database)
    async with a_client(service, await a_token(service)) as client:
        began = time.perf_counter()
        content = await submit(client, "?writetofile=1")
        seconds = time.perf_counter() - began
        index = await client.get(f"/sites/{site.name}/")

    assert seconds < 3
    assert (content["publish"]["status"], content["publish"]["url"]) == ("replaced", None)
    failed(index, 404)
    assert not list((service.state.runtime.settings.data_dir / "sites").rglob("*.html"))


async def test_a_publish_handler_is_given_the_documented_arguments(start, extend, tmp_path):
    extend(
        "publish.py",
        f"""
        import json
        from pathlib import Path

        def publishHandler(contentId, reWrite=False):
            Path({str(tmp_path / "seen.json")!r}).write_text(json.dumps([contentId, reWrite]))
            return 4711
        """,
    )
    service = await start(run_jobs=True)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1")

    assert json.loads((tmp_path / "seen.json").read_text()) == [content["id"], False]
    async with service.state.runtime.database.session() as session:
        assert (await session.scalars(select(Publication))).one().external_id == "4711"


async def test_a_publish_handler_can_let_the_default_go_on(start, extend):
    extend(
        "publish.py",
        """
        async def publishHandler(contentId, reWrite, *, proceed):
            return await proceed()
        """,
    )
    service = await start(run_jobs=True)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1")
        page = await client.get(content["publish"]["url"])

    assert content["publish"]["status"] == "published"
    assert page.status_code == 200


async def test_a_publish_handler_that_raises_gives_way_to_the_default(start, extend):
    extend("publish.py", "def publishHandler(contentId, reWrite):\n    raise RuntimeError('the CMS is away')\n")
    service = await start(run_jobs=True)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1")

    assert content["publish"]["status"] == "published"


async def test_a_publish_handler_that_fails_for_good_leaves_its_reason(start, extend):
    extend("publish.py", "def publishHandler(contentId, reWrite):\n    raise RuntimeError('the CMS is away')\n")
    service = await start(run_jobs=True, extension_on_error="fail")
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1")

    assert content["publish"]["status"] == "failed"
    assert "the CMS is away" in content["publish"]["reason"]


async def test_a_content_handler_takes_the_place_of_storing(start, extend, tmp_path):
    extend(
        "content.py",
        f"""
        import json
        from pathlib import Path

        def contentHandler(text, writetofile, inputData):
            Path({str(tmp_path / "seen.json")!r}).write_text(json.dumps([text, writetofile, inputData]))
            return 77
        """,
    )
    service = await start()
    body = a_submission(promptId=5, tokens=12)
    async with a_client(service, await a_token(service)) as client:
        answer = await client.post("/aicontent/input/?writetofile=yes", json=body)

    assert succeeded(answer) == {}
    assert answer.headers["Content-Location"] == "/aicontent/77/"
    text, writetofile, given = json.loads((tmp_path / "seen.json").read_text())
    assert (text, writetofile) == (body["data"]["text"], True)
    assert given | {"promptId": "5"} == given
    assert given.keys() >= {"id", "text", "files", "cronId", "histId", "promptId"}
    assert await count_rows(service.state.runtime.database, Content) == 0


async def test_a_content_handler_can_change_what_the_default_stores(start, extend):
    extend(
        "content.py",
        """
        def contentHandler(text, writetofile, inputData, proceed):
            return proceed(text.upper(), False)
        """,
    )
    service = await start(publish_wait_seconds=0)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1", text="rain")

    assert content["text"] == "RAIN"
    assert content["publish"] is None


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('no')",
        "proceed(); raise RuntimeError('too late')",
        "proceed(); proceed(); return 'no number'",
        "raise SystemExit(1)",
        "import time; time.sleep(30)",
    ],
)
async def test_a_content_handler_that_fails_loses_nothing_and_stores_once(start, extend, body):
    extend("content.py", f"def contentHandler(text, writetofile, inputData, proceed):\n    {body}\n")
    service = await start(extension_timeout_seconds=0.5)
    prompt = await a_prompt(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, promptId=str(prompt.id))

    assert content["promptId"] == str(prompt.id)
    assert await count_rows(service.state.runtime.database, Content) == 1
    async with service.state.runtime.database.session() as session:
        assert (await session.get(Prompt, prompt.id)).count == 9


async def test_a_handler_that_may_not_fail_is_told_as_502(start, extend):
    extend(
        "content.py", "def contentHandler(text, writetofile, inputData):\n    raise RuntimeError('key=hunter2')\n"
    )
    extend("prompt.py", "def promptHandler(*ids):\n    return 5\n\ndef resetHandler():\n    raise ValueError\n")
    service = await start(extension_on_error="fail")
    async with a_client(service, await a_token(service)) as client:
        answers = [
            await client.post("/aicontent/input/", json=a_submission()),
            await client.get("/aiprompt/output/"),
            await client.get("/aiprompt/reset/"),
        ]

    for answer in answers:
        errored(answer, 502)
        assert "hunter2" not in answer.text
    assert await count_rows(service.state.runtime.database, Content) == 0


async def test_a_refusal_by_the_default_is_the_clients_to_mend(start, extend):
    extend("content.py", "def contentHandler(t, w, inputData, proceed):\n    return proceed('')\n")
    service = await start(extension_on_error="fail")
    async with a_client(service, await a_token(service)) as client:
        failed(await client.post("/aicontent/input/", json=a_submission()), 422)


async def test_a_prompt_handler_takes_the_place_of_choosing(start, extend):
    extend(
        "prompt.py",
        """
        def promptHandler(promptId, intervalId, topicId, dirId):
            if not topicId:
                return {}
            return {
                "id": 99, "type": "gentxt", "text": f"{promptId} {intervalId} {topicId} {dirId}",
                "files": ["leaf one.jpg", "2026/leaf.jpg", "http://cdn.example.com/x.png"], "model": "any",
            }
        """,
    )
    service = await start()
    await a_prompt(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        nothing = succeeded(await client.get("/aiprompt/output/"))
        task = succeeded(await client.get("/aiprompt/output/?id=1&intervalId=2&topicId=3&dirId=4"))

    assert nothing == {}
    assert (task["id"], task["type"], task["text"], task["model"]) == (99, "gentxt", "1 2 3 4", "any")
    assert task["files"] == [
        "http://test/uploads/leaf%20one.jpg",
        "http://test/uploads/2026/leaf.jpg",
        "http://cdn.example.com/x.png",
    ]


async def test_a_prompt_handler_can_add_to_what_the_default_hands_out(start, extend):
    extend(
        "prompt.py",
        """
        async def promptHandler(promptId, intervalId, topicId, dirId, proceed):
            task = await proceed()
            return task and {**task, "text": task["text"] + " Answer in Dutch."}
        """,
    )
    service = await start()
    prompt = await a_prompt(service.state.runtime.database, text="Write.")
    async with a_client(service, await a_token(service)) as client:
        task, none = [succeeded(await client.get("/aiprompt/output/", params={"next": "true"})) for _ in range(2)]

    assert (task["id"], task["text"]) == (prompt.id, "Write. Answer in Dutch.")
    assert none == {}


async def test_a_reset_handler_takes_the_place_of_resetting(start, extend):
    extend("prompt.py", "def resetHandler():\n    return True\n")
    service = await start()
    database = service.state.runtime.database
    content = await a_content(database)
    prompt = await a_prompt(database, last_content_id=content.id)
    async with a_client(service, await a_token(service)) as client:
        assert succeeded(await client.get("/aiprompt/reset/")) == {}

    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).last_content_id == content.id


async def test_an_extension_can_use_the_services_own_logic(start, extend):
    extend(
        "content.py",
        """
        def contentHandler(text, writetofile, inputData, context, proceed):
            number = proceed()
            content = context.wait(context.connector.read_content(number))
            prompt = context.wait(context.connector.read_prompt(int(inputData["promptId"])))
            return context.wait(context.connector.submit_content(
                {"text": f"{content['text']} / {prompt['text']}", "promptId": ""}, publish=False))
        """,
    )
    service = await start()
    prompt = await a_prompt(service.state.runtime.database, text="Write.")
    token = await a_token(service, email="a@b.c", role="admin")
    async with a_client(service, token) as client:
        content = await submit(client, promptId=str(prompt.id), text="Rain.")

    assert content["text"] == "Rain. / Write."
    assert await count_rows(service.state.runtime.database, Content) == 2


async def test_a_prompt_is_read_by_an_extension_as_t1_shows_it(start, extend):
    service = await start()
    prompt = await a_prompt(service.state.runtime.database)
    connector = service.state.runtime.extensions._connector

    shown = await connector.read_prompt(prompt.id)
    async with a_client(service, await a_token(service)) as client:
        task = succeeded(await client.get("/aiprompt/output/"))

    assert shown == task
    assert await connector.read_prompt(999) is None


async def test_an_extension_that_is_not_enabled_is_left_alone(start, extend):
    extend("publish.py", "raise RuntimeError('loaded')")
    service = await start(extensions=[], run_jobs=True)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1")

    assert content["publish"]["status"] == "published"


async def test_a_broken_file_is_told_and_the_rest_works(start, extend):
    extend("publish.py", "def publishHandler(:\n")
    extend("content.py", "def contentHandler(t, w, d, proceed):\n    return proceed(t + '!')\n")
    service = await start(run_jobs=True)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1", text="Rain")
        ready = succeeded(await client.get("/readyz"))

    assert content["text"] == "Rain!"
    assert content["publish"]["status"] == "published"
    (problem,) = ready["extensions"]
    assert "publish.py" in problem
    assert "SyntaxError" in problem


async def test_a_late_file_does_not_publish_again_what_was_replaced(start, extend, tmp_path):
    extend(
        "publish.py",
        f"""
        def publishHandler(contentId, reWrite):
            with open({str(tmp_path / "calls")!r}, "a") as calls:
                calls.write(f"{{contentId}} {{reWrite}}\\n")
        """,
    )
    service = await start(run_jobs=True)
    async with a_client(service, await a_token(service)) as client:
        content = await submit(client, "?writetofile=1", files=["data:text/plain,a", "data:text/plain,b"])

        async def called():
            return (tmp_path / "calls").exists()

        await eventually(called)

    assert content["publish"]["status"] == "replaced"
    assert (tmp_path / "calls").read_text() == f"{content['id']} False\n"
