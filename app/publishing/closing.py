"""Removing a site: its row, and what becomes of its files."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import obstore
import structlog
from obstore.store import LocalStore, ObjectStore

from app.audit.service import Change, record
from app.contents import publications
from app.core import errors
from app.core.postgres.database import Database
from app.models import Directory
from app.publishing.build import page_queries
from app.publishing.build.rebuild import Progress, Rebuilding
from app.publishing.build.workshop import Workshop
from app.sites import location
from schemas.site import Files

log = structlog.get_logger(__name__)

DELETIONS_AT_ONCE = 16


@dataclass(frozen=True)
class Closed:
    """What was removed; `deleted` files are gone from its place, all others are there still."""

    directory: Directory
    # None for a place that is not allowed any more.
    location: str | None
    articles: int
    deleted: int


class Closing:
    """Removes one site. Nothing is published there meanwhile, and jobs that are queued for it find none."""

    def __init__(self, workshop: Workshop, directory: Directory) -> None:
        self._workshop = workshop
        self._database: Database = workshop.database
        self._directory = directory

    async def close(self, progress: Progress, *, files: Files, change: Change | None = None) -> Closed:
        """Raises Conflict while articles are live there and nobody has said what becomes of their files.

        And when files are to be deleted that are not as they were made here.
        """
        while True:
            before = await self._state()
            if files == Files.ASKED and before.articles:
                raise _refused(self._directory.name, before.articles)
            ours = await self._list_ours(progress) if files == Files.DELETED else []
            async with self._workshop.turns.at(self._directory.id):
                if await self._state() != before:
                    # Published, withdrawn or moved since: other files are ours now.
                    continue
                await self._delete(ours)
                await self._forget(change)
            log.info("site removed", site=self._directory.name, deleted=len(ours))
            return Closed(self._directory, self._location(), before.articles, len(ours))

    def _location(self) -> str | None:
        with suppress(errors.Invalid):
            return location.location_of(self._workshop.settings, self._directory)
        return None

    async def _state(self) -> page_queries.SiteState:
        async with self._database.session() as session:
            return await page_queries.find_state(session, dir_id=self._directory.id)

    async def _list_ours(self, progress: Progress) -> Sequence[str]:
        return await Rebuilding(self._workshop, self._directory).list_ours(progress)

    async def _delete(self, paths: Sequence[str]) -> None:
        """What leads to articles before these."""
        if not paths:
            return
        store = _tidy(location.store_of(self._workshop.settings, self._directory))
        press = self._workshop.editor(self._directory).press
        await _delete_all(store, [path for path in paths if press.is_linking(path)])
        await _delete_all(store, [path for path in paths if not press.is_linking(path)])

    async def _forget(self, change: Change | None) -> None:
        async with self._database.session() as session:
            directory = await session.get(Directory, self._directory.id)
            if directory is not None:
                await publications.withdraw_publications(session, dir_id=directory.id)
                await session.delete(directory)
                await session.flush()
                if change is not None:
                    await record(session, change)


def _tidy(store: ObjectStore) -> ObjectStore:
    """The same one, which takes folders away with the last file that was in them."""
    return LocalStore(prefix=store.prefix, automatic_cleanup=True) if isinstance(store, LocalStore) else store


async def _delete_all(store: ObjectStore, paths: Sequence[str]) -> None:
    limit = asyncio.Semaphore(DELETIONS_AT_ONCE)

    async def delete(path: str) -> None:
        # What is gone already is no trouble: an earlier attempt may have come half the way.
        async with limit:
            with suppress(FileNotFoundError):
                await obstore.delete_async(store, path)

    await asyncio.gather(*map(delete, paths))


def _refused(name: str, articles: int) -> errors.Conflict:
    live = "one article is" if articles == 1 else f"{articles} articles are"
    return errors.Conflict(
        {
            "directory": f"{live} live on {name}: `--delete-files` takes its pages away, `--keep-files` leaves "
            "them as files that nobody looks after any more"
        }
    )
