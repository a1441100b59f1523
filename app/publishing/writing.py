"""Writing the files of a site: the article, its pictures, the listing."""

import asyncio
from typing import Any

from obstore.store import ObjectStore

from app.core.db import Database
from app.core.settings import Settings
from app.media.library import MediaLibrary
from app.models import Content, Directory, Publication
from app.publishing import queries, sites
from app.publishing.origin import Origin, site_path
from app.publishing.rendering import (
    IndexEntry,
    Page,
    Picture,
    Site,
    render_article,
    render_index,
    render_not_found,
    theme_assets,
)

LISTED_ARTICLES = 30


class SiteWriter:
    """Renders from the database and writes whole files; safe to run twice."""

    def __init__(self, database: Database, settings: Settings, library: MediaLibrary) -> None:
        self._database = database
        self._settings = settings
        self._library = library
        self._dressed: set[str] = set()

    async def draft(self, origin: Origin) -> Page:
        """The article as it would be at the address that its title suggests."""
        return await asyncio.to_thread(render_article, self._site(origin.directory), origin.article(None))

    @staticmethod
    def listed_picture(origin: Origin) -> dict[str, Any] | None:
        if not origin.pictures:
            return None
        first = origin.pictures[0]
        return {"path": first.path, "width": first.width, "height": first.height, "alt": first.alt}

    async def write(self, origin: Origin, publication: Publication) -> None:
        """Everything an article needs, in an order in which no link ever leads nowhere."""
        site = self._site(origin.directory)
        store = sites.store_of(self._settings, origin.directory)
        await self._dress(site, store, origin.directory)
        for file, _media in origin.files:
            await sites.write(store, site_path(file), await self._library.read(file.media_hash or ""))
        page = await asyncio.to_thread(render_article, site, origin.article(publication.filename))
        await sites.write(store, page.path, page.body)
        await self._write_listing(site, store, origin.directory, including=publication.id)

    async def _dress(self, site: Site, store: ObjectStore, directory: Directory) -> None:
        """The theme's files, once per process and site: their names change with their content."""
        location = sites.location_of(self._settings, directory)
        if location in self._dressed:
            return
        for asset in theme_assets():
            await sites.write(store, asset.path, asset.body)
        missing = await asyncio.to_thread(render_not_found, site)
        await sites.write(store, missing.path, missing.body)
        self._dressed.add(location)

    async def _write_listing(
        self, site: Site, store: ObjectStore, directory: Directory, *, including: int
    ) -> None:
        async with self._database.session() as session:
            latest = await queries.list_latest(
                session, dir_id=directory.id, including=including, limit=LISTED_ARTICLES
            )
        page = await asyncio.to_thread(render_index, site, [_entry(*row) for row in latest])
        await sites.write(store, page.path, page.body)

    def _site(self, directory: Directory) -> Site:
        return Site(
            name=directory.name,
            title=directory.title or directory.name,
            description=directory.description or "",
            language=directory.language,
            base_url=self._settings.base_url,
        )


def _entry(publication: Publication, content: Content, topic: str | None) -> IndexEntry:
    return IndexEntry(
        title=publication.title or "",
        excerpt=publication.excerpt or "",
        path=publication.filename or "",
        published_at=content.created_at,
        topic=topic,
        picture=Picture(**publication.picture) if publication.picture else None,
    )
