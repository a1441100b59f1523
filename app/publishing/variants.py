"""Which copies of a picture a site offers to smaller screens and newer browsers, and keeping them there."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import anyio
import anyio.to_thread
import obstore
from anyio.lowlevel import RunVar
from obstore.store import ObjectStore

from app.core import errors
from app.media.library import MediaLibrary
from app.media.names import extension_of
from app.models import Media
from app.publishing.encoding import COPIED, WEBP, make_variants
from app.publishing.model import File, Picture, Variant

WIDTHS = (480, 960, 1600)
WIDEST = 2400
# What the format can hold, either way.
LONGEST_WEBP_SIDE = 16383
# Each may take as much memory as `encoding.MOST_MEMORY` says.
PICTURES_AT_ONCE = 2

_turns: RunVar[anyio.CapacityLimiter] = RunVar("pictures being encoded")


def variant_rule(path: str, width: int, height: int, media_type: str) -> tuple[Variant, ...]:
    """The copies a picture of these measures may have: WebP, then its own format, from narrow to wide."""
    if media_type not in COPIED or width < 1 or height < 1:
        return ()
    narrower = [step for step in WIDTHS if step < width]
    full = min(width, WIDEST)
    wanted: list[tuple[int, str]] = []
    if max(full, round(height * full / width)) <= LONGEST_WEBP_SIDE:
        wanted += [(step, WEBP) for step in (*narrower, full)]
    if media_type != WEBP:
        wanted += [(step, media_type) for step in narrower]
    return tuple(Variant(_path_of(path, step, kind, media_type), step, kind) for step, kind in wanted)


def _path_of(path: str, width: int, kind: str, media_type: str) -> str:
    original = PurePosixPath(path)
    suffix = original.suffix if kind == media_type and original.suffix else f".{extension_of(kind)}"
    return str(original.with_name(f"{original.stem}-{width}{suffix}"))


async def ensure_variants(
    store: ObjectStore, library: MediaLibrary, picture: Picture, media: Media, *, makes: bool = True
) -> Picture:
    """The picture with those of its copies that are in the site, which are made first when it `makes` them."""
    rule = variant_rule(picture.path, picture.width or 0, picture.height or 0, media.media_type)
    if not rule:
        return replace(picture, variants=())
    last = _written_last(rule, media.media_type)
    there = await _paths_beside(store, picture.path)
    if last not in there and makes:
        there = await _make(store, library, media, rule, last)
    copies = tuple(variant for variant in rule if variant.path in there)
    return replace(picture, variants=_with_full_width(copies, picture, media.media_type))


def _written_last(rule: Sequence[Variant], media_type: str) -> str:
    """The copy whose presence says that the others were written: the one that is the surest to be made."""
    return min(rule, key=lambda variant: (variant.media_type != media_type, variant.width)).path


def _with_full_width(copies: tuple[Variant, ...], picture: Picture, media_type: str) -> tuple[Variant, ...]:
    """A browser that takes WebP chooses among WebP only: where no copy is as wide, the picture itself joins in."""
    width = picture.width or 0
    if media_type != WEBP or not copies or copies[-1].width >= min(width, WIDEST):
        return copies
    return (*copies, Variant(picture.path, width, WEBP))


async def _paths_beside(store: ObjectStore, path: str) -> set[str]:
    # One question for all copies, where asking for each would be as many.
    folder = str(PurePosixPath(path).parent)
    return {found["path"] for found in await obstore.list(store, prefix=folder).collect_async()}


async def _make(
    store: ObjectStore, library: MediaLibrary, media: Media, rule: Sequence[Variant], last: str
) -> set[str]:
    async with _turn():
        try:
            body = await library.read(media.hash)
        except errors.NotFound:
            return set()
        files = await anyio.to_thread.run_sync(make_variants, body, rule)
    await _write(store, [file for file in files if file.path != last])
    await _write(store, [file for file in files if file.path == last])
    return {file.path for file in files}


async def _write(store: ObjectStore, files: Iterable[File]) -> None:
    await asyncio.gather(*(obstore.put_async(store, file.path, file.body) for file in files))


def _turn() -> anyio.CapacityLimiter:
    try:
        return _turns.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(PICTURES_AT_ONCE)
        _turns.set(limiter)
        return limiter
