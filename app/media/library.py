"""The library of files: each kept once, named by the SHA-256 of its bytes."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import anyio.to_thread
import obstore
from cachetools import LRUCache
from obstore.store import ObjectStore

from app.core import storage
from app.core.storage import open_store
from app.media.errors import no_file
from app.media.pictures import dimensions_of
from app.media.recognition import HEAD_BYTES, recognise

CHUNK_BYTES = 256 * 1024
REMEMBERED_FILES = 10_000

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredFile:
    """A file of the library; the sizes in pixels are None for what is no picture."""

    hash: str
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None


def is_hash(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


class MediaLibrary:
    """Files in one store, and a memory of what was looked up: of a hash, nothing ever changes.

    Beside a file there may be notes: what was found out about it at some cost, and can be found out again.
    """

    def __init__(self, store: ObjectStore | str) -> None:
        """Over a store, or over the folder or URL of one, which is opened at its first use."""
        self._store = store
        self._remembered: LRUCache[str, StoredFile] = LRUCache(REMEMBERED_FILES)
        self._notes: LRUCache[str, bytes] = LRUCache(REMEMBERED_FILES)

    @cached_property
    def store(self) -> ObjectStore:
        """Raises StorageUnusable."""
        return open_store(self._store) if isinstance(self._store, str) else self._store

    @staticmethod
    def key_of(hash_: str) -> str:
        """Raises NotFound for what is not a hash, so that no other key can be asked for."""
        if not is_hash(hash_):
            raise no_file()
        return f"{hash_[:2]}/{hash_}"

    async def keep(self, source: Path | bytes, *, sha256: str | None = None) -> StoredFile:
        """Store a file, whole or not at all; one that is there already is left alone.

        `sha256` saves reading the file once more; only who computed it from these very bytes may give it.
        """
        stored = await anyio.to_thread.run_sync(examine, source, sha256)
        key = self.key_of(stored.hash)
        if await self._size_of(key) != stored.size:
            await obstore.put_async(self.store, key, source)
        return stored

    async def exists(self, hash_: str) -> bool:
        return is_hash(hash_) and await self._size_of(self.key_of(hash_)) is not None

    async def read(self, hash_: str) -> bytes:
        """The whole file; raises NotFound."""
        return b"".join([chunk async for chunk in self.open(hash_)])

    async def open(self, hash_: str) -> AsyncIterator[bytes]:
        """The file in pieces; raises NotFound before the first."""
        try:
            result = await obstore.get_async(self.store, self.key_of(hash_))
        except FileNotFoundError as raised:
            raise no_file() from raised
        async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    async def find_note(self, hash_: str, name: str) -> bytes | None:
        key = f"{self.key_of(hash_)}.{name}"
        if key not in self._notes:
            found = await storage.read(self.store, key)
            if found is None:
                return None
            self._notes[key] = found
        return self._notes[key]

    async def keep_note(self, hash_: str, name: str, note: bytes) -> None:
        """In the place of one of the same name."""
        key = f"{self.key_of(hash_)}.{name}"
        await obstore.put_async(self.store, key, note)
        self._notes[key] = note

    def remember(self, stored: StoredFile) -> None:
        self._remembered[stored.hash] = stored

    def recall(self, hash_: str) -> StoredFile | None:
        return self._remembered.get(hash_)

    async def _size_of(self, key: str) -> int | None:
        try:
            found = await obstore.head_async(self.store, key)
        except FileNotFoundError:
            return None
        return found["size"]


def examine(source: Path | bytes, sha256: str | None = None) -> StoredFile:
    """What would be on record of a file if it were kept. It blocks: for a thread."""
    if isinstance(source, bytes):
        head, size = source[:HEAD_BYTES], len(source)
        digest = sha256 or hashlib.sha256(source).hexdigest()
    else:
        with source.open("rb") as file:
            head, size = file.read(HEAD_BYTES), source.stat().st_size
            file.seek(0)
            digest = sha256 or hashlib.file_digest(file, "sha256").hexdigest()
    media_type = recognise(head)
    width, height = dimensions_of(source, media_type) or (None, None)
    return StoredFile(digest, size, media_type, width, height)
