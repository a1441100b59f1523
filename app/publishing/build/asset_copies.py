"""The site's own copies of the pictures and other files that its articles show."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from enum import StrEnum
from typing import Any

from obstore.store import ObjectStore

from app.media.library import MediaLibrary
from app.models import Media
from app.publishing.build.renderers import AnyPress
from app.publishing.images.copies import ensure_copy
from app.publishing.images.variants import ensure_variants
from app.publishing.model import Picture


class Copies(StrEnum):
    """How the site's own copies of files are treated: by their sizes, read and mended, or only read."""

    TRUSTED = "trusted"
    MENDED = "mended"
    LOOKED_AT = "looked at"


class Supplies:
    """Has each copy in place once, and lets the press know in which sizes there are pictures."""

    def __init__(self, store: ObjectStore, library: MediaLibrary, press: AnyPress) -> None:
        self._store = store
        self._library = library
        self._press = press
        self.copies = Copies.TRUSTED
        self.paths: set[str] = set()
        # Of those that were read, what was not as it should be.
        self.wrong: list[str] = []

    async def provide(self, media: Mapping[str, Media]) -> None:
        new = [(path, stored) for path, stored in media.items() if path not in self.paths]
        await all_of(self._provide_one(path, stored) for path, stored in new)

    async def _provide_one(self, path: str, media: Media) -> None:
        reads, writes = self.copies != Copies.TRUSTED, self.copies != Copies.LOOKED_AT
        if not await ensure_copy(self._store, path, self._library, media, reads=reads, writes=writes) and reads:
            self.wrong.append(path)
        self.paths.add(path)
        if self._press.has_variants and media.width is not None and media.media_type.startswith("image/"):
            picture = Picture(path, media.width, media.height)
            found = await ensure_variants(self._store, self._library, picture, media, reads=reads, writes=writes)
            self.wrong += found.wrong if reads else ()
            self.paths |= {variant.path for variant in found.picture.variants}
            self._press.know({path: found.picture})


async def all_of(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side. What fails first is raised, when none of the others is still at it."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
