"""Files that are handed out with a prompt: attached, listed, served and detached."""

import asyncio
import io
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image
from sqlalchemy import select

from app.models import PromptFile
from tests.builders import a_prompt, a_token
from tests.conftest import a_client
from tests.envelopes import failed, succeeded

TEXT = b"Dear diary,\n"


def a_picture(colour="red"):
    bytes_ = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(bytes_, "PNG")
    return bytes_.getvalue()


def files_of(prompt):
    return f"/aiprompt/{prompt.id}/files/"


async def upload(client, prompt, name="notes.txt", content=TEXT, media_type="application/octet-stream"):
    return await client.post(files_of(prompt), files={"file": (name, content, media_type)})


async def fetch(client):
    return succeeded(await client.get("/aiprompt/output/"))


async def count_files(database):
    async with database.session() as session:
        return len((await session.scalars(select(PromptFile))).all())


async def test_an_uploaded_file_is_handed_out_and_served(administrator, client, stranger, database):
    prompt = await a_prompt(database)

    attached = succeeded(await upload(administrator, prompt))
    task = await fetch(client)
    served = await stranger.get(task["files"][0])

    assert attached.keys() == {"id", "name", "url"}
    assert attached["name"] == "notes.txt"
    assert task["files"] == [attached["url"]]
    assert attached["url"].startswith("http://test/uploads/")
    assert served.status_code == 200
    assert served.content == TEXT
    assert served.headers["Content-Type"].startswith("text/plain")
    assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_type_comes_from_the_content_and_not_from_the_name(administrator, stranger, database):
    prompt = await a_prompt(database)

    attached = succeeded(await upload(administrator, prompt, "page.html", a_picture(), "text/html"))
    served = await stranger.get(attached["url"])

    assert served.headers["Content-Type"] == "image/png"
    assert attached["name"] == "page.png"


async def test_active_content_is_never_served_as_such(administrator, stranger, database):
    prompt = await a_prompt(database)
    page = b"<!doctype html><script>alert(document.cookie)</script>"

    attached = succeeded(await upload(administrator, prompt, "page.html", page, "text/html"))
    served = await stranger.get(attached["url"])

    assert "html" not in served.headers["Content-Type"]
    assert "sandbox" in served.headers["Content-Security-Policy"]


async def test_a_name_that_is_not_ascii_is_kept(administrator, client, stranger, database):
    prompt = await a_prompt(database)
    name = "Übersicht – 雨の日 план.txt"

    attached = succeeded(await upload(administrator, prompt, name))
    task = await fetch(client)
    served = await stranger.get(attached["url"])

    assert attached["name"] == name
    assert attached["url"].isascii()
    assert task["files"] == [attached["url"]]
    assert unquote(urlsplit(attached["url"]).path.rpartition("/")[2]) == name
    assert served.status_code == 200


async def test_a_hostile_name_stays_within_its_address(administrator, stranger, database):
    prompt = await a_prompt(database)

    for name in ("../../etc/passwd", "..\\..\\x.txt", "a/b?c#d.txt", "%2e%2e%2fx.txt", "\u202etxt.exe", "." * 9):
        attached = succeeded(await upload(administrator, prompt, name))
        path = urlsplit(attached["url"]).path
        assert len(path.split("/")) == 4, path
        assert ".." not in unquote(path)
        assert (await stranger.get(attached["url"])).content == TEXT


async def test_files_are_listed_in_the_order_in_which_they_are_handed_out(administrator, client, database):
    prompt, other = await a_prompt(database), await a_prompt(database)
    await upload(administrator, other, "other.txt")
    for name in ("b.txt", "a.txt", "c.txt"):
        await upload(administrator, prompt, name, name.encode())

    listed = succeeded(await administrator.get(files_of(prompt)))

    assert [file["name"] for file in listed] == ["b.txt", "a.txt", "c.txt"]
    assert (await fetch(client))["files"] == [file["url"] for file in listed]


async def test_a_prompt_without_files_lists_none(administrator, database):
    prompt = await a_prompt(database)

    assert succeeded(await administrator.get(files_of(prompt))) == []


async def test_a_detached_file_is_not_handed_out_any_more(administrator, client, stranger, database):
    prompt, other = await a_prompt(database), await a_prompt(database, is_enabled=False)
    first = succeeded(await upload(administrator, prompt, "one.txt", b"one"))
    second = succeeded(await upload(administrator, prompt, "two.txt", b"two"))
    shared = succeeded(await upload(administrator, other, "one.txt", b"one"))

    answer = await administrator.delete(f"{files_of(prompt)}{first['id']}/")

    assert succeeded(answer) == {}
    assert (await fetch(client))["files"] == [second["url"]]
    assert shared["url"] == first["url"]
    assert (await stranger.get(shared["url"])).content == b"one"


async def test_a_file_can_be_attached_after_one_was_detached(administrator, database):
    prompt = await a_prompt(database)
    first = succeeded(await upload(administrator, prompt, "one.txt"))
    await upload(administrator, prompt, "two.txt")
    await administrator.delete(f"{files_of(prompt)}{first['id']}")

    await upload(administrator, prompt, "three.txt")

    listed = succeeded(await administrator.get(files_of(prompt)))
    assert [file["name"] for file in listed] == ["two.txt", "three.txt"]


async def test_paths_without_their_slash_work_too(administrator, database):
    prompt = await a_prompt(database)
    path = files_of(prompt).rstrip("/")

    attached = succeeded(await administrator.post(path, files={"file": ("a.txt", TEXT)}))
    listed = succeeded(await administrator.get(path))
    detached = await administrator.delete(f"{path}/{attached['id']}")

    assert listed == [attached]
    assert succeeded(detached) == {}


async def test_clients_and_strangers_may_neither_list_attach_nor_detach(administrator, client, stranger, database):
    prompt = await a_prompt(database)
    file = succeeded(await upload(administrator, prompt))

    for caller, status in ((client, 403), (stranger, 401)):
        answers = [
            await caller.get(files_of(prompt)),
            await upload(caller, prompt),
            await caller.delete(f"{files_of(prompt)}{file['id']}/"),
        ]
        for answer in answers:
            failed(answer, status, "Authorization")

    assert succeeded(await administrator.get(files_of(prompt))) == [file]


async def test_unknown_prompts_and_files_are_not_found(administrator, database):
    prompt, other = await a_prompt(database), await a_prompt(database)
    file = succeeded(await upload(administrator, other))

    failed(await administrator.get("/aiprompt/4711/files/"), 404, "id")
    failed(await administrator.post("/aiprompt/4711/files/", files={"file": ("a.txt", TEXT)}), 404, "id")
    failed(await administrator.delete(f"{files_of(prompt)}4711/"), 404, "fileId")
    failed(await administrator.delete(f"{files_of(prompt)}{file['id']}/"), 404, "fileId")
    assert await count_files(database) == 1


async def test_a_body_without_a_file_is_refused(administrator, database):
    prompt = await a_prompt(database)

    answers = [
        await administrator.post(files_of(prompt)),
        await administrator.post(files_of(prompt), data={"file": "just words"}),
        await administrator.post(files_of(prompt), files={"document": ("a.txt", TEXT)}),
        await administrator.post(files_of(prompt), json={"file": "x"}),
    ]

    for answer in answers:
        failed(answer, 422, "file")
    assert await count_files(database) == 0


@pytest.mark.parametrize("declares_its_length", [True, False])
async def test_a_file_that_is_too_large_is_refused(start, database, declares_its_length):
    service = await start(max_upload_bytes=4096)
    prompt = await a_prompt(database)
    token = await a_token(service, email="admin@example.com", role="admin")
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = head + b"a" * 5000 + b"\r\n--x--\r\n"

    async def pieces():
        for start_ in range(0, len(body), 1000):
            yield body[start_ : start_ + 1000]

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with a_client(service, token) as administrator:
        content = body if declares_its_length else pieces()
        answer = await administrator.post(files_of(prompt), content=content, headers=headers)
        fits = await upload(administrator, prompt, content=b"a" * 3000)

    failed(answer, 413, "body")
    assert succeeded(fits)["name"] == "notes.txt"
    assert await count_files(database) == 1


async def test_a_file_may_be_larger_than_other_bodies_may(start, database):
    service = await start(max_body_bytes=1024, max_upload_bytes=100_000)
    prompt = await a_prompt(database)
    token = await a_token(service, email="admin@example.com", role="admin")

    async with a_client(service, token) as administrator:
        attached = succeeded(await upload(administrator, prompt, content=b"b" * 50_000))
        served = await administrator.get(attached["url"])

    assert served.content == b"b" * 50_000


async def test_a_hundred_files_are_enough(administrator, database):
    prompt = await a_prompt(database)
    first = succeeded(await upload(administrator, prompt))
    async with database.driver() as connection:
        await connection.execute(
            """INSERT INTO gai_prompt_file (prompt_id, position, name, media_hash)
               SELECT prompt_id, number, name, media_hash FROM gai_prompt_file, generate_series(1, 99) number"""
        )

    answer = await upload(administrator, prompt)

    failed(answer, 409, "files")
    await administrator.delete(f"{files_of(prompt)}{first['id']}/")
    succeeded(await upload(administrator, prompt))


async def test_an_empty_file_is_a_file(administrator, client, stranger, database):
    prompt = await a_prompt(database)

    attached = succeeded(await upload(administrator, prompt, "empty.txt", b""))

    assert (await fetch(client))["files"] == [attached["url"]]
    assert (await stranger.get(attached["url"])).content == b""


async def test_files_uploaded_at_once_are_all_kept(administrator, database):
    prompt = await a_prompt(database)

    answers = await asyncio.gather(
        *(upload(administrator, prompt, f"{number}.txt", b"same") for number in range(8))
    )

    attached = [succeeded(answer)["name"] for answer in answers]
    listed = succeeded(await administrator.get(files_of(prompt)))
    assert sorted(file["name"] for file in listed) == sorted(attached)
    assert len(listed) == 8
