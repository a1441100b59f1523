"""Files named in a result: fetched from a real server after the answer, kept, retried or given up."""

import asyncio
import base64
import io

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.models import Media
from tests.builders import a_site, a_submission, a_token
from tests.conftest import a_client, eventually
from tests.envelopes import failed, succeeded
from tests.file_server import FileServer


def a_picture(colour="red"):
    file = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def files():
    server = FileServer()
    yield server
    server.close()


@pytest.fixture
async def service(start, files):
    return await start(
        run_jobs=True, fetch_allowed_origins=[files.origin], fetch_retry_seconds=0.2, fetch_attempts=3
    )


@pytest.fixture
async def client(service):
    async with a_client(service, await a_token(service)) as client:
        yield client


async def submit(client, *urls, query="", **data):
    answer = await client.post(f"/aicontent/input/{query}", json=a_submission(files=list(urls), **data))
    assert succeeded(answer) == {}
    return answer.headers["Content-Location"]


async def settled(client, place, *, statuses=("stored", "failed")):
    """The content once each of its files has one of the statuses."""

    async def look():
        content = succeeded(await client.get(place))
        return content if all(file["status"] in statuses for file in content["files"]) else None

    return await eventually(look)


async def test_a_file_is_fetched_and_served(client, files):
    url = files.serves("/genimgs/1.png", a_picture())

    (file,) = (await settled(client, await submit(client, url)))["files"]

    assert (file["source"], file["status"], file["reason"]) == (url, "stored", None)
    assert file["url"].startswith("http://test/media/")
    assert file["url"].endswith("/1.png")
    served = await client.get(file["url"])
    assert served.content == a_picture()
    assert served.headers["Content-Type"] == "image/png"


async def test_the_type_is_told_by_the_bytes_and_not_by_name_or_header(client, files):
    url = files.serves("/picture.exe", a_picture(), media_type="application/x-msdownload")

    (file,) = (await settled(client, await submit(client, url)))["files"]

    served = await client.get(file["url"])
    assert served.headers["Content-Type"] == "image/png"
    assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_same_bytes_of_two_contents_are_kept_once(client, service, files):
    one, two = (files.serves(f"/{name}.png", a_picture()) for name in "ab")

    first, second = await submit(client, one), await submit(client, two)
    hashes = {(await settled(client, place))["files"][0]["url"].split("/")[4] for place in (first, second)}

    assert len(hashes) == 1
    async with service.state.runtime.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Media)) == 1


async def test_several_files_stay_in_their_order(client, files):
    urls = [files.serves(f"/{n}.png", a_picture((n, 0, 0))) for n in range(5)]

    content = await settled(client, await submit(client, *urls))

    assert [file["source"] for file in content["files"]] == urls
    assert {file["status"] for file in content["files"]} == {"stored"}


async def test_a_failing_server_is_asked_again_and_the_reason_kept_meanwhile(client, files):
    url = files.serves("/late.png", a_picture(), first=[503, 503])
    place = await submit(client, url)

    meanwhile = await settled(client, place, statuses=("retrying", "stored"))
    finally_ = await settled(client, place)

    assert meanwhile["files"][0]["status"] == "retrying"
    assert "503" in meanwhile["files"][0]["reason"]
    assert (finally_["files"][0]["status"], finally_["files"][0]["reason"]) == ("stored", None)


async def test_a_late_picture_comes_onto_the_page(client, service, files):
    await a_site(service.state.runtime.database)
    url = files.serves("/late.png", a_picture(), first=[503])

    place = await submit(client, url, query="?writetofile=1")
    published = succeeded(await client.get(place))
    without = await client.get(published["publish"]["url"])
    await settled(client, place)

    async def picture_is_there():
        page = await client.get(published["publish"]["url"])
        return page if "late.png" in page.text else None

    page = await eventually(picture_is_there)
    assert "late.png" not in without.text
    assert "<img" in page.text


async def test_a_file_that_never_comes_is_given_up_with_its_reason(client, files):
    url = files.serves("/never.png", b"", status=500)

    (file,) = (await settled(client, await submit(client, url)))["files"]

    assert (file["status"], file["url"]) == ("failed", None)
    assert "given up after 3 attempts" in file["reason"]
    assert "500" in file["reason"]


async def test_a_library_that_fails_is_told_and_tried_again(client, service, files):
    await a_site(service.state.runtime.database)
    library = service.state.runtime.settings.data_dir / "media"
    library.rmdir()
    library.write_text("a file where the folder should be")

    place = await submit(client, files.serves("/1.png", a_picture()), query="?writetofile=1")
    meanwhile = succeeded(await client.get(place))
    library.unlink()
    finally_ = await settled(client, place)

    assert meanwhile["files"][0]["status"] == "retrying"
    assert "could not be kept" in meanwhile["files"][0]["reason"]
    assert meanwhile["publish"]["status"] == "published"
    assert finally_["files"][0]["status"] == "stored"


async def test_a_server_that_is_away_is_no_reason_to_lose_the_content(client):
    place = await submit(client, "http://127.0.0.1:9/none.png", text="# Safe")

    content = await settled(client, place)
    assert content["text"] == "# Safe"


NOT_PUBLIC = [
    "http://127.0.0.1:1/x.png",
    "http://localhost/x.png",
    "http://[::1]/x.png",
    "http://[::ffff:127.0.0.1]/x.png",
    "http://10.0.0.8/x.png",
    "http://169.254.169.254/latest/meta-data/",
    "http://0x7f000001/x.png",
    "http://2130706433/x.png",
    "file:///etc/passwd",
    "ftp://example.com/x.png",
    "no address at all",
    "http://user:password@127.0.0.1/x.png",
]


async def test_what_is_no_public_address_is_refused_with_a_reason(client, subtests):
    content = await settled(client, await submit(client, *NOT_PUBLIC))

    for file in content["files"]:
        with subtests.test(file["source"]):
            assert file["status"] == "failed"
            assert file["reason"]
            assert "given up" not in file["reason"]


async def test_a_redirect_into_the_house_is_refused(client, files):
    url = files.redirects("/a.png", to="http://127.0.0.1:1/secret")

    (file,) = (await settled(client, await submit(client, url)))["files"]

    assert file["status"] == "failed"
    assert "loopback" in file["reason"]


async def test_the_gai_applications_own_address_is_allowed_out_of_the_box(make_settings):
    assert make_settings().fetch_allowed_origins == ["http://localhost:8080"]


async def test_too_many_files_are_refused(client):
    failed(await client.post("/aicontent/input/", json=a_submission(files=["http://a/"] * 33)), 422, "data.files")


async def test_a_data_url_is_kept(client):
    url = "data:image/png;base64," + base64.b64encode(a_picture()).decode()

    (file,) = (await settled(client, await submit(client, url)))["files"]

    assert file["status"] == "stored"
    assert url.startswith(file["source"].removesuffix("…"))
    assert (await client.get(file["url"])).content == a_picture()


async def test_a_broken_data_url_is_told(client, subtests):
    urls = ["data:", "data:image/png;base64,!!!", "data:image/png;base64,A"]

    content = await settled(client, await submit(client, *urls))

    for file in content["files"]:
        with subtests.test(file["source"]):
            assert file["status"] == "failed"
            assert file["reason"]


ACTIVE = [
    b"<!doctype html><script>alert(1)</script>",
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    b"<?xml version='1.0'?><x/>",
    b"alert(1)",
]


async def test_nothing_active_is_ever_served(client, files, subtests):
    urls = [files.serves(f"/{n}.html", body, media_type="text/html") for n, body in enumerate(ACTIVE)]

    content = await settled(client, await submit(client, *urls))

    for file, body in zip(content["files"], ACTIVE, strict=True):
        with subtests.test(body.decode()):
            served = await client.get(file["url"])
            assert served.headers["Content-Type"].split(";")[0] in {"text/plain", "application/octet-stream"}
            assert served.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in served.headers["Content-Security-Policy"]


async def test_files_are_served_in_part_and_without_body_and_not_again(client, files):
    url = files.serves("/1.png", a_picture())
    (file,) = (await settled(client, await submit(client, url)))["files"]
    del client.headers["Authorization"]

    head = await client.head(file["url"])
    part = await client.get(file["url"], headers={"Range": "bytes=1-3"})
    again = await client.get(file["url"], headers={"If-None-Match": head.headers["ETag"]})
    beyond = await client.get(file["url"], headers={"Range": "bytes=99999-"})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(a_picture()))
    assert (part.status_code, part.content) == (206, b"PNG")
    assert (again.status_code, again.content) == (304, b"")
    failed(beyond, 416, "Range")


async def test_a_file_that_is_not_there_is_not_found(client, subtests):
    for place in ["media", "uploads"]:
        for name in ["0" * 64, "x", "..%2f..%2fetc", "%00"]:
            with subtests.test(place=place, name=name):
                failed(await client.get(f"/{place}/{name}/a.png"), 404)


async def test_many_contents_with_files_at_once_all_arrive(client, files):
    urls = [files.serves(f"/{n}.png", a_picture((n, n, n))) for n in range(12)]

    places = await asyncio.gather(*(submit(client, url, text=url) for url in urls))

    for place in places:
        assert (await settled(client, place))["files"][0]["status"] == "stored"
