"""The site's own copies of files, and what each must be to the byte."""

import hashlib
from contextlib import suppress
from dataclasses import astuple, dataclass

import anyio.to_thread
import obstore
from obstore.store import ObjectStore
from pydantic_core import from_json, to_json

from app.core import errors, storage
from app.media.library import MediaLibrary
from app.media.metadata import CLEANED, without_metadata
from app.models import Media

# Rises with every change of what is taken out of a picture.
_NOTE = "shown-1"


@dataclass(frozen=True)
class Imprint:
    """By which a copy is known."""

    size: int
    sha256: str


def imprint_of(body: bytes) -> Imprint:
    return Imprint(len(body), hashlib.sha256(body).hexdigest())


async def ensure_copy(
    store: ObjectStore, path: str, library: MediaLibrary, media: Media, *, reads: bool = False, writes: bool = True
) -> bool:
    """Have the copy of a file in place; whether it was right already, by its size unless it is to be read.

    Pictures are copied without their metadata. One that is missing from the library is left as it is.
    """
    if await _is_right(store, path, library, media, reads=reads):
        return True
    if writes:
        with suppress(errors.NotFound):
            shown, _ = await _shown(library, media)
            await storage.write(store, path, shown)
    return False


async def _is_right(store: ObjectStore, path: str, library: MediaLibrary, media: Media, *, reads: bool) -> bool:
    try:
        if not reads:
            size = (await obstore.head_async(store, path))["size"]
            return size == (await _imprint(library, media)).size
        body = await storage.read(store, path)
        return body is not None and imprint_of(body) == await _imprint(library, media)
    except FileNotFoundError:
        return False
    except errors.NotFound:
        # There is nothing to compare it with, and nothing better.
        return True


async def _imprint(library: MediaLibrary, media: Media) -> Imprint:
    if media.media_type not in CLEANED:
        return Imprint(media.size, media.hash)
    note = await library.find_note(media.hash, _NOTE)
    return _read(note) or (await _shown(library, media))[1]


def _read(note: bytes | None) -> Imprint | None:
    """None when there is none, or only what a power cut has left of it."""
    try:
        return Imprint(*from_json(note)) if note else None
    except (ValueError, TypeError):
        return None


async def _shown(library: MediaLibrary, media: Media) -> tuple[bytes, Imprint]:
    """What readers get of a file. Raises NotFound."""
    body = await library.read(media.hash)
    if media.media_type not in CLEANED:
        return body, Imprint(media.size, media.hash)
    shown = await anyio.to_thread.run_sync(without_metadata, body, media.media_type)
    imprint = imprint_of(shown)
    await library.keep_note(media.hash, _NOTE, to_json(astuple(imprint)))
    return shown, imprint
