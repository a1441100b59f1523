import asyncio
import hashlib
import tempfile
import time

import httpx
import pytest

from app.media.fetching import Fetcher, FetchFailed, FetchRefused
from tests.unit.media_site import a_fetcher, a_redirect, a_site, an_answer


async def fetch_from(answers, path="/file", **options):
    async with a_site(answers) as site, a_fetcher(site.origin, **options) as fetcher:
        return await fetcher.fetch(site.origin + path)


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


async def test_a_file_of_an_allowed_origin_is_fetched_whole():
    body = bytes(range(256)) * 2000

    fetched = await fetch_from({"/file": an_answer(body)})

    assert fetched.path.read_bytes() == body
    assert fetched.size == len(body)
    assert fetched.sha256 == hashlib.sha256(body).hexdigest()
    assert fetched.url.endswith("/file")


async def test_a_fetched_file_is_gone_once_discarded(scratch):
    fetched = await fetch_from({"/file": an_answer(b"x")})

    fetched.discard()

    assert list(scratch.iterdir()) == []


async def test_the_service_says_who_asks_and_wants_nothing_compressed():
    async with a_site({"/file": an_answer(b"x")}) as site, a_fetcher(site.origin) as fetcher:
        await fetcher.fetch(site.origin + "/file")

    assert "user-agent: pygai-connector/" in site.requests[0].lower()
    assert "accept-encoding: identity" in site.requests[0].lower()


async def test_no_cookie_of_one_fetch_is_sent_with_another():
    async with a_site({"/file": an_answer(b"x", Set_Cookie="a=b")}) as site, a_fetcher(site.origin) as fetcher:
        await fetcher.fetch(site.origin + "/file")
        await fetcher.fetch(site.origin + "/file")

    assert "cookie" not in site.requests[1].lower()


async def test_a_file_that_declares_too_large_a_size_is_refused_at_once():
    with pytest.raises(FetchRefused, match="larger than 10 bytes"):
        await fetch_from({"/file": an_answer(b"x" * 11)}, max_bytes=10)


async def test_a_file_that_hides_its_size_is_refused_when_it_has_grown_too_large(scratch):
    async def endless(writer):
        writer.write(an_answer(with_length=False))
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    with pytest.raises(FetchRefused, match="larger than"):
        await fetch_from({"/file": endless}, max_bytes=300_000)

    assert list(scratch.iterdir()) == []


async def test_a_file_of_exactly_the_largest_size_is_taken():
    fetched = await fetch_from({"/file": an_answer(b"x" * 10, with_length=False)}, max_bytes=10)

    assert fetched.size == 10


async def test_a_server_that_drips_is_given_up_after_the_time_for_the_whole_file(scratch):
    async def dripping(writer):
        writer.write(an_answer(with_length=False))
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    began = time.monotonic()
    with pytest.raises(FetchFailed, match=r"longer than 0\.3 seconds"):
        await fetch_from({"/file": dripping}, timeout_seconds=0.3)

    assert time.monotonic() - began < 2
    assert list(scratch.iterdir()) == []


async def test_a_server_that_never_answers_is_given_up():
    async def silent(_writer):
        await asyncio.sleep(1)

    with pytest.raises(FetchFailed, match="longer than"):
        await fetch_from({"/file": silent}, timeout_seconds=0.2)


async def test_redirects_use_up_the_same_time():
    async def slow_redirect(writer):
        await asyncio.sleep(0.15)
        writer.write(a_redirect("/file"))

    with pytest.raises(FetchFailed, match="longer than"):
        await fetch_from({"/file": slow_redirect}, timeout_seconds=0.4)


async def test_a_compressed_answer_is_refused():
    with pytest.raises(FetchRefused, match="compressed"):
        await fetch_from({"/file": an_answer(b"\x1f\x8b", Content_Encoding="gzip")})


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "404 Not Found", "410 Gone"])
async def test_a_file_that_is_not_there_is_refused_for_good(status):
    with pytest.raises(FetchRefused) as refused:
        await fetch_from({"/file": an_answer(status=status)})

    assert refused.value.reason == f"the server answered {status}"


@pytest.mark.parametrize(
    "status",
    [
        "408 Request Timeout",
        "425 Too Early",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "304 Not Modified",
    ],
)
async def test_a_bad_moment_of_the_server_is_worth_another_try(status):
    with pytest.raises(FetchFailed) as failed:
        await fetch_from({"/file": an_answer(status=status, with_length=False)})

    assert failed.value.reason == f"the server answered {status}"


async def test_an_answer_cut_short_is_worth_another_try(scratch):
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"

    with pytest.raises(FetchFailed, match="broke off"):
        await fetch_from({"/file": cut})

    assert list(scratch.iterdir()) == []


async def test_what_is_not_http_is_worth_another_try():
    with pytest.raises(FetchFailed, match="proper HTTP"):
        await fetch_from({"/file": b"SSH-2.0-OpenSSH_9\r\n\r\n"})


async def test_a_server_that_is_not_there_is_worth_another_try():
    async with a_site() as site:
        pass

    async with a_fetcher(site.origin) as fetcher:
        with pytest.raises(FetchFailed, match="cannot be reached"):
            await fetcher.fetch(site.origin + "/file")


async def test_a_name_that_cannot_be_resolved_is_worth_another_try():
    async def resolver(_host, _port):
        raise OSError("no such name")

    async with a_fetcher(resolve=resolver) as fetcher:
        with pytest.raises(FetchFailed) as failed:
            await fetcher.fetch("http://nowhere.example/")

    assert failed.value.reason == "the name nowhere.example cannot be resolved"


@pytest.mark.parametrize(
    ("path", "headers", "name"),
    [
        ("/a/picture.png?size=2", {}, "picture.png"),
        ("/a/%E7%8C%AB.png", {}, "%E7%8C%AB.png"),
        ("/", {}, ""),
        ("/1234", {"Content_Disposition": 'attachment; filename="cat.png"'}, "cat.png"),
        ("/1234", {"Content_Disposition": "inline; filename*=UTF-8''%E7%8C%AB.png"}, "猫.png"),
        ("/1234", {"Content_Disposition": "attachment; filename*=nonsense''%FF"}, None),
        ("/1234", {"Content_Disposition": "inline"}, "1234"),
    ],
)
async def test_the_name_comes_from_the_server_or_else_from_the_address(path, headers, name):
    fetched = await fetch_from({path: an_answer(b"x", **headers)}, path)

    assert name is None or fetched.name == name


async def test_a_name_survives_a_redirect_to_a_nameless_place():
    answers = {"/cat.png": a_redirect("/"), "/": an_answer(b"x")}

    fetched = await fetch_from(answers, "/cat.png")

    assert fetched.name == "cat.png"


async def test_redirects_are_followed():
    answers = {
        "/file": a_redirect("two"),
        "/two": a_redirect("/three", "308 Permanent"),
        "/three": an_answer(b"x"),
    }

    fetched = await fetch_from(answers)

    assert fetched.url.endswith("/three")


async def test_redirects_without_end_are_refused():
    async with a_site({"/file": a_redirect("/file")}) as site, a_fetcher(site.origin) as fetcher:
        with pytest.raises(FetchRefused, match="redirects more than 5 times"):
            await fetcher.fetch(site.origin + "/file")

    assert len(site.requests) == 6


async def test_an_unreadable_redirect_is_an_error_in_words():
    with pytest.raises(FetchFailed, match="proper HTTP"):
        await fetch_from({"/file": a_redirect("http://a:b/")})


async def test_a_fetch_that_is_cancelled_leaves_nothing_behind(scratch):
    begun = asyncio.Event()

    async def stalling(writer):
        writer.write(an_answer(with_length=False) + b"x" * 400_000)
        await writer.drain()
        begun.set()
        await asyncio.sleep(1)

    task = asyncio.create_task(fetch_from({"/file": stalling}))
    await begun.wait()
    await asyncio.sleep(0.05)
    assert list(scratch.iterdir())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert list(scratch.iterdir()) == []


async def test_several_addresses_are_tried_in_their_order():
    async def resolver(_host, _port):
        return ["127.0.0.9", "127.0.0.1"]

    async with a_site({"/file": an_answer(b"x")}) as site:
        origin = f"http://files.example:{site.port}"
        async with a_fetcher(origin, resolve=resolver) as fetcher:
            fetched = await fetcher.fetch(origin + "/file")

    assert fetched.size == 1
    assert f"host: files.example:{site.port}" in site.requests[0].lower()


async def test_localhost_is_this_machine_whatever_a_resolver_says():
    async def resolver(_host, _port):
        return ["192.0.2.1"]

    async with a_site({"/file": an_answer(b"x")}) as site:
        origin = f"http://localhost:{site.port}"
        async with a_fetcher(origin, resolve=resolver) as fetcher:
            fetched = await fetcher.fetch(origin + "/file")

    assert fetched.size == 1


async def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    fetched = await fetch_from({"/file": an_answer(b"x")})

    assert fetched.size == 1


async def test_a_transport_is_shut_with_its_fetcher():
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    fetcher = Fetcher(timeout_seconds=1, max_bytes=1, transport=transport)

    await fetcher.aclose()

    with pytest.raises(RuntimeError, match="closed"):
        await fetcher.fetch("http://8.8.8.8/")
