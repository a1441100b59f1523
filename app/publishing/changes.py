"""What happens to pages after they were published: withdrawn, moved, and mended when something came between."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any

import asyncpg
import structlog

from app.audit.service import Change, record_on, record_outcome
from app.contents import publications
from app.contents import queries as content_queries
from app.contents.errors import no_content, not_published
from app.contents.jobs import REFRESH_PAGE
from app.core import errors
from app.jobs.kinds import Payload
from app.jobs.queue import enqueue
from app.models import Directory, PageStatus, PublicationStatus
from app.publishing import addresses, orders, page_records, queries
from app.publishing.build import change_queries
from app.publishing.build import queries as list_queries
from app.publishing.build.rows import PageRow
from app.publishing.build.unwritten import Written
from app.publishing.build.workshop import Workshop
from app.publishing.build.writer import Draft, Editor
from app.publishing.service import Publisher
from app.publishing.state_queries import read_publish_state
from app.sites.errors import no_site
from app.sites.service import settings_of

log = structlog.get_logger(__name__)

# The change is made at once; the job is there for when the process dies in the middle of it.
MEND_AFTER_SECONDS = 30.0


class Changes:
    """Changes of published pages. The database says first how it is to be; then the files follow."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._workshop: Workshop = publisher.workshop
        self._database = self._workshop.database

    async def mend(self, payload: Payload) -> None:
        """The job: write anew all on which a page shows, as the database has it. Safe to run twice.

        A page that a move has begun is published, which ends the move.
        """
        async with self._database.driver() as connection:
            page = await queries.get_page(connection, int(payload["page_id"]))
            directory = await queries.find_site(connection, page.dir_id) if page else None
        if page is None or directory is None:
            return
        if page.status == PageStatus.PENDING and page.content_id is not None:
            await self._publisher.publish(page.content_id)
            return
        async with self._workshop.turns.at(directory.id):
            await self._written(directory, [page.id])

    async def catch_up(self) -> None:
        """Write what those have left behind who were cut off, in every site. Safe to run at any time."""
        async with self._database.driver() as connection:
            dir_ids = await list_queries.list_unwritten_sites(connection)
        for dir_id in dir_ids:
            try:
                while await self._caught_up(dir_id):
                    pass
            except Exception:
                # Its place may be away, and the others are not to wait for it.
                log.exception("site not caught up", site=dir_id)

    async def withdraw(self, content_id: int, change: Change | None = None) -> PageRow | None:
        """Take a page away: its address says so from now on, and nothing leads there any more.

        A publication that is only planned is given up. Returns the page that was live. Raises NotFound.
        """
        while True:
            page, directory = await self._find_live(content_id)
            if page is None or directory is None:
                await self._give_up_plan(content_id, change)
                return None
            async with self._workshop.turns.at(directory.id):
                if not await self._is_still(page):
                    continue
                async with self._database.transaction() as connection:
                    page = await page_records.mark_gone(connection, page, PageStatus.GONE)
                    await _close(connection, content_id, change)
                    await _mend_later(connection, page.id)
                    await _mend_leading(connection, page.id)
                await self._written(directory, [page.id])
            log.info("withdrawn", content=content_id, site=directory.name, page=page.path)
            return page

    async def remove(self, content_id: int, change: Change | None = None) -> PageRow | None:
        """Withdraw the page of a content, if it has one, and delete the content. Raises NotFound.

        The page goes first: should the rest fail, the content is still there to be removed again.
        """
        unpublishing = replace(change, action="content.unpublish") if change else None
        withdrawn: PageRow | None = None
        while True:
            with suppress(errors.NotFound):
                withdrawn = await self.withdraw(content_id, unpublishing) or withdrawn
            dir_ids = await self._dir_ids()
            async with self._workshop.turns.at(*dir_ids):
                page, _ = await self._find_live(content_id)
                if page is not None:
                    continue
                async with self._database.transaction() as connection:
                    await _delete(connection, content_id, change)
            return withdrawn

    async def move_to_topic(self, content_id: int, topic_id: int | None, change: Change | None = None) -> PageRow:
        """The page keeps its address and leaves one topic's list for another. Raises NotFound."""
        while True:
            page, directory = await self._get_live(content_id)
            async with self._workshop.turns.at(directory.id):
                if not await self._is_still(page):
                    continue
                async with self._database.transaction() as connection:
                    # Those that call it related are others afterwards.
                    before = await list_queries.list_naming(connection, page_ids=[page.id])
                    was = {"topic_id": page.topic_id}
                    page = await page_records.change_topic(connection, directory, page, topic_id)
                    await record_outcome(connection, change, before=was, after={"topic_id": topic_id})
                    await change_queries.mark_unwritten(connection, page_ids=before)
                    await _mend_later(connection, page.id, *before)
                await self._written(directory, [page.id])
            return page

    async def move_to_site(self, content_id: int, target: Directory, change: Change | None = None) -> PageRow:
        """The page gets an address in another site, and the old one leads there. Raises NotFound, Conflict."""
        while True:
            old, source = await self._get_live(content_id)
            if source.id == target.id:
                raise errors.Conflict({"site": f"content {content_id} is in {target.name} already"})
            editor = self._workshop.editor(target)
            draft = await editor.draft(
                content_id, self._workshop.fetcher, dated_at=old.dated_at, updated_at=old.updated_at
            )
            async with self._workshop.turns.at(source.id, target.id):
                drafted_for, target = target, await self._get_site(target)
                if not await self._is_still(old) or settings_of(drafted_for) != settings_of(target):
                    continue
                new = await self._moved(old, target, draft, editor, change)
                await self._workshop.dress(target, editor)
                written = await editor.refresh([new.id], fresh={new.id: draft.facts})
                await self._arrived(new, draft, editor, written)
                await self._written(source, [old.id])
                await editor.extend_index()
            log.info("moved", content=content_id, site=target.name, page=new.path)
            return new

    # --- the steps ---

    async def _moved(
        self, old: PageRow, target: Directory, draft: Draft, editor: Editor, change: Change | None
    ) -> PageRow:
        content_id = old.content_id or 0
        async with self._database.transaction() as connection:
            await page_records.mark_gone(connection, old, PageStatus.MOVED)
            new = await page_records.ensure_page(
                connection,
                target,
                page=await queries.find_page(connection, content_id=content_id, dir_id=target.id),
                content_id=content_id,
                topic_id=old.topic_id,
                proposed=draft.path,
                dated_at=old.dated_at,
            )
            await change_queries.change_page(connection, old.id, moved_to=new.id)
            await publications.add_publication(
                connection,
                content_id,
                page_id=new.id,
                dir_id=new.dir_id,
                topic_id=new.topic_id,
                filename=new.path,
                address=addresses.site_url(editor.press.site, new.path),
            )
            await _mend_later(connection, new.id, old.id)
            await _mend_leading(connection, old.id)
            await record_outcome(connection, change, before=_place(old), after=_place(new))
            return new

    async def _arrived(self, new: PageRow, draft: Draft, editor: Editor, written: Written) -> None:
        async with self._database.transaction() as connection:
            publication = await publications.find_publication(connection, new.content_id or 0)
            if publication is not None:
                await orders.fulfil(connection, publication, new, draft, written=written, renderer=editor.renderer)

    async def _written(self, directory: Directory, page_ids: Collection[int]) -> None:
        try:
            directory = await self._get_site(directory)
        except errors.NotFound:
            return
        await self._workshop.editor(directory).bring_up_to_date(page_ids)

    async def _caught_up(self, dir_id: int) -> bool:
        """Whether there was something left, of which there may be more."""
        async with self._workshop.turns.at(dir_id):
            async with self._database.driver() as connection:
                directory = await queries.find_site(connection, dir_id)
            if directory is None or directory.id != dir_id:
                return False
            return await self._workshop.editor(directory).catch_up()

    async def _get_site(self, directory: Directory) -> Directory:
        """As it is now: before it was our turn, somebody may have changed it. Raises NotFound."""
        async with self._database.driver() as connection:
            now = await queries.find_site(connection, directory.id)
        if now is None:
            raise no_site(directory.name)
        return now

    async def _is_still(self, page: PageRow) -> bool:
        """Whether a page is live still, now that it is our turn."""
        async with self._database.driver() as connection:
            now = await queries.get_page(connection, page.id)
        return now is not None and now.status == PageStatus.LIVE

    async def _dir_ids(self) -> list[int]:
        async with self._database.driver() as connection:
            return await queries.list_dir_ids(connection)

    async def _get_live(self, content_id: int) -> tuple[PageRow, Directory]:
        page, directory = await self._find_live(content_id)
        if page is None or directory is None:
            raise not_published(content_id)
        return page, directory

    async def _find_live(self, content_id: int) -> tuple[PageRow | None, Directory | None]:
        async with self._database.driver() as connection:
            state = await read_publish_state(connection, content_id)
        if state is None:
            raise no_content(content_id)
        if state.page is None or state.page.status != PageStatus.LIVE:
            return None, None
        return state.page, state.site

    async def _give_up_plan(self, content_id: int, change: Change | None) -> None:
        async with self._database.transaction() as connection:
            # Of several that give it up at once, and a worker that begins it, one comes first.
            await content_queries.lock(connection, content_id=content_id)
            publication = await publications.find_publication(connection, content_id)
            if publication is None or publication.status != PublicationStatus.SCHEDULED:
                raise not_published(content_id)
            await _close(connection, content_id, change)


async def _close(connection: asyncpg.Connection, content_id: int, change: Change | None) -> None:
    publication = await publications.find_publication(connection, content_id)
    if publication is not None:
        status = PublicationStatus.WITHDRAWN
        await publications.change_publication(connection, publication.id, status=status)
        before, after = {"status": publication.status}, {"status": status}
        await record_outcome(connection, change, before=before, after=after)


async def _delete(connection: asyncpg.Connection, content_id: int, change: Change | None) -> None:
    deleted = await change_queries.delete_content(connection, content_id)
    if deleted is None:
        raise no_content(content_id)
    if change is not None:
        await record_on(connection, replace(change, before=dict(deleted)))


def _place(page: PageRow) -> dict[str, Any]:
    return {"dir_id": page.dir_id, "path": page.path}


async def _mend_later(connection: asyncpg.Connection, *page_ids: int) -> None:
    payloads = [{"page_id": page_id} for page_id in page_ids]
    await enqueue(connection, REFRESH_PAGE, *payloads, after_seconds=MEND_AFTER_SECONDS)


async def _mend_leading(connection: asyncpg.Connection, page_id: int) -> None:
    """Those that lead to a page, on other sites perhaps, are written again by the next free worker."""
    leading = await queries.list_leading(connection, page_id=page_id)
    await enqueue(connection, REFRESH_PAGE, *({"page_id": other} for other in leading))
