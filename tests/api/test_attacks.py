"""What somebody hostile sends, and that it harms nobody else."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from app.core.http import middleware
from app.core.http.protocol import MOST_BYTES_OF_HEAD, BoundedHttpProtocol
from tests.envelopes import failed, succeeded
from tests.unit.media_site import a_fetcher, a_site, an_answer

JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1024 * 1024


def a_body(status, **data):
    return json.dumps({"status": status, "data": {"promptId": "of the client", **data}})


async def test_of_a_thousand_wrong_files_only_the_first_is_named(client):
    body = a_body("success", text="A text.", files=[1] * 1000)

    answer = await client.post("/aicontent/input/", content=body, headers=JSON)

    assert list(failed(answer, 422)) == ["data.files.0"]


@pytest.mark.parametrize("status", ["fail", "error"])
async def test_a_report_of_millions_of_values_is_refused_before_they_are_made(client, status):
    body = a_body(status, values=[[]] * (MEBIBYTE // 4))

    answer = await client.post("/aicontent/input/", content=body, headers=JSON)

    assert "body" in failed(answer, 413)


async def test_a_large_text_is_taken_all_the_same(client):
    body = a_body("success", text="x" * 4 * MEBIBYTE)

    answer = await client.post("/aicontent/input/", content=body, headers=JSON)

    succeeded(answer)


async def test_a_second_content_type_does_not_raise_the_limit(start):
    app = await start(max_body_bytes=1024)
    headers = [("Content-Type", "application/json"), ("Content-Type", "multipart/form-data; boundary=b")]
    transport = httpx.ASGITransport(app)

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as stranger:
        answer = await stranger.post("/aicontent/input/", content="x" * 2048, headers=headers)

    failed(answer, 413)


async def test_a_body_that_breaks_off_is_no_failure_of_the_service(service, client):
    before = _failures_counted()
    sent = []

    await service(_a_submission_scope(client), _breaking_off(), _collect(sent))

    assert sent[0]["status"] == 400
    assert _failures_counted() == before


def _a_submission_scope(client):
    headers = [
        (b"authorization", client.headers["Authorization"].encode()),
        (b"content-type", b"application/json"),
    ]
    return {
        "type": "http",
        "method": "POST",
        "path": "/aicontent/input/",
        "raw_path": b"/aicontent/input/",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "server": ("test", 80),
        "client": ("192.0.2.1", 4711),
        "headers": headers,
    }


def _breaking_off():
    messages = [{"type": "http.request", "body": b'{"sta', "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    return receive


def _collect(sent):
    async def send(message):
        sent.append(message)

    return send


def _failures_counted():
    samples = [sample for metric in middleware.requests_total.collect() for sample in metric.samples]
    return sum(s.value for s in samples if s.name.endswith("_total") and s.labels["status"] == "500")


async def _empty_app(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(app):
    """A connection to a server that takes requests of bounded length."""
    config = uvicorn.Config(app, log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedHttpProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    yield reader, writer
    writer.close()
    server.close()


@pytest.fixture
async def wire():
    """One that answers 204 to everything."""
    async with serving(_empty_app) as wire:
        yield wire


ENDLESS = {
    "address": (b"GET /", b"a" * 16_000),
    "one header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a" * 16_000),
    "many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Filler: of no use\r\n" * 800),
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_a_head_without_an_end_is_refused_before_it_fills_the_memory(wire, kind):
    reader, writer = wire
    beginning, more = ENDLESS[kind]

    writer.write(beginning)
    for _ in range(MOST_BYTES_OF_HEAD // len(more) + 1):
        await asyncio.sleep(0.01)
        writer.write(more)

    answer = await asyncio.wait_for(reader.readline(), 5)
    assert b" 400 " in answer


async def test_a_long_body_and_many_requests_on_one_connection_are_no_long_head(wire):
    reader, writer = wire
    body = b"x" * 4 * MOST_BYTES_OF_HEAD
    heading = b"POST / HTTP/1.1\r\nHost: x\r\nX: %s\r\nContent-Length: %d\r\n\r\n" % (b"y" * 20_000, len(body))

    answers = []
    for _ in range(5):
        writer.write(heading + body)
        answers.append(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5))

    assert all(b" 204 " in answer for answer in answers)


async def test_what_came_before_in_the_same_piece_is_not_counted_as_head(wire):
    reader, writer = wire
    body = b"x" * 3 * MOST_BYTES_OF_HEAD

    writer.write(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%bGET / HTTP/1.1\r\n" % (len(body), body)
    )
    first = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    await asyncio.sleep(0.05)
    writer.write(b"Host: x\r\n\r\n")
    second = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)

    assert (b" 204 " in first, b" 204 " in second) == (True, True)


async def test_the_request_that_is_being_answered_learns_that_its_client_was_sent_away():
    told: asyncio.Queue[str] = asyncio.Queue()

    async def app(scope, receive, send):
        await receive()
        await told.put((await receive())["type"])
        await _empty_app(scope, receive, send)

    async with serving(app) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)

        assert await asyncio.wait_for(told.get(), 5) == "http.disconnect"


DISPOSITIONS = {
    "a number too large to be one": f"attachment; filename*{'9' * 1990}*=x",
    "an encoding that decodes nothing": "attachment; filename*=idna''%ff",
    "what takes long to read": 'x;"' + ";" * 60_000,
}


@pytest.mark.parametrize("kind", DISPOSITIONS)
async def test_a_file_survives_a_hostile_name(kind):
    answer = an_answer(b"the file", Content_Disposition=DISPOSITIONS[kind])
    async with a_site({"/leaf.png": answer}) as site, a_fetcher(site.origin) as fetcher:
        fetched = await asyncio.wait_for(fetcher.fetch(f"{site.origin}/leaf.png"), 2)

    assert fetched.size == len(b"the file")
    fetched.discard()
