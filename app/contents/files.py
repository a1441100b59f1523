"""The job that fetches a submitted file, after the answer and outside any transaction."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.contents import publications, queries
from app.contents.jobs import PUBLISH_CONTENT
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.jobs.kinds import Payload, TryAgain
from app.jobs.queue import enqueue_in_session
from app.media import queries as media_queries
from app.media.data_urls import decode_data_url
from app.media.errors import FetchFailed, FetchRefused
from app.media.fetching import Fetcher
from app.media.library import MediaLibrary, StoredFile
from app.media.names import safe_name
from app.models import ContentFile, FileStatus

log = structlog.get_logger(__name__)

LONGEST_PAUSE_SECONDS = 6 * 3600
LONGEST_HOST = 260


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a submitted file, and the name it came with."""

    content: Path | bytes
    name: str
    sha256: str | None = None


def fetch_job(file_id: int, source: str, owner: int | None) -> Payload:
    """The job that fetches a file, with whose it is and where it leads to."""
    try:
        host = urlsplit(source).netloc.lower()[:LONGEST_HOST]
    except ValueError:
        host = ""
    return {"file_id": file_id, "owner": owner, "host": host if host and host.isprintable() else None}


class FileCollector:
    """Fetches submitted files into the library and says on their rows what became of them."""

    def __init__(self, database: Database, settings: Settings, library: MediaLibrary, fetcher: Fetcher) -> None:
        self._database = database
        self._settings = settings
        self._library = library
        self._fetcher = fetcher

    async def collect(self, payload: Payload) -> None:
        """Fetch one file. Raises TryAgain when it could not be had this time; safe to run twice."""
        async with self._database.session() as session:
            file = await session.get(ContentFile, payload["file_id"])
        if file is None or file.status in {FileStatus.STORED, FileStatus.FAILED}:
            return
        try:
            async with self._source(file) as source:
                stored = await self._library.keep(source.content, sha256=source.sha256)
                name = safe_name(source.name, stored.media_type)
        except FetchRefused as refused:
            await self._settle(file.id, FileStatus.FAILED, reason=refused.reason)
        except FetchFailed as failed:
            await self._retry_or_give_up(file, failed.reason)
        except Exception as raised:
            log.exception("file not kept", file=file.id)
            await self._retry_or_give_up(file, f"it could not be kept on this side ({type(raised).__name__})")
        else:
            await self._settle(file.id, FileStatus.STORED, stored=stored, name=name)

    @asynccontextmanager
    async def _source(self, file: ContentFile) -> AsyncIterator[Source]:
        if file.payload is not None:
            content, _claimed_type = await asyncio.to_thread(
                decode_data_url, file.payload.decode(), self._settings.fetch_max_bytes
            )
            yield Source(content, "")
            return
        fetched = await self._fetcher.fetch(file.source)
        try:
            yield Source(fetched.path, fetched.name, fetched.sha256)
        finally:
            fetched.discard()

    async def _retry_or_give_up(self, file: ContentFile, reason: str) -> None:
        attempts = file.attempts + 1
        if attempts >= self._settings.fetch_attempts:
            given_up = f"given up after {attempts} attempts: {reason}"
            await self._settle(file.id, FileStatus.FAILED, reason=given_up)
            return
        await self._settle(file.id, FileStatus.RETRYING, reason=reason)
        raise TryAgain(after_seconds=self._pause(attempts), reason=reason)

    def _pause(self, attempts: int) -> float:
        pause: float = self._settings.fetch_retry_seconds * 2 ** (attempts - 1)
        return min(pause, LONGEST_PAUSE_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads retries

    async def _settle(
        self,
        file_id: int,
        status: FileStatus,
        *,
        reason: str | None = None,
        stored: StoredFile | None = None,
        name: str | None = None,
    ) -> None:
        async with self._database.session() as session:
            file = await session.get_one(ContentFile, file_id)
            owner = await queries.lock_content(session, file.content_id)
            if stored is not None:
                await media_queries.record(session, stored)
                file.media_hash, file.name, file.payload = stored.hash, name, None
            file.status, file.reason, file.attempts = status, reason, file.attempts + 1
            session.add(file)
            await session.flush()
            await _publish_when_complete(session, file, owner)
        log.info("file settled", file=file_id, status=status.value, reason=reason)


async def _publish_when_complete(session: AsyncSession, file: ContentFile, owner: int | None) -> None:
    """The page is made once no file waits for its first attempt, and again when a late file arrives."""
    if await publications.find_publication_and_site(session, content_id=file.content_id) is None:
        return
    files = await queries.list_files(session, content_id=file.content_id)
    if all(other.status != FileStatus.PENDING for other in files):
        payload = {"content_id": file.content_id, "rewrite": file.attempts > 1, "owner": owner}
        await enqueue_in_session(session, PUBLISH_CONTENT, payload)
