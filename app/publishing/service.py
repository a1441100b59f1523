"""T3: turning a content into a page of its site."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

import structlog

from app.core import errors
from app.core.db import Database
from app.core.queue import LAST_ATTEMPT, Payload
from app.core.settings import Settings
from app.host import ExtensionHost
from app.host.errors import HandlerFailed
from app.media.library import MediaLibrary
from app.models import Directory, Publication, PublicationStatus
from app.publishing import queries
from app.publishing.addresses import numbered_path
from app.publishing.origin import Origin
from app.publishing.writing import SiteWriter

log = structlog.get_logger(__name__)

# The class of advisory locks that keep two publications to one site apart; any constant of ours.
SITE_LOCK = 0x50794762
LONGEST_REASON = 500


class Publisher:
    """Publishes contents, through extensions or by the default. One per process."""

    def __init__(
        self, database: Database, settings: Settings, library: MediaLibrary, extensions: ExtensionHost
    ) -> None:
        self._database = database
        self._extensions = extensions
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._writer = SiteWriter(database, settings, library)

    async def work(self, payload: Payload) -> None:
        """The job: publish one content through the chain of `publishHandler`; safe to run twice."""
        content_id, rewrite = int(payload["content_id"]), bool(payload.get("rewrite"))
        try:
            await self.publish_through_extensions(content_id, rewrite)
        except (HandlerFailed, errors.Invalid, errors.NotFound) as final:
            await self._settle(content_id, PublicationStatus.FAILED, reason=str(final))
        except Exception as raised:
            is_last = payload["attempt"] >= LAST_ATTEMPT
            status = PublicationStatus.FAILED if is_last else PublicationStatus.PENDING
            await self._settle(content_id, status, reason=_in_words(raised))
            raise

    async def publish_through_extensions(self, content_id: int, rewrite: bool) -> int | None:
        """Publish; the publication's number, or what an extension gave for it."""
        default_ran = False

        async def default(content_id: int, rewrite: bool) -> int | None:
            nonlocal default_ran
            default_ran = True
            return await self.publish(content_id, rewrite)

        result = await self._extensions.run("publishHandler", (content_id, rewrite), default)
        if not default_ran:
            external_id = None if result is None else str(result)
            await self._settle(content_id, PublicationStatus.REPLACED, external_id=external_id)
        if result is not None or not default_ran:
            await self._extensions.tell("content.published", {"contentId": content_id, "publishId": result})
        return result

    async def publish(self, content_id: int, rewrite: bool = False) -> int | None:
        """Publish by the default: write the article's page and the site's listing.

        A content that is published already is left alone unless `rewrite`. None when it cannot be published;
        the reason is on its record then.
        """
        async with self._database.session() as session:
            publication = await queries.find_publication(session, content_id)
        if publication and publication.status == PublicationStatus.PUBLISHED and not rewrite:
            await self._settle(content_id, PublicationStatus.PUBLISHED)
            return publication.id
        origin = await self._origin(content_id)
        if origin is None:
            return None
        async with self._alone_on(origin.directory):
            publication = await self._addressed(origin)
            await self._writer.write(origin, publication)
        await self._settle(content_id, PublicationStatus.PUBLISHED)
        log.info("published", content=content_id, site=origin.directory.name, page=publication.filename)
        return publication.id

    async def _origin(self, content_id: int) -> Origin | None:
        async with self._database.session() as session:
            found = await queries.find_origin(session, content_id)
            if found is None:
                return None
            content, prompt, topic, directory = found
            directory = directory or await queries.find_default_directory(session)
            files = await queries.list_stored_files(session, content_id)
        if directory is None:
            reason = "there is no directory to publish to; add one with `pygai directory add`"
            await self._settle(content_id, PublicationStatus.FAILED, reason=reason)
            return None
        return Origin(content, prompt, topic, directory, list(files))

    @asynccontextmanager
    async def _alone_on(self, directory: Directory) -> AsyncIterator[None]:
        """One publication to a site at a time, on whichever machine; no transaction is open meanwhile."""
        # First come, first served within the process, so that a crowd holds one connection and not the whole pool.
        async with self._turns.setdefault(directory.id, asyncio.Lock()):
            # A connection of its own: closing it gives the lock back, however this ends.
            connection = await self._database.connect()
            try:
                await connection.execute("SELECT pg_advisory_lock($1, $2)", SITE_LOCK, directory.id % 2**31)
                yield
            finally:
                connection.terminate()

    async def _addressed(self, origin: Origin) -> Publication:
        """The publication's row with an address, which is given once and never changes."""
        draft = await self._writer.draft(origin)
        async with self._database.session() as session:
            publication = await queries.find_publication(session, origin.content.id)
            if publication is None:
                publication = Publication(content_id=origin.content.id)
            if publication.filename is None or publication.dir_id != origin.directory.id:
                folder = draft.path.split("/")[:2]
                taken = await queries.list_filenames(session, dir_id=origin.directory.id, folder="/".join(folder))
                publication.dir_id = origin.directory.id
                publication.topic_id = origin.topic.id if origin.topic else None
                publication.filename = free_path(draft.path, taken)
            publication.title, publication.excerpt = draft.title, draft.excerpt
            publication.picture = self._writer.listed_picture(origin)
            session.add(publication)
            await session.flush()
            return publication

    async def _settle(self, content_id: int, status: PublicationStatus, **changes: Any) -> None:
        async with self._database.session() as session:
            publication = await queries.find_publication(session, content_id)
            if publication is None:
                publication = Publication(content_id=content_id)
            publication.status = status
            publication.reason = changes.get("reason")
            publication.external_id = changes.get("external_id", publication.external_id)
            if status == PublicationStatus.PUBLISHED and publication.published_at is None:
                publication.published_at = datetime.now(UTC)
            session.add(publication)
            await queries.tell_settled(session, content_id)


def _in_words(raised: Exception) -> str:
    return f"{type(raised).__name__}: {raised}".replace("\x00", "")[:LONGEST_REASON]


def free_path(path: str, taken: set[str]) -> str:
    """The path, or the first numbered one that no other article of the site has."""
    number = 1
    while numbered_path(path, number) in taken:
        number += 1
    return numbered_path(path, number)


async def get_directory(database: Database, name: str) -> Directory:
    """A site by name. Raises NotFound."""
    # PostgreSQL takes no NUL character, not even to look for it.
    async with database.session() as session:
        directory = None if "\x00" in name else await queries.find_directory(session, name)
    if directory is None:
        raise errors.NotFound({"path": "there is no such site"})
    return directory
