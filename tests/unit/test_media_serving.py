import httpx
import pytest
from fastapi import FastAPI, Request

from app.api.media import router
from app.core.http import jsend, openapi
from app.media.serving import serve
from app.runtime import open_runtime

BODY = bytes(range(256)) * 4000
TEXT = "早上好\n".encode()


@pytest.fixture
async def runtime(make_settings, tmp_path):
    async with open_runtime(make_settings(media_url=str(tmp_path / "media"))) as runtime:
        yield runtime


@pytest.fixture
def library(runtime):
    assert runtime.library.store, "opened, as the service does at its start"
    return runtime.library


@pytest.fixture
async def client(runtime, library):
    app = FastAPI()
    jsend.install(app)
    app.include_router(router)
    app.state.runtime = runtime

    @app.api_route("/sites/{key:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def site(request: Request, key: str):
        return await serve(library.store, key, request, media_type="text/html", cache_control="no-cache")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def a_file(library, body=BODY):
    stored = await library.keep(body)
    library.remember(stored)
    return f"/media/{stored.hash}/x.bin"


async def test_a_file_is_served_whole_and_for_good(client, library):
    url = await a_file(library)

    answer = await client.get(url)

    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"] == f'"{url.split("/")[2]}"'


async def test_uploads_are_the_same_files(client, library):
    url = await a_file(library, TEXT)

    answer = await client.get(url.replace("/media/", "/uploads/"))

    assert answer.content == TEXT


async def test_text_is_shown_with_its_charset_and_can_run_nothing(client, library):
    url = await a_file(library, TEXT)

    answer = await client.get(url)

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'inline; filename="x.txt"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    "body",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><x/>",
        b"PK\x03\x04\x00\x00\x00\x00",
        b"\x00\x01\x02",
    ],
)
@pytest.mark.parametrize("name", ["x.html", "x.png", "x.svg"])
async def test_active_content_is_only_handed_out_for_saving(client, library, body, name):
    url = await a_file(library, body)

    answer = await client.get(url.replace("x.bin", name))

    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert not answer.headers["Content-Disposition"].endswith(('.html"', '.png"', '.svg"'))


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("plain.txt", 'inline; filename="plain.txt"'),
        ("%E7%8C%AB.txt", "inline; filename=\"_.txt\"; filename*=UTF-8''%E7%8C%AB.txt"),
        ("a%22b.txt", 'inline; filename="a_b.txt"'),
        ("..%2f..%2fetc%2fpasswd", 'inline; filename="passwd.txt"'),
        ("a/b/c.txt", 'inline; filename="c.txt"'),
        ("100%25.txt", "inline; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
        ("", 'inline; filename="file.txt"'),
    ],
)
async def test_a_hostile_name_does_no_more_than_name_the_download(client, library, name, disposition):
    url = await a_file(library, TEXT)

    answer = await client.get(url.replace("x.bin", name))

    assert answer.content == TEXT
    assert answer.headers["Content-Disposition"] == disposition


async def test_head_answers_as_get_would_without_the_body(client, library):
    url = await a_file(library)

    head, get = await client.head(url), await client.get(url)

    assert head.content == b""
    assert head.headers == get.headers


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
async def test_who_has_the_file_is_not_sent_it_again(client, library, known):
    url = await a_file(library)

    answer = await client.get(url, headers={"If-None-Match": known.format(url.split("/")[2])})

    assert answer.status_code == 304
    assert answer.content == b""
    assert "Content-Length" not in answer.headers
    assert answer.headers["Cache-Control"].startswith("public")


async def test_who_has_another_file_is_sent_this_one(client, library):
    url = await a_file(library)

    answer = await client.get(url, headers={"If-None-Match": '"other"'})

    assert answer.content == BODY


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-0", BODY[:1], "bytes 0-0/1024000"),
        ("bytes=10-19", BODY[10:20], "bytes 10-19/1024000"),
        ("bytes=1023990-", BODY[-10:], "bytes 1023990-1023999/1024000"),
        ("bytes=-5", BODY[-5:], "bytes 1023995-1023999/1024000"),
        ("bytes=1-9999999", BODY[1:], "bytes 1-1023999/1024000"),
        ("bytes=-9999999", BODY, "bytes 0-1023999/1024000"),
        ("BYTES=0-1023999", BODY, "bytes 0-1023999/1024000"),
    ],
)
async def test_a_part_of_a_file_can_be_had(client, library, asked, part, content_range):
    url = await a_file(library)

    answer = await client.get(url, headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["Content-Range"] == content_range
    assert answer.headers["Content-Length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=2000000-3000000", "bytes=-0"])
async def test_a_part_that_is_not_there_is_refused(client, library, asked):
    url = await a_file(library)

    answer = await client.get(url, headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024000"
    assert answer.json() == {"status": "fail", "data": {"Range": "there are 1024000 bytes"}}


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=٣-٤"]
)
async def test_a_range_that_makes_no_sense_counts_as_none(client, library, asked):
    url = await a_file(library)

    answer = await client.get(url, headers={"Range": asked.encode()})

    assert answer.status_code == 200
    assert answer.content == BODY


async def test_a_part_of_a_file_that_has_changed_is_not_mixed_with_the_old_one(client, library):
    url = await a_file(library)

    answer = await client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"older"'})

    assert answer.status_code == 200
    assert answer.content == BODY


async def test_an_empty_file_is_served_and_has_no_parts(client, library):
    url = await a_file(library, b"")

    whole, part = await client.get(url), await client.get(url, headers={"Range": "bytes=0-"})

    assert (whole.status_code, whole.headers["Content-Length"]) == (200, "0")
    assert part.status_code == 416


@pytest.mark.parametrize("hash_", ["0" * 63, "0" * 65, "A" * 64, "..", "x", "0" * 62 + "%00", "٣" * 64])
async def test_what_is_no_hash_is_not_found_without_asking_the_database(client, hash_):
    answer = await client.get(f"/media/{hash_}/x.png")

    assert answer.status_code == 404
    assert answer.json()["status"] == "fail"


async def test_a_file_lost_from_the_store_is_not_found(client, library, tmp_path):
    url = await a_file(library)
    digest = url.split("/")[2]
    (tmp_path / "media" / digest[:2] / digest).unlink()

    answer = await client.get(url)

    assert answer.status_code == 404
    assert answer.json() == {"status": "fail", "data": {"path": "there is nothing here"}}


@pytest.mark.parametrize(
    "key",
    [
        "none",
        "../secret",
        "..%2f..%2fsecret",
        "a//b",
        "ab",
        "ab/page/deeper",
        "x" * 300,
        "a%00b",
        "a%0ab",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_no_key_leads_to_anything_but_an_object(client, library, tmp_path, key, method):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "media" / "ab").mkdir()
    (tmp_path / "media" / "ab" / "page").write_text("page")

    answer = await client.request(method, f"/sites/{key}")

    assert answer.status_code == 404


async def test_a_page_that_was_replaced_has_another_etag(client, tmp_path):
    page = tmp_path / "media" / "page"
    page.write_text("old")
    first = await client.get("/sites/page")
    page.unlink()
    page.write_text("new!")

    second = await client.get("/sites/page", headers={"If-None-Match": first.headers["ETag"]})
    third = await client.get("/sites/page", headers={"If-None-Match": second.headers["ETag"]})

    assert (second.status_code, second.text) == (200, "new!")
    assert second.headers["Content-Type"] == "text/html"
    assert "Content-Disposition" not in second.headers
    assert third.status_code == 304


def test_the_files_are_documented():
    app = FastAPI()
    app.include_router(router)

    paths = openapi.build(app)["paths"]

    assert set(paths) == {"/media/{hash}/{name}", "/uploads/{hash}/{name}"}
    for operations in paths.values():
        assert set(operations) == {"get", "head"}
        assert "HTTPValidationError" not in str(operations)
        assert set(operations["get"]["responses"]) == {"200", "206", "304", "404", "416", "500", "503"}
