"""What a preview shows: the sample, or the articles of a site as they are now."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

import asyncpg

from app.core import errors, storage
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.models import Directory
from app.publishing import addresses
from app.publishing.build.html_renderer import Press, render
from app.publishing.build.parts import DRESS, ArticlePart, FixedPart, FrontPart, NumberedPart, Part, paging_of
from app.publishing.build.reader import Desk, folder_of
from app.publishing.build.rows import ListRow
from app.publishing.model import File
from app.publishing.pages.theme import Theme
from app.publishing.preview import queries
from app.publishing.preview.sample.site import SampleSite
from app.sites import location

NEWEST = 24

_FIXED = {
    "archive/index.html": FixedPart.ARCHIVE,
    "about/index.html": FixedPart.ABOUT,
    "search/index.html": FixedPart.SEARCH_PAGE,
    addresses.NOT_FOUND: FixedPart.NOT_FOUND,
}
_NUMBERED = re.compile(r"page/([1-9]\d{0,8})/index\.html", re.ASCII)
_ODD = re.compile(r"(^|/)\.|//|#|^/|[\x00-\x1f\x7f\\]")
_OF_FRONT = frozenset({addresses.INDEX, "feed.xml", "feed.json"})
_OF_ARTICLE = frozenset({addresses.GONE, "index.md", "provenance.json"})


class Exhibit(Protocol):
    """Files of a site in whatever theme they are asked for."""

    async def find(self, path: str, theme: Theme) -> bytes | None:
        """Raises ThemeError."""

    def all(self, theme: Theme) -> AsyncIterator[File]:
        """Raises ThemeError."""


class SampleExhibit:
    """The sample that comes with us."""

    def __init__(self, url: str) -> None:
        self._sample = SampleSite(url)

    async def find(self, path: str, theme: Theme) -> bytes | None:
        make = self._sample.files.get(path)
        return make(theme).body if make else _asset(path, theme)

    async def all(self, theme: Theme) -> AsyncIterator[File]:
        for asset in theme.assets.values():
            yield File(asset.path, asset.body)
        for make in self._sample.files.values():
            yield make(theme)


class SiteExhibit:
    """A site that there is; it is read, and nothing of it is written."""

    def __init__(self, settings: Settings, database: Database, directory: Directory, url: str) -> None:
        self._settings = settings
        self._database = database
        self._directory = directory
        self._url = url
        self._store = location.store_of(settings, directory)

    async def find(self, path: str, theme: Theme) -> bytes | None:
        # Neither PostgreSQL nor a store takes such a path, not even to look for it.
        if _ODD.search(path):
            return None
        press = self._press(theme)
        async with self._database.driver() as connection:
            desk = self._desk(connection, press)
            lists = await desk.lists()
            part = await self._part(connection, lists, path)
            jobs = await press.prepare(desk, [part], lists) if part else []
        for output in await asyncio.to_thread(render, jobs):
            if isinstance(output, File) and output.path == path:
                return output.body
        return _asset(path, theme) or await self._stored(path)

    async def all(self, theme: Theme) -> AsyncIterator[File]:
        press = self._press(theme)
        async with self._database.driver() as connection:
            desk = self._desk(connection, press)
            lists = await desk.lists()
            parts: list[Part] = [*DRESS, FixedPart.ARCHIVE, *(FrontPart(row.id) for row in lists)]
            for row in islice(lists, 1):
                newest = await desk.newest_entries({row.id: NEWEST})
                parts += [ArticlePart(found.page_id) for found in newest[row.id]]
            jobs = await press.prepare(desk, parts, lists)
        for output in await asyncio.to_thread(render, jobs):
            if isinstance(output, File):
                yield output
        for path in desk.media:
            body = await self._stored(path)
            if body is not None:
                yield File(path, body)

    def _press(self, theme: Theme) -> Press:
        press = Press(self._settings, self._directory, theme)
        press.site = replace(press.site, url=self._url)
        return press

    def _desk(self, connection: asyncpg.Connection, press: Press) -> Desk:
        return Desk(connection, self._directory.id, media_path=press.media_path)

    async def _part(self, connection: asyncpg.Connection, lists: Sequence[ListRow], path: str) -> Part | None:
        part = _FIXED.get(path) or _list_part(lists, path, self._directory.page_size)
        if part is not None:
            return part
        folder, _, name = path.rpartition("/")
        page = f"{folder}/{addresses.INDEX}" if name in _OF_ARTICLE else path
        return await queries.find_page_part(connection, dir_id=self._directory.id, path=page)

    async def _stored(self, path: str) -> bytes | None:
        """As the site has it: pictures, and what the search reads."""
        return await storage.read(self._store, path)


def site_exhibit(settings: Settings, database: Database, directory: Directory, url: str) -> SiteExhibit:
    """Raises Invalid for a site whose pages somebody else's generator makes."""
    if directory.tmpl != "default":
        raise errors.Invalid(
            {"site": f"{directory.name} is written for {directory.tmpl}, which has its own themes"}
        )
    return SiteExhibit(settings, database, directory, url)


def _list_part(lists: Sequence[ListRow], path: str, page_size: int) -> Part | None:
    for row in lists:
        folder = folder_of(row)
        rest = path.removeprefix(folder)
        if len(rest) + len(folder) != len(path):
            continue
        if rest in _OF_FRONT:
            return FrontPart(row.id)
        numbered = _NUMBERED.fullmatch(rest)
        if numbered and int(numbered[1]) <= paging_of(row, page_size).numbered:
            return NumberedPart(row.id, int(numbered[1]))
    return None


def _asset(path: str, theme: Theme) -> bytes | None:
    return next((asset.body for asset in theme.assets.values() if asset.path == path), None)
