"""Which copies of a picture a site offers to smaller screens and newer browsers, and keeping them there."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import PurePosixPath

import anyio
import anyio.to_thread
import obstore
from anyio.lowlevel import RunVar
from obstore.store import ObjectStore
from pydantic_core import from_json, to_json

from app.core import errors, storage
from app.media.library import MediaLibrary
from app.media.names import extension_of
from app.models import Media
from app.publishing.images.copies import Imprint, imprint_of
from app.publishing.images.encoding import COPIED, ENCODING, WEBP, make_variants
from app.publishing.model import File, Picture, Variant

WIDTHS = (480, 960, 1600)
WIDEST = 2400
# What the format can hold, either way.
LONGEST_WEBP_SIDE = 16383
# Each may take as much memory as `encoding.MOST_MEMORY` says.
PICTURES_AT_ONCE = 2

Imprints = Mapping[str, Imprint]

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


@dataclass(frozen=True)
class Ensured:
    """A picture with those of its copies that a page may offer, and the paths of those that were not right."""

    picture: Picture
    wrong: tuple[str, ...] = ()


async def ensure_variants(
    store: ObjectStore,
    library: MediaLibrary,
    picture: Picture,
    media: Media,
    *,
    reads: bool = False,
    writes: bool = True,
) -> Ensured:
    """Have the copies of a picture in the site, each as it was when it was first made.

    They are told by their sizes unless they are to be read. What they are is noted in the library, so that they
    are encoded only when one of them is wrong.
    """
    rule = variant_rule(picture.path, picture.width or 0, picture.height or 0, media.media_type)
    if not rule:
        return Ensured(replace(picture, variants=()))
    work = _Work(store, library, media, rule)
    imprints = await work.recalled()
    if imprints is None:
        imprints = await work.encoded()
    wrong = await work.wrong(imprints, reads=reads)
    if wrong and writes:
        imprints = await work.mended(imprints, wrong)
    copies = tuple(variant for variant in rule if variant.path in imprints)
    return Ensured(
        replace(picture, variants=_with_full_width(copies, picture, media.media_type)), tuple(sorted(wrong))
    )


class _Work:
    """On the copies of one picture."""

    def __init__(self, store: ObjectStore, library: MediaLibrary, media: Media, rule: Sequence[Variant]) -> None:
        self._store = store
        self._library = library
        self._media = media
        self._rule = rule
        wanted = [(variant.width, variant.media_type) for variant in rule]
        self._note = f"copies-{ENCODING}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]}"
        self._files: dict[str, File] | None = None

    async def recalled(self) -> Imprints | None:
        """By path, as noted; None when they were never made."""
        note = await self._library.find_note(self._media.hash, self._note)
        if note is None:
            return None
        try:
            known = {(width, kind): Imprint(size, sha256) for width, kind, size, sha256 in from_json(note)}
        except (ValueError, TypeError):
            # What a power cut has left of it.
            return None
        kinds = {variant.path: (variant.width, variant.media_type) for variant in self._rule}
        return {path: known[kind] for path, kind in kinds.items() if kind in known}

    async def encoded(self) -> Imprints:
        """Make them, and note what they are; none when the library has lost the picture."""
        async with _turn():
            try:
                body = await self._library.read(self._media.hash)
            except errors.NotFound:
                return {}
            files = await anyio.to_thread.run_sync(make_variants, body, self._rule)
        self._files = {file.path: file for file in files}
        imprints = {file.path: imprint_of(file.body) for file in files}
        noted = [
            (variant.width, variant.media_type, *astuple(imprints[variant.path]))
            for variant in self._rule
            if variant.path in imprints
        ]
        await self._library.keep_note(self._media.hash, self._note, to_json(noted))
        return imprints

    async def wrong(self, imprints: Imprints, *, reads: bool) -> set[str]:
        # One question for all copies, where asking for each would be as many.
        folder = str(PurePosixPath(self._rule[0].path).parent)
        found = await obstore.list(self._store, prefix=folder).collect_async()
        sizes = {each["path"]: each["size"] for each in found}
        wrong = {path for path, imprint in imprints.items() if sizes.get(path) != imprint.size}
        if reads:
            wrong |= {path for path in imprints.keys() - wrong if await self._read(path) != imprints[path]}
        return wrong

    async def mended(self, imprints: Imprints, wrong: Collection[str]) -> Imprints:
        """Write those that are wrong; all of them where they are encoded otherwise than they once were."""
        known = imprints
        if self._files is None:
            imprints = await self.encoded()
        if self._files is None:
            return {path: imprint for path, imprint in known.items() if path not in wrong}
        files = [file for path, file in self._files.items() if path in wrong or imprints[path] != known.get(path)]
        await asyncio.gather(*(obstore.put_async(self._store, file.path, file.body) for file in files))
        return imprints

    async def _read(self, path: str) -> Imprint | None:
        body = await storage.read(self._store, path)
        return None if body is None else imprint_of(body)


def _with_full_width(copies: tuple[Variant, ...], picture: Picture, media_type: str) -> tuple[Variant, ...]:
    """A browser that takes WebP chooses among WebP only: where no copy is as wide, the picture itself joins in."""
    width = picture.width or 0
    if media_type != WEBP or not copies or copies[-1].width >= min(width, WIDEST):
        return copies
    return (*copies, Variant(picture.path, width, WEBP))


def _turn() -> anyio.CapacityLimiter:
    try:
        return _turns.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(PICTURES_AT_ONCE)
        _turns.set(limiter)
        return limiter
