"""What all answers have in common: ids, headers, errors without internals, CORS, and the log."""

import json
import re

import httpx
import pytest
from sqlalchemy import text

from tests.builders import PASSWORD, a_prompt, a_submission, a_token, a_user
from tests.cable import a_cable
from tests.conftest import a_client
from tests.envelopes import errored, failed, succeeded
from tests.faults.processes import a_service

SECRETS = "password=hunter2 host=10.0.0.1 /srv/app/secret.py"


async def snapshot(database):
    """Everything a client could change, as one value."""
    async with database.session() as session:
        tables = ["gai_prompt", "gai_content", "gai_publish", "gai_prompt_attempt", "access_token"]
        return [(await session.execute(text(f"SELECT * FROM {table} ORDER BY id"))).all() for table in tables]


# --- request ids ---


async def test_every_answer_carries_a_request_id_of_its_own(stranger):
    answers = [await stranger.get(path) for path in ["/healthz", "/healthz", "/nowhere", "/aiprompt/output/"]]

    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 4


async def test_a_request_id_that_was_given_is_kept(stranger):
    answer = await stranger.get("/healthz", headers={"X-Request-ID": "proxy-1.2_3"})

    assert answer.headers["X-Request-ID"] == "proxy-1.2_3"


@pytest.mark.parametrize("given", ["", " ", "a b", "é", "x" * 129, 'a"b', "<script>", "a;b"])
async def test_a_request_id_of_odd_letters_is_replaced(stranger, given):
    answer = await stranger.get("/healthz", headers={"X-Request-ID": given.encode("latin-1")})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


# --- headers ---


async def test_every_answer_carries_the_security_headers(stranger, client, subtests):
    for path in ["/healthz", "/nowhere", "/aiprompt/output/", "/openapi.json", "/docs", "/metrics"]:
        with subtests.test(path):
            headers = (await stranger.get(path)).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "server" not in headers


async def test_what_hands_something_out_is_kept_by_no_cache(client, database):
    await a_prompt(database)

    for answer in [
        await client.get("/aiprompt/output/"),
        await client.get("/jwtinfo"),
        await client.post("/aicontent/input/", json=a_submission()),
        await client.get("/aicontent/1/"),
        await client.get("/aiprompt/reset/"),
        await client.post("/signout"),
    ]:
        assert answer.headers["Cache-Control"] == "no-store"


async def test_letters_of_all_languages_leave_as_utf_8(client, database):
    await a_prompt(database, text="雨丝斜斜地飘着 — Дождь 🌧")

    answer = await client.get("/aiprompt/output/")

    assert "雨丝斜斜地飘着 — Дождь 🌧".encode() in answer.content
    assert b"\\u" not in answer.content


async def test_times_leave_with_their_offset(client, database):
    prompt = await a_prompt(database)
    await client.get("/aiprompt/output/")
    place = (await client.post("/aicontent/input/", json=a_submission())).headers["Content-Location"]

    created = succeeded(await client.get(place))["created"]
    until = succeeded(await client.post(f"/aiprompt/{prompt.id}/heartbeat/"))["leasedUntil"]

    for instant in (created, until):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", instant)


# --- what is ignored, what changes nothing ---


async def test_unknown_query_parameters_are_ignored(client, stranger, database):
    user = await a_user(database)

    succeeded(await client.get("/aiprompt/output/?client=gai&v=2"))
    succeeded(await client.get("/aiprompt/reset/?x=1"))
    succeeded(await client.get("/jwtinfo?x=1"))
    succeeded(await stranger.post("/signin?x=1", data={"username": user.email, "password": PASSWORD, "x": "1"}))


async def test_head_and_options_change_nothing(client, database, subtests):
    await a_prompt(database)
    before = await snapshot(database)

    for method in ["HEAD", "OPTIONS"]:
        for path in ["/aiprompt/output/", "/aiprompt/reset/", "/aicontent/input/", "/signout", "/signin"]:
            with subtests.test(method=method, path=path):
                answer = await client.request(method, path)
                assert answer.status_code in {200, 405}

    assert await snapshot(database) == before


async def test_a_missing_slash_never_redirects(client, database):
    await a_prompt(database)

    for method, path in [
        ("POST", "/aicontent/input"), ("GET", "/aiprompt/output"), ("GET", "/aiprompt/reset"),
        ("POST", "/aiprompt/reset"), ("GET", "/aicontent/1"), ("GET", "/jwtinfo/"), ("POST", "/signout/"),
    ]:  # fmt: skip
        answer = await client.request(method, path, json=a_submission() if "input" in path else None)
        succeeded(answer)


# --- errors ---


async def test_a_defect_of_ours_is_answered_without_internals(start):
    service = await start()

    @service.get("/broken")
    async def broken():
        raise RuntimeError(SECRETS)

    async with a_client(service) as client:
        answer = await client.get("/broken", headers={"X-Request-ID": "find-me"})

    message = errored(answer, 500)
    assert answer.headers["X-Request-ID"] == "find-me"
    assert not any(
        word in answer.text for word in ["hunter2", "10.0.0.1", "secret.py", "RuntimeError", "Traceback"]
    )
    assert "request id" in message


async def test_a_database_that_is_away_is_told_as_503(start, dsn):
    async with a_cable(dsn) as (through_cable, cut):
        service = await start(database_url=through_cable)
        token = await a_token(service)
        async with a_client(service, token) as client:
            succeeded(await client.get("/aiprompt/output/"))
            cut()
            answers = [
                await client.get("/aiprompt/output/"),
                await client.post("/aicontent/input/", json=a_submission()),
                await client.get("/aicontent/1/"),
                await client.post("/signin", data={"username": "a@b.c", "password": "x"}),
                await client.get("/sites/MySite/"),
            ]
            ready = await client.get("/readyz")
            alive = await client.get("/healthz")

    for answer in answers:
        errored(answer, 503)
        assert int(answer.headers["Retry-After"]) >= 1
        assert "127.0.0.1" not in answer.text
    assert "database: away" in errored(ready, 503)
    succeeded(alive)


# --- CORS ---

PREFLIGHT = {
    "Origin": "https://gai.example.com",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type",
}


async def test_other_origins_are_told_nothing_by_default(client):
    simple = await client.get("/aiprompt/output/", headers={"Origin": "https://gai.example.com"})
    preflight = await client.options("/aicontent/input/", headers=PREFLIGHT)

    assert not any(name.startswith("access-control") for name in [*simple.headers, *preflight.headers])
    failed(preflight, 405, "method")


async def test_an_allowed_origin_may_call_without_a_token_on_the_preflight(start):
    service = await start(cors_origins=["https://gai.example.com"])
    before = await snapshot(service.state.runtime.database)
    async with a_client(service) as stranger:
        preflight = await stranger.options("/aicontent/input/?writetofile=1", headers=PREFLIGHT)
        refused = await stranger.get("/aiprompt/output/", headers={"Origin": "https://gai.example.com"})

    assert succeeded(preflight) == {}
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://gai.example.com"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
    failed(refused, 401)
    assert refused.headers["Access-Control-Allow-Origin"] == "https://gai.example.com"
    assert await snapshot(service.state.runtime.database) == before


async def test_another_origin_is_refused_when_some_are_allowed(start):
    service = await start(cors_origins=["https://gai.example.com"])
    async with a_client(service) as stranger:
        other = {"Origin": "https://evil.example.com"}
        preflight = await stranger.options("/aicontent/input/", headers=PREFLIGHT | other)
        simple = await stranger.get("/healthz", headers=other)

    failed(preflight, 400)
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert "Access-Control-Allow-Origin" not in simple.headers


# --- the log ---


async def test_the_log_names_each_request_and_no_secret(tmp_path, dsn):
    async with (
        a_service(tmp_path, database_url=dsn, log_level="DEBUG", log_json="true") as service,
        httpx.AsyncClient(base_url=service.url) as client,
    ):
        form = {"username": "admin@example.com", "password": "a password for tests"}
        token = succeeded(await client.post("/signin", data=form))["jwt"]
        await client.post("/signin", data=form | {"password": "mistyped-password"})
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": "find-me"}
        await client.get(f"/aiprompt/output/?token={token}&x=in-the-address", headers=headers)
        await client.post("/aicontent/input/", headers=headers, json=a_submission(text="a private text"))
        await client.post("/aicontent/input/", headers=headers, content=b'{"a private text')
    written = service.log.read_text()

    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    about_it = [line for line in lines if line.get("request_id") == "find-me"]
    requests = [(line["method"], line["path"], line["status"]) for line in about_it if line["event"] == "request"]
    assert requests[0] == ("GET", "/aiprompt/output/", 200)
    assert [status for _, _, status in requests] == [200, 200, 415]
    for secret in [form["password"], "mistyped", token, token.split(".")[2], "in-the-address", "a private text"]:
        assert secret not in written
