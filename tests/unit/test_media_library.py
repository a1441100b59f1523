import asyncio
import hashlib
import io

import pytest
from obstore.store import MemoryStore
from PIL import Image

from app.core import errors
from app.core.storage import StorageUnusable, open_store
from app.media.library import MediaLibrary, StoredFile


def a_png():
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def library(tmp_path):
    return MediaLibrary(open_store(str(tmp_path / "media")))


def files_below(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


async def test_a_kept_file_is_named_by_its_hash_and_described_by_its_bytes(library, tmp_path):
    picture = a_png()
    digest = hashlib.sha256(picture).hexdigest()

    stored = await library.keep(picture)

    assert stored == StoredFile(digest, len(picture), "image/png", 30, 20)
    assert (tmp_path / "media" / digest[:2] / digest).read_bytes() == picture


@pytest.mark.parametrize("size", [0, 10, 300_000, 12_000_000])
async def test_a_file_from_the_disk_is_kept_whole(library, tmp_path, size):
    source = tmp_path / "source"
    source.write_bytes(b"\x00\x01" * (size // 2))

    stored = await library.keep(source)

    assert stored.hash == hashlib.sha256(source.read_bytes()).hexdigest()
    assert await library.read(stored.hash) == source.read_bytes()


async def test_a_file_is_kept_once_however_often_it_comes(library, tmp_path):
    first = await library.keep(b"same")
    before = files_below(tmp_path)

    again = await library.keep(b"same", sha256=first.hash)

    assert again == first
    assert files_below(tmp_path) == before


async def test_a_file_that_was_cut_off_by_a_crash_is_put_right(library, tmp_path):
    stored = await library.keep(b"whole")
    [place] = files_below(tmp_path)
    place.write_bytes(b"who")

    await library.keep(b"whole")

    assert await library.read(stored.hash) == b"whole"


async def test_many_who_keep_the_same_file_at_once_keep_one(library, tmp_path):
    stored = await asyncio.gather(*(library.keep(b"same" * 1000) for _ in range(10)))

    assert len(set(stored)) == 1
    assert len(files_below(tmp_path)) == 1


async def test_a_file_that_was_never_kept_is_not_there(library):
    unknown = "0" * 64

    assert not await library.exists(unknown)
    with pytest.raises(errors.NotFound):
        await library.read(unknown)


@pytest.mark.parametrize("key", ["", "..", "../" * 21 + "x", "Z" * 64, "0" * 63, "0" * 64 + "\n", "A" * 64])
async def test_nothing_but_a_hash_names_a_file(library, key):
    assert not await library.exists(key)
    with pytest.raises(errors.NotFound):
        await library.read(key)


async def test_a_kept_file_exists_in_any_kind_of_store():
    library = MediaLibrary(MemoryStore())

    stored = await library.keep(b"x")

    assert await library.exists(stored.hash)


def test_what_is_remembered_longest_ago_is_forgotten_first(monkeypatch):
    monkeypatch.setattr("app.media.library.REMEMBERED_FILES", 2)
    library = MediaLibrary(MemoryStore())
    first, second, third = (StoredFile(name, 1, "text/plain") for name in "abc")

    for stored in (first, second):
        library.remember(stored)
    library.recall("a")
    library.remember(third)

    assert [library.recall(name) for name in "abc"] == [first, None, third]


def test_a_folder_is_made_when_it_is_missing(tmp_path):
    open_store(str(tmp_path / "a" / "b"))
    open_store((tmp_path / "c d").as_uri())

    assert (tmp_path / "a" / "b").is_dir()
    assert (tmp_path / "c d").is_dir()


def test_a_folder_may_be_given_below_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    open_store("data/media")

    assert (tmp_path / "data" / "media").is_dir()


@pytest.mark.parametrize("location", ["s3://bucket/media", "gs://bucket/media", "az://container/media"])
def test_an_object_store_is_opened_by_its_address(location, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")

    store = open_store(location)

    assert "Store" in type(store).__name__


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("ftp://example.org/x", "neither a folder nor"),
        ("https://example.org/x", "neither a folder nor"),
        ("file://host/x", "no folder of this machine"),
        ("file:///", "no folder of this machine"),
        ("s3://", "cannot be opened"),
        ("az://container/media", "Account must be specified"),
        ("/dev/null/media", "Not a directory"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_in_words(location, reason, monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)

    with pytest.raises(StorageUnusable) as refused:
        open_store(location)

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
