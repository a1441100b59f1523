"""T2: which bodies are taken, which are refused, and in which words."""

import json

import httpx
import pytest
from sqlalchemy import func, select

from app.models import Content, PromptAttempt
from schemas.content import EXAMPLE
from tests.builders import a_prompt, a_submission, a_token
from tests.conftest import a_client
from tests.envelopes import failed, succeeded

JSON = {"Content-Type": "application/json"}


async def count_rows(database, table=Content):
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def stored(client, answer):
    succeeded(answer)
    return succeeded(await client.get(answer.headers["Content-Location"]))


async def test_the_example_of_the_seed_is_taken(client, database):
    prompt = await a_prompt(database, id=2)
    body = {"status": "success", "data": EXAMPLE}

    answer = await client.post("/aicontent/input/", json=body)

    assert answer.status_code == 200
    assert answer.content == b'{"status":"success","data":{}}'
    content = await stored(client, answer)
    assert content["promptId"] == str(prompt.id)
    assert content["text"] == EXAMPLE["text"]
    assert content["histId"] == EXAMPLE["histId"]
    assert content["cronId"] == EXAMPLE["cronId"]
    assert [file["source"] for file in content["files"]] == EXAMPLE["files"]
    assert content["publish"] is None


async def test_the_answer_says_where_the_content_is(client):
    answer = await client.post("/aicontent/input/", json=a_submission())

    content = await stored(client, answer)
    assert answer.headers["Content-Location"] == f"/aicontent/{content['id']}/"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_path_without_its_slash_works_too(client, database):
    answer = await client.post("/aicontent/input", json=a_submission())

    succeeded(answer)
    assert await count_rows(database) == 1


LENIENT = [
    ({"id": 7}, {}),
    ({"promptId": 7}, {"promptId": "7"}),
    ({"promptId": 7.0}, {"promptId": "7"}),
    ({"promptId": 7.5}, {"promptId": "7.5"}),
    ({"promptId": -3}, {"promptId": "-3"}),
    ({"id": None, "cronId": None, "histId": None}, {"cronId": "", "histId": ""}),
    ({"files": None}, {"files": []}),
    ({"files": ""}, {"files": []}),
    ({"files": " ; "}, {"files": []}),
    ({"type": "gentxt", "model": {"name": "x"}, "tokens": 12}, {}),
    ({"text": "", "files": ["http://example.com/a.png"]}, {"text": ""}),
    ({"text": "雨丝斜斜地飘着 🌧 Ωμέγα"}, {"text": "雨丝斜斜地飘着 🌧 Ωμέγα"}),
]


async def test_what_the_field_sends_is_taken(client, subtests):
    for changes, shown in LENIENT:
        with subtests.test(changes=changes):
            answer = await client.post("/aicontent/input/", json=a_submission(**changes))

            content = await stored(client, answer)
            assert {key: content[key] for key in shown} == shown


async def test_files_may_come_as_one_string(client):
    files = "http://example.com/a.png; http://example.com/b.png;"

    answer = await client.post("/aicontent/input/", json=a_submission(files=files))

    sources = [file["source"] for file in (await stored(client, answer))["files"]]
    assert sources == ["http://example.com/a.png", "http://example.com/b.png"]


async def test_data_urls_in_one_string_keep_their_semicolons(client):
    files = "data:image/png;base64,AAAA;http://example.com/b.png"

    answer = await client.post("/aicontent/input/", json=a_submission(files=files))

    sources = [file["source"] for file in (await stored(client, answer))["files"]]
    assert sources == ["data:image/png;base64,AAAA", "http://example.com/b.png"]


async def test_absent_optional_keys_count_as_empty(client):
    body = {"status": "success", "data": {"text": "A text.", "promptId": ""}}

    content = await stored(client, await client.post("/aicontent/input/", json=body))

    assert content["files"] == []
    assert content["histId"] == content["cronId"] == ""


async def test_json_may_be_called_by_its_longer_names(client, subtests):
    for name in ["application/json; charset=utf-8", "APPLICATION/JSON", "application/problem+json"]:
        with subtests.test(name):
            body = json.dumps(a_submission()).encode()

            answer = await client.post("/aicontent/input/", content=body, headers={"Content-Type": name})

            succeeded(answer)


async def test_unknown_keys_around_the_data_are_ignored(client):
    body = a_submission() | {"message": None, "code": 200, "extra": [1, {"a": 2}]}

    succeeded(await client.post("/aicontent/input/?verbose=1&x=y", json=body))


NO_JSON = {
    "empty": b"",
    "cut off": b"{",
    "words": b"not json",
    "more behind": b'{"status":"success","data":{"text":"a","promptId":""}} trailing',
    "byte order mark": b'\xef\xbb\xbf{"status":"success","data":{"text":"a","promptId":""}}',
    "not UTF-8": b'{"status":"success","data":{"text":"\xff\xfe","promptId":""}}',
    "lone surrogate": b'{"status":"success","data":{"text":"\\ud800","promptId":""}}',
    "deep": b'{"status":"success","data":{"text":"a","promptId":"","x":' + b"[" * 9999 + b"]" * 9999 + b"}}",
    "UTF-16": '{"status":"success"}'.encode("utf-16"),
}


async def test_what_is_no_json_is_refused_with_400(client, database, subtests):
    for what, content in NO_JSON.items():
        with subtests.test(what):
            failed(await client.post("/aicontent/input/", content=content, headers=JSON), 400, "body")

    assert await count_rows(database) == 0


async def test_another_content_type_is_refused_with_415(client, database, subtests):
    body = json.dumps(a_submission()).encode()

    for name in [None, "text/plain", "application/x-www-form-urlencoded", "json", "application/", ";"]:
        with subtests.test(str(name)):
            headers = {} if name is None else {"Content-Type": name}
            answer = await client.post("/aicontent/input/", content=body, headers=headers)

            failed(answer, 415, "Content-Type")

    assert await count_rows(database) == 0


WRONG_SHAPES = [
    ({"text": None}, "data.text"),
    ({"text": 5}, "data.text"),
    ({"text": ["a"]}, "data.text"),
    ({"text": ""}, "data.text"),
    ({"text": "a\x00b"}, "data.text"),
    ({"id": "\x00"}, "data.id"),
    ({"id": True}, "data.id"),
    ({"id": ["a"]}, "data.id"),
    ({"cronId": 5}, "data.cronId"),
    ({"cronId": "\x00"}, "data.cronId"),
    ({"histId": {}}, "data.histId"),
    ({"histId": "\x00"}, "data.histId"),
    ({"promptId": None}, "data.promptId"),
    ({"promptId": []}, "data.promptId"),
    ({"promptId": False}, "data.promptId"),
    ({"promptId": "2\x00"}, "data.promptId"),
    ({"files": {}}, "data.files"),
    ({"files": 5}, "data.files"),
    ({"files": [5]}, "data.files.0"),
    ({"files": ["http://a/", None]}, "data.files.1"),
    ({"files": ["http://a/\x00"]}, "data.files.0"),
    ({"files": ["http://a/"] * 33}, "data.files"),
]


async def test_a_wrong_shape_is_refused_with_422_and_its_field(client, database, subtests):
    for data, field in WRONG_SHAPES:
        with subtests.test(data=str(data)[:40]):
            answer = await client.post("/aicontent/input/", json=a_submission(**data))

            assert failed(answer, 422).keys() == {field}

    assert await count_rows(database) == 0


async def test_a_number_beyond_all_numbers_is_refused(client, database, subtests):
    for number, status in [
        (b"9" * 5000, 400),
        (b"9" * 400, 422),
        (b"NaN", 422),
        (b"-Infinity", 422),
        (b"1e999", 422),
    ]:
        with subtests.test(number[:9].decode()):
            body = b'{"status":"success","data":{"text":"a","promptId":' + number + b"}}"

            failed(await client.post("/aicontent/input/", content=body, headers=JSON), status)

    assert await count_rows(database) == 0


async def test_a_missing_key_is_refused_and_named(client, database, subtests):
    for missing in ["text", "promptId"]:
        with subtests.test(missing):
            body = a_submission()
            del body["data"][missing]

            failed(await client.post("/aicontent/input/", json=body), 422, f"data.{missing}")

    assert await count_rows(database) == 0


NO_ENVELOPES = [
    ([], "body"),
    (None, "body"),
    (5, "body"),
    ("text", "body"),
    ({}, "status"),
    ({"data": EXAMPLE}, "status"),
    ({"status": "done", "data": EXAMPLE}, "status"),
    ({"status": None, "data": EXAMPLE}, "status"),
    ({"status": {}, "data": EXAMPLE}, "status"),
    ({"status": "success"}, "data"),
    ({"status": "success", "data": None}, "data"),
    ({"status": "success", "data": []}, "data"),
    ({"status": "success", "data": "text"}, "data"),
]


async def test_what_is_no_envelope_is_refused_with_422(client, database, subtests):
    for body, field in NO_ENVELOPES:
        with subtests.test(body=str(body)[:40]):
            content = json.dumps(body).encode()

            failed(await client.post("/aicontent/input/", content=content, headers=JSON), 422, field)

    assert await count_rows(database) == await count_rows(database, PromptAttempt) == 0


async def test_every_wrong_field_is_named_at_once(client):
    answer = await client.post("/aicontent/input/", json=a_submission(text=1, cronId=2, files=3))

    assert failed(answer, 422).keys() == {"data.text", "data.cronId", "data.files"}


async def test_a_body_that_declares_too_much_is_refused_with_413(start):
    service = await start(max_body_bytes=2000)
    async with a_client(service, await a_token(service)) as client:
        answer = await client.post("/aicontent/input/", json=a_submission(text="x" * 3000))

    failed(answer, 413, "body")
    assert await count_rows(service.state.runtime.database) == 0


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/aicontent/input/", "application/json"),
        ("/signin", "application/x-www-form-urlencoded"),
        ("/signin", "multipart/form-data; boundary=x"),
    ],
)
async def test_a_body_that_hides_its_length_is_refused_with_413(start, path, content_type):
    service = await start(max_body_bytes=2000, max_upload_bytes=2000)

    async def pieces():
        yield b"--x\r\nContent-Disposition: form-data; name=username\r\n\r\n"
        for _ in range(30):
            yield b"x" * 100

    async with a_client(service, await a_token(service)) as client:
        answer = await client.post(path, content=pieces(), headers={"Content-Type": content_type})

    failed(answer, 413, "body")


async def test_a_length_that_is_no_number_is_refused(client):
    request = httpx.Request(
        "POST", "http://test/aicontent/input/", headers={**client.headers, "Content-Length": "many"}, content=b""
    )

    failed(await client.send(request), 400, "Content-Length")
