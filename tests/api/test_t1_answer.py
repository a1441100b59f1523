"""T1: what an answer looks like, and what the endpoint does with methods, slashes and headers."""

import pytest

from app.models import Prompt, PromptFile
from app.prompts import files
from schemas.prompt import GenerationType
from tests.builders import a_config, a_prompt, a_token, an_instruction, saved
from tests.conftest import a_client
from tests.envelopes import failed, succeeded

PATH = "/aiprompt/output/"


async def lease_of(database, prompt):
    async with database.session() as session:
        return (await session.get(Prompt, prompt.id)).leased_to


async def attach(service, prompt, content, name):
    async with service.state.runtime.database.session() as session:
        return await files.attach(
            session, service.state.runtime.library, prompt_id=prompt.id, source=content, name=name
        )


async def test_nothing_to_do_is_success_with_empty_data(client):
    answer = await client.get(PATH)

    assert answer.status_code == 200
    assert answer.content == b'{"status":"success","data":{}}'


async def test_a_plain_task_has_the_keys_of_the_seeds_example_and_no_others(client, database):
    prompt = await a_prompt(database, text="Essay Prompt: Live for Today.", memo="not for clients")

    answer = await client.get(PATH)

    assert succeeded(answer) == {"id": prompt.id, "type": "gentxt", "text": prompt.text, "files": []}


async def test_the_keys_come_in_the_order_of_the_seed(client, database):
    instruction, config = await an_instruction(database), await a_config(database)
    await a_prompt(database, inst_id=instruction.id, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert list(task) == ["id", "type", "text", "files", "instId", "instName", "instText", "config"]


async def test_an_image_task_says_genimg(client, database):
    await a_prompt(database, type=GenerationType.IMAGE)

    task = succeeded(await client.get(PATH))

    assert task["type"] == "genimg"


async def test_an_instruction_comes_with_its_number_name_and_text(client, database):
    instruction = await an_instruction(database, name="Poet", text="Write in verse.")
    prompt = await a_prompt(database, inst_id=instruction.id)

    task = succeeded(await client.get(PATH))

    assert task == {
        "id": prompt.id,
        "type": "gentxt",
        "text": prompt.text,
        "files": [],
        "instId": instruction.id,
        "instName": "Poet",
        "instText": "Write in verse.",
    }


async def test_a_config_comes_without_instruction_keys_when_there_is_no_instruction(client, database):
    config = await a_config(database, text={"temperature": 0.5, "stop": ["\n"], "nested": {"deep": None}})
    await a_prompt(database, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert task.keys() == {"id", "type", "text", "files", "config"}
    assert task["config"] == {"temperature": 0.5, "stop": ["\n"], "nested": {"deep": None}}


async def test_the_instructions_own_config_wins_over_the_prompts(client, database):
    instruction = await an_instruction(database, config={"temperature": 0})
    config = await a_config(database, text={"temperature": 1, "top_p": 0.9})
    await a_prompt(database, inst_id=instruction.id, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert task["config"] == {"temperature": 0}


async def test_an_instruction_without_a_config_leaves_the_prompts(client, database):
    instruction = await an_instruction(database, config=None)
    config = await a_config(database, text={"top_p": 0.9})
    await a_prompt(database, inst_id=instruction.id, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert task["config"] == {"top_p": 0.9}


async def test_an_empty_config_of_an_instruction_counts_as_none(client, database):
    instruction = await an_instruction(database, config={})
    config = await a_config(database, text={"top_p": 0.9})
    await a_prompt(database, inst_id=instruction.id, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert task["config"] == {"top_p": 0.9}


async def test_an_empty_config_of_a_prompt_is_left_out(client, database):
    config = await a_config(database, text={})
    await a_prompt(database, config_id=config.id)

    task = succeeded(await client.get(PATH))

    assert "config" not in task


async def test_text_leaves_as_utf_8_and_not_as_escapes(client, database):
    instruction = await an_instruction(database, name="诗人", text="Пиши стихами 🎋")
    await a_prompt(database, text='作文题目：活在当下 — naïve \U0001f600 "quoted" \\ \n\t', inst_id=instruction.id)

    answer = await client.get(PATH)

    task = succeeded(answer)
    assert task["text"] == '作文题目：活在当下 — naïve \U0001f600 "quoted" \\ \n\t'
    assert "作文题目：活在当下 — naïve \U0001f600".encode() in answer.content
    assert "诗人".encode() in answer.content
    assert b"\\u" not in answer.content


async def test_files_are_absolute_addresses_below_the_public_address(start, database):
    service = await start(public_url="https://connector.example.org/gai")
    prompt = await a_prompt(database)
    attached = await attach(service, prompt, b"plain words", "notes.txt")

    async with a_client(service, await a_token(service)) as client:
        task = succeeded(await client.get(PATH))

    assert task["files"] == [f"https://connector.example.org/gai/uploads/{attached.media_hash}/notes.txt"]


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
async def test_the_addresses_of_files_never_come_from_a_request_header(service, client, database, header):
    prompt = await a_prompt(database)
    await attach(service, prompt, b"plain words", "notes.txt")
    value = "host=evil.example" if header == "Forwarded" else "evil.example"

    task = succeeded(await client.get(PATH, headers={header: value}))

    assert task["files"][0].startswith("http://test/uploads/")


async def test_files_come_in_their_order_and_addresses_elsewhere_as_they_are(service, client, database):
    prompt = await a_prompt(database)
    elsewhere = "https://pictures.example/a b.png?x=1"
    await saved(database, PromptFile(prompt_id=prompt.id, position=7, name="x", url=elsewhere))
    stored = await attach(service, prompt, b"plain words", "notes.txt")
    await saved(database, PromptFile(prompt_id=prompt.id, position=0, name="y", url="http://first.example/"))

    task = succeeded(await client.get(PATH))

    ours = f"http://test/uploads/{stored.media_hash}/notes.txt"
    assert task["files"] == ["http://first.example/", elsewhere, ours]


async def test_the_path_without_its_slash_works_without_a_redirect(client, database):
    prompt = await a_prompt(database)

    answer = await client.get("/aiprompt/output")

    assert succeeded(answer)["id"] == prompt.id


async def test_a_task_and_its_absence_are_never_cached(client, database):
    nothing = await client.get(PATH)
    await a_prompt(database)
    something = await client.get(PATH)

    assert nothing.headers["Cache-Control"] == something.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/aiprompt/output/", "/aiprompt/output"])
async def test_other_methods_are_refused_and_lease_nothing(client, database, path):
    prompt = await a_prompt(database)

    answers = {method: await client.request(method, path) for method in ("POST", "PUT", "PATCH", "DELETE")}
    head = await client.head(path)

    for answer in answers.values():
        failed(answer, 405, "method")
        assert answer.headers["Allow"] == "GET"
    assert head.status_code == 405
    assert head.headers["Allow"] == "GET"
    assert await lease_of(database, prompt) is None


async def test_options_without_cors_is_refused_and_leases_nothing(client, database):
    prompt = await a_prompt(database)

    answer = await client.options(PATH)

    failed(answer, 405, "method")
    assert await lease_of(database, prompt) is None


async def test_a_preflight_needs_no_token_and_leases_nothing(start, database):
    service = await start(cors_origins=["https://console.example"])
    prompt = await a_prompt(database)
    headers = {
        "Origin": "https://console.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }

    async with a_client(service) as stranger:
        answer = await stranger.options(PATH, headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://console.example"
    assert await lease_of(database, prompt) is None


async def test_a_stranger_is_handed_nothing(stranger, database):
    prompt = await a_prompt(database)

    without = await stranger.get(PATH)
    in_the_address = await stranger.get(PATH, params={"token": "pygai_something"})

    for answer in (without, in_the_address):
        failed(answer, 401, "Authorization")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert await lease_of(database, prompt) is None


async def test_unknown_parameters_are_ignored(client, database):
    prompt = await a_prompt(database)

    answer = await client.get(PATH, params={"limit": "abc", "ID": "x", "_": "1", "topicid": "no"})

    assert succeeded(answer)["id"] == prompt.id
