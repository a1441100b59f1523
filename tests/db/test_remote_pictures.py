"""Pictures from elsewhere that a text shows: real servers, a real database."""

import asyncio
import hashlib
import io
import struct
import tempfile
import time
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from app.core.storage import open_store
from app.media.library import MediaLibrary
from app.models import Content, ContentPicture, Media
from app.publishing.build import source_queries
from app.publishing.images import queries
from app.publishing.images.remote_pictures import MOST_PICTURES, PAUSE, digest_of, fetch_remote_pictures
from tests.builders import a_content
from tests.unit.media_site import a_fetcher, a_redirect, a_site, an_answer


def a_picture(kind="PNG", size=(8, 6), colour="red", **options):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """The folder of what is being fetched."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def library(tmp_path):
    return MediaLibrary(open_store(str(tmp_path / "media")))


@pytest.fixture
async def site():
    async with a_site({}) as site:
        yield site


@pytest.fixture
async def fetcher(site):
    async with a_fetcher(site.origin) as fetcher:
        yield fetcher


@pytest.fixture
async def content(database):
    return await a_content(database)


@pytest.fixture
def fetch(database, fetcher, library, content):
    async def fetch(*addresses, **options):
        await fetch_remote_pictures(database, fetcher, library, content.id, addresses, **options)

    return fetch


async def pictures_of(database, content):
    """Address, name and file of each that was had."""
    async with database.driver() as connection:
        found = await source_queries.list_content_files(connection, content_ids=[content.id])
    return [(row.source, row.name, row.media) for row in found]


async def rows_of(database, content):
    """Address -> row."""
    async with database.session() as session:
        query = select(ContentPicture).where(ContentPicture.content_id == content.id)
        return {row.source: row for row in await session.scalars(query)}


async def reason_of(database, content, address):
    return (await rows_of(database, content))[address].reason


async def long_ago(database, content):
    """Every try was longer ago than the pause."""
    async with database.session() as session:
        tried = func.now() - PAUSE - timedelta(seconds=1)
        await session.execute(
            update(ContentPicture).where(ContentPicture.content_id == content.id).values(tried_at=tried)
        )


async def test_a_picture_from_elsewhere_is_kept_and_found_by_its_address(database, content, site, library, fetch):
    body = a_picture(size=(30, 20))
    site.answers["/rain.png?size=2"] = an_answer(body)
    address = f"{site.origin}/rain.png?size=2"

    await fetch(address)

    [(source, name, media)] = await pictures_of(database, content)
    assert (source, name) == (address, "rain.png")
    assert (media.media_type, media.width, media.height, media.size) == ("image/png", 30, 20, len(body))
    assert await library.read(media.hash) == body


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
async def test_whatever_browsers_show_is_taken(database, content, site, fetch, kind):
    site.answers["/picture"] = an_answer(a_picture(kind), Content_Type="text/html")

    await fetch(f"{site.origin}/picture")

    [(_, _, media)] = await pictures_of(database, content)
    assert media.media_type == f"image/{kind.lower()}"


async def test_a_picture_is_fetched_once_however_often_the_text_is_published(database, content, site, fetch):
    site.answers["/rain.png"] = an_answer(a_picture())

    await fetch(f"{site.origin}/rain.png", f"{site.origin}/rain.png")
    await long_ago(database, content)
    await fetch(f"{site.origin}/rain.png")

    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"words",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><img src=x></html>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\nbroken",
        b"MZ\x90\x00\x03\x00\x00\x00",
    ],
)
async def test_what_is_no_picture_is_refused_and_not_kept(database, content, site, fetch, tmp_path, body):
    address = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(body, Content_Type="image/png")

    await fetch(address)

    assert await pictures_of(database, content) == []
    assert await reason_of(database, content, address) == "it is not a picture that browsers show"
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


async def test_a_picture_that_would_fill_the_reader_s_memory_is_refused(database, content, site, fetch):
    address = f"{site.origin}/rain.png"
    small = a_picture("GIF")
    site.answers["/rain.png"] = an_answer(small[:6] + struct.pack("<HH", 20_000, 10_000) + small[10:])

    await fetch(address)

    assert await reason_of(database, content, address) == "it has 20000 x 10000 pixels, which is too many"


async def test_a_failed_picture_is_left_alone_for_a_while_and_then_tried_again(database, content, site, fetch):
    address = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(b"later", status="503 Busy")
    await fetch(address)
    site.answers["/rain.png"] = an_answer(a_picture())

    await fetch(address)
    assert await reason_of(database, content, address) == "the server answered 503 Service Unavailable"
    assert len(site.requests) == 1

    await long_ago(database, content)
    await fetch(address)
    row = (await rows_of(database, content))[address]
    assert (row.reason, row.name) == (None, "rain.png")


async def test_one_that_fails_again_is_left_alone_again(database, content, site, fetch):
    address = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(status="404 Gone")
    await fetch(address)
    await long_ago(database, content)
    await fetch(address)

    await fetch(address)

    assert len(site.requests) == 2


BAD_ADDRESSES = [
    "http://",
    "http://[::1",
    "http://exa mple/p.png",
    "https://user:word@localhost/p.png",
    "http://127.0.0.1:99999/p.png",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/p.png",
    "http://[::ffff:10.0.0.1]/p.png",
    "//10.0.0.1/p.png",
    "ftp://127.0.0.1/p.png",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "rain.png",
    "../../etc/passwd",
    "http://" + "a" * 300 + "/p.png",
    "http://xn--" + "é" * 40 + "/p.png",
    "http://127.0.0.1:1/p.png",
    "'; DROP TABLE gai_content; --",
]
UNSTORABLE_ADDRESSES = [
    "",
    "http://a\x00b/p.png",
    "http://a/\ud800.png",
    "http://a/\n.png",
    "http://a/" + "b" * 3000,
]


async def test_a_bad_address_is_put_on_record_and_harms_no_other(database, content, site, fetch):
    good = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(a_picture())

    await fetch(*BAD_ADDRESSES, *UNSTORABLE_ADDRESSES, good)

    rows = await rows_of(database, content)
    assert set(rows) == {*BAD_ADDRESSES, good}
    assert all(rows[address].reason for address in BAD_ADDRESSES)
    assert [source for source, _, _ in await pictures_of(database, content)] == [good]


async def test_a_redirect_into_the_operator_s_network_is_not_followed(database, content, site, fetch):
    async with a_site({"/p.png": an_answer(a_picture())}) as inner:
        address = f"{site.origin}/rain.png"
        site.answers["/rain.png"] = a_redirect(f"{inner.origin}/p.png")

        await fetch(address)

    assert inner.requests == []
    assert "loopback" in await reason_of(database, content, address)


async def test_a_picture_that_is_too_large_is_refused_and_leaves_nothing_behind(
    database, content, site, library, scratch
):
    address = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(a_picture("BMP", (200, 200)))

    async with a_fetcher(site.origin, max_bytes=1000) as fetcher:
        await fetch_remote_pictures(database, fetcher, library, content.id, [address])

    assert await reason_of(database, content, address) == "it is larger than 1000 bytes"
    assert list(scratch.iterdir()) == []


async def test_all_pictures_together_take_no_longer_than_they_may(database, content, site, fetch, scratch):
    async def never(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG")
        await writer.drain()
        await asyncio.sleep(30)

    addresses = [f"{site.origin}/{number}.png" for number in range(5)]
    site.answers |= {f"/{number}.png": never for number in range(5)}
    site.answers["/rain.png"] = an_answer(a_picture())
    started = time.monotonic()

    await fetch(*addresses, f"{site.origin}/rain.png", longest_seconds=0.5)

    assert time.monotonic() - started < 3
    assert [source for source, _, _ in await pictures_of(database, content)] == [f"{site.origin}/rain.png"]
    assert await reason_of(database, content, addresses[0]) == "it took longer than 0.5 seconds"
    assert list(scratch.iterdir()) == []


async def test_pictures_are_fetched_side_by_side(database, content, site, fetch):
    waiting = asyncio.Barrier(MOST_PICTURES)

    async def together(writer):
        await waiting.wait()
        writer.write(an_answer(a_picture()))
        await writer.drain()

    site.answers |= {f"/{number}.png": together for number in range(MOST_PICTURES)}

    await fetch(*(f"{site.origin}/{number}.png" for number in range(MOST_PICTURES)), longest_seconds=5)

    assert len(await pictures_of(database, content)) == MOST_PICTURES


async def test_what_is_too_much_for_one_publication_is_fetched_at_the_next(database, content, site, fetch):
    addresses = [f"{site.origin}/{number}.png" for number in range(MOST_PICTURES + 5)]
    site.answers |= {f"/{number}.png": an_answer(a_picture()) for number in range(MOST_PICTURES + 5)}

    await fetch(*addresses)
    assert set(await rows_of(database, content)) == set(addresses[:MOST_PICTURES])

    await fetch(*addresses)
    assert set(await rows_of(database, content)) == set(addresses)


async def test_two_processes_at_once_get_along(database, content, site, fetcher, library):
    addresses = [f"{site.origin}/{number}.png" for number in range(12)]
    site.answers |= {
        f"/{number}.png": an_answer(a_picture(colour=(number, 0, 0)) if number % 3 else b"words")
        for number in range(12)
    }
    orders = [addresses, addresses[::-1], addresses[6:] + addresses[:6], addresses[::2] + addresses[1::2]]

    await asyncio.gather(
        *(fetch_remote_pictures(database, fetcher, library, content.id, order) for order in orders)
    )

    rows = await rows_of(database, content)
    assert {address for address, row in rows.items() if row.media_hash} == {
        address for number, address in enumerate(addresses) if number % 3
    }
    assert len(rows) == 12


async def test_a_picture_that_one_process_had_is_not_lost_by_one_that_failed(
    database, content, library, fetch, site
):
    address = f"{site.origin}/rain.png"
    site.answers["/rain.png"] = an_answer(a_picture())
    await fetch(address)
    failure = {
        "content_id": content.id,
        "source_digest": digest_of(address),
        "source": address,
        "name": None,
        "media_hash": None,
        "reason": "the server cannot be reached",
    }

    async with database.session() as session:
        await queries.record_pictures(session, [failure])

    [(source, _, _)] = await pictures_of(database, content)
    assert source == address


async def test_one_file_under_two_addresses_and_in_two_texts_is_kept_once(
    database, content, site, fetcher, library
):
    other = await a_content(database)
    site.answers |= {"/a.png": an_answer(a_picture()), "/b.png": an_answer(a_picture())}
    addresses = [f"{site.origin}/a.png", f"{site.origin}/b.png"]

    for text in (content, other):
        await fetch_remote_pictures(database, fetcher, library, text.id, addresses)

    async with database.session() as session:
        kept = await session.scalar(select(func.count()).select_from(Media))
    async with database.driver() as connection:
        found = await source_queries.list_content_files(connection, content_ids=[content.id, other.id])
    assert kept == 1
    assert [row.owner_id for row in found] == [content.id, content.id, other.id, other.id]


async def test_a_text_that_is_deleted_meanwhile_is_no_error(database, content, site, fetch):
    async def delete(writer):
        async with database.session() as session:
            await session.delete(await session.get_one(Content, content.id))
        writer.write(an_answer(a_picture()))
        await writer.drain()

    site.answers["/rain.png"] = delete

    await fetch(f"{site.origin}/rain.png")

    assert await rows_of(database, content) == {}


async def test_a_library_that_cannot_be_written_is_on_record_too(database, content, site, fetch, tmp_path):
    address = f"{site.origin}/rain.png"
    body = a_picture()
    site.answers["/rain.png"] = an_answer(body)
    # A file is in the way of the folder.
    (tmp_path / "media").mkdir(exist_ok=True)
    (tmp_path / "media" / hashlib.sha256(body).hexdigest()[:2]).write_bytes(b"")

    await fetch(address)

    assert (await reason_of(database, content, address)).startswith("it could not be kept on this side")


@pytest.mark.parametrize("addresses", [[], UNSTORABLE_ADDRESSES])
async def test_where_nothing_is_asked_for_nothing_is_done(database, content, fetch, addresses):
    await fetch(*addresses)

    assert await rows_of(database, content) == {}
