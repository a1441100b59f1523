"""Where bytes are kept: a folder or an object store, behind one interface."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

REMOTE_SCHEMES = frozenset({"s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl"})


class StorageUnusable(Exception):
    """The configured place cannot be used; the message says why, in words for the operator."""


def open_store(location: str) -> ObjectStore:
    """The store at a folder path (made when missing) or a `file://`, `s3://`, `gs://` or `az://` URL.

    Credentials of a remote store come from its usual environment variables. Raises StorageUnusable.
    """
    if "://" not in location:
        return _open_folder(Path(location).expanduser())
    parts = urlsplit(location)
    if parts.scheme == "file":
        return _open_folder(_path_of(location))
    if parts.scheme not in REMOTE_SCHEMES:
        raise StorageUnusable(f"{location!r} is neither a folder nor a file://, s3://, gs:// or az:// address")
    return _open_remote(location)


def _path_of(location: str) -> Path:
    parts = urlsplit(location)
    if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
        raise StorageUnusable(f"{location!r} names no folder of this machine; it looks like file:///srv/media")
    return Path(url2pathname(parts.path))


def _open_folder(folder: Path) -> ObjectStore:
    try:
        return LocalStore(prefix=folder.resolve(), mkdir=True)
    except (OSError, ValueError, BaseError) as raised:
        reason = raised.strerror if isinstance(raised, OSError) and raised.strerror else _first_line(raised)
        raise StorageUnusable(f"the folder {folder} cannot be used: {reason}") from raised


def _open_remote(location: str) -> ObjectStore:
    try:
        return from_url(location)
    except (ValueError, BaseError) as raised:
        raise StorageUnusable(f"the store {location!r} cannot be opened: {_first_line(raised)}") from raised


def _first_line(raised: Exception) -> str:
    # What follows the first line is a dump of the library's own structures.
    return str(raised).partition("\n")[0]


async def read(store: ObjectStore, path: str) -> bytes | None:
    """A whole file, or None when there is none."""
    try:
        return bytes(await (await obstore.get_async(store, path)).bytes_async())
    except FileNotFoundError:
        return None


async def write(store: ObjectStore, path: str, content: bytes) -> None:
    """Put a file there whole: readers see the old one or the new one.

    Who is cancelled waits for it: a write under way cannot be called back, and must not come after another's.
    """
    writing = asyncio.ensure_future(obstore.put_async(store, path, content))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.gather(writing, return_exceptions=True)
        raise
