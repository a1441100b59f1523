"""The original's uploads and downloads: found below their folders and kept in our media library."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from app.media.library import MediaLibrary, StoredFile


class Shelf:
    """Files of one folder. Those named are stored first, before any row is written; then they are looked up."""

    def __init__(self, folder: Path | None, *, option: str) -> None:
        self._folder = folder.resolve() if folder else None
        self._option = option
        self._stored: dict[str, StoredFile] = {}

    @property
    def is_given(self) -> bool:
        return self._folder is not None

    def find(self, name: str) -> StoredFile | None:
        return self._stored.get(name)

    def reason(self, name: str) -> str:
        """Why a file was not found."""
        if self._folder is None:
            return f"the folder with {name!r} was not given to the import ({self._option})"
        return f"there is no file {name!r} in the folder given to the import ({self._option})"

    async def keep(self, library: MediaLibrary, names: Iterable[str]) -> None:
        """Store those of the named files that are in the folder and not stored yet."""
        for name in names:
            path = None if name in self._stored else await asyncio.to_thread(self._path_of, name)
            if path is not None:
                self._stored[name] = await library.keep(path)

    def _path_of(self, name: str) -> Path | None:
        if self._folder is None:
            return None
        try:
            path = (self._folder / name).resolve()
            # Names come from clients: none may lead out of the folder.
            is_ours = path.is_relative_to(self._folder) and path.is_file()
        except (OSError, ValueError):
            return None
        return path if is_ours else None


def is_address(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def taken_apart(entry: str, shelf: Shelf) -> list[str]:
    """The names in one entry: the original joined those of all files of a content by commas."""
    if shelf.find(entry) or is_address(entry):
        return [entry]
    return [name for part in entry.split(",") if (name := part.strip())]
