"""What one client makes the service wait for holds up no other client's pages."""

import asyncio
import io

import pytest
from PIL import Image

from tests.builders import a_site, a_submission, a_token
from tests.conftest import a_client, eventually
from tests.envelopes import succeeded
from tests.file_server import FileServer


def a_picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def files():
    server = FileServer()
    yield server
    server.close()


@pytest.fixture
async def service(start, files):
    service = await start(run_jobs=True, fetch_allowed_origins=[files.origin], publish_wait_seconds=5)
    await a_site(service.state.runtime.database)
    return service


@pytest.fixture
async def slow(service):
    async with a_client(service, await a_token(service, email="slow@example.com")) as client:
        yield client


@pytest.fixture
async def other(service):
    async with a_client(service, await a_token(service, email="other@example.com")) as client:
        yield client


async def submit(client, *, wait=True, **data):
    answer = await client.post(f"/aicontent/input/?writetofile={int(wait)}", json=a_submission(**data))
    assert succeeded(answer) == {}
    return answer.headers["Content-Location"]


async def report(client, place):
    return succeeded(await client.get(place))


async def has_page(client, place):
    return (await report(client, place))["publish"]["status"] == "published"


async def sixty_four_slow_files(client, files):
    """Two contents whose files are being fetched, more of them than there are slots."""
    urls = [files.holds(f"{number}.png") for number in range(64)]
    places = [await submit(client, wait=False, files=urls[at : at + 32]) for at in (0, 32)]
    await eventually(lambda: _are_held(files, 8))
    return places


async def _are_held(files, number):
    return files.held >= number


async def statuses(client, places):
    return {file["status"] for place in places for file in (await report(client, place))["files"]}


async def test_slow_files_of_one_client_hold_up_no_page_of_another(slow, other, files):
    places = await sixty_four_slow_files(slow, files)

    place = await submit(other)

    assert await has_page(other, place)
    assert await statuses(slow, places) == {"pending"}


async def test_slow_files_of_one_client_hold_up_no_file_of_another(slow, other, files):
    places = await sixty_four_slow_files(slow, files)

    place = await submit(other, files=[files.serves("/quick.png", a_picture())])

    assert await has_page(other, place)
    assert [file["status"] for file in (await report(other, place))["files"]] == ["stored"]
    assert await statuses(slow, places) == {"pending"}


async def test_slow_files_of_one_client_hold_up_no_page_of_its_own(slow, files):
    places = await sixty_four_slow_files(slow, files)

    place = await submit(slow)

    assert await has_page(slow, place)
    assert await statuses(slow, places) == {"pending"}


async def test_articles_with_slow_pictures_hold_up_no_page_of_another_client(start, files):
    service = await start(run_jobs=True, fetch_allowed_origins=[files.origin], publish_wait_seconds=1)
    await a_site(service.state.runtime.database)
    async with (
        a_client(service, await a_token(service, email="slow@example.com")) as slow,
        a_client(service, await a_token(service, email="other@example.com")) as other,
    ):
        texts = [f"# {number}\n\n![]({files.holds(f'{number}.png')})" for number in range(60)]
        places = await asyncio.gather(*(submit(slow, text=text) for text in texts))
        await eventually(lambda: _are_held(files, 10))

        place = await submit(other)
        await eventually(lambda: has_page(other, place))

        assert not any([await has_page(slow, each) for each in places])
