"""What happens to pages after they were published: withdrawn, moved, and mended when something came between."""

from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.core.queue import JobName, Payload, enqueue_in_session
from app.models import Content, Directory, Page, PageStatus, Publication, PublicationStatus
from app.publishing import addresses, queries
from app.publishing.engine import queries as list_queries
from app.publishing.engine import register
from app.publishing.engine.editor import Draft, Editor
from app.publishing.engine.workshop import Workshop
from app.publishing.service import Publisher

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
        async with self._database.session() as session:
            page = await session.get(Page, int(payload["page_id"]))
            directory = await session.get(Directory, page.dir_id) if page else None
        if page is None or directory is None:
            return
        if page.status == PageStatus.PENDING and page.content_id is not None:
            await self._publisher.publish(page.content_id)
            return
        async with self._workshop.turns.at(directory.id):
            await self._written(directory, [page.id])

    async def withdraw(self, content_id: int) -> Page | None:
        """Take a page away: its address says so from now on, and nothing leads there any more.

        A publication that is only planned is given up. Returns the page that was live. Raises NotFound.
        """
        while True:
            page, directory = await self._find_live(content_id)
            if page is None or directory is None:
                await self._give_up_plan(content_id)
                return None
            async with self._workshop.turns.at(directory.id):
                if not await self._is_still(page):
                    continue
                async with self._database.session() as session:
                    page = await session.get_one(Page, page.id)
                    await register.hide(session, page, PageStatus.GONE)
                    await _close(session, content_id)
                    await _mend_later(session, page.id)
                    await _mend_leading(session, page.id)
                await self._written(directory, [page.id])
            log.info("withdrawn", content=content_id, site=directory.name, page=page.path)
            return page

    async def remove(self, content_id: int) -> Page | None:
        """Withdraw the page of a content, if it has one, and delete the content. Raises NotFound."""
        withdrawn: Page | None = None
        while True:
            with suppress(errors.NotFound):
                withdrawn = await self.withdraw(content_id) or withdrawn
            dir_ids = await self._dir_ids()
            async with self._workshop.turns.at(*dir_ids):
                page, _ = await self._find_live(content_id)
                if page is not None:
                    continue
                async with self._database.session() as session:
                    await session.delete(await session.get_one(Content, content_id))
            return withdrawn

    async def move_to_topic(self, content_id: int, topic_id: int | None) -> Page:
        """The page keeps its address and leaves one topic's list for another. Raises NotFound."""
        while True:
            page, directory = await self._get_live(content_id)
            async with self._workshop.turns.at(directory.id):
                if not await self._is_still(page):
                    continue
                async with self._database.driver() as connection:
                    # Those that call it related are others afterwards.
                    before = await list_queries.list_naming(connection, page_ids=[page.id])
                async with self._database.session() as session:
                    page = await session.get_one(Page, page.id)
                    await register.change_topic(session, directory, page, topic_id)
                    await _mend_later(session, page.id, *before)
                await self._written(directory, [page.id], also=before)
            return page

    async def move_to_site(self, content_id: int, target: Directory) -> Page:
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
                if not await self._is_still(old):
                    continue
                new = await self._moved(old, target, draft, editor)
                await self._workshop.dress(target, editor)
                digests = await editor.refresh([new.id], fresh={new.id: draft.facts})
                await self._arrived(new, draft, editor, digests[new.path])
                await self._written(source, [old.id])
                await editor.extend_index()
            log.info("moved", content=content_id, site=target.name, page=new.path)
            return new

    # --- the steps ---

    async def _moved(self, old: Page, target: Directory, draft: Draft, editor: Editor) -> Page:
        content_id = old.content_id or 0
        async with self._database.session() as session:
            old = await session.get_one(Page, old.id)
            await register.hide(session, old, PageStatus.MOVED)
            new = await register.get_page(
                session,
                target,
                content_id=content_id,
                topic_id=old.topic_id,
                proposed=draft.path,
                dated_at=old.dated_at,
            )
            old.moved_to = new.id
            session.add_all([old, _row_of(new, content_id, addresses.site_url(editor.press.site, new.path))])
            await _mend_later(session, new.id, old.id)
            await _mend_leading(session, old.id)
            return new

    async def _arrived(self, new: Page, draft: Draft, editor: Editor, digest: str) -> None:
        async with self._database.session() as session:
            page = await session.get_one(Page, new.id)
            publication = await queries.find_publication(session, page.content_id or 0)
            await register.show(session, page, facts=draft.facts.columns, digest=digest, renderer=editor.renderer)
            if publication is not None:
                publication.status, publication.published_at = PublicationStatus.PUBLISHED, datetime.now(UTC)
                publication.digest, publication.renderer = digest, editor.renderer
                session.add(publication)

    async def _written(
        self, directory: Directory, page_ids: Collection[int], *, also: Collection[int] = ()
    ) -> None:
        await self._workshop.editor(directory).refresh(page_ids, also=also)

    async def _is_still(self, page: Page) -> bool:
        """Whether a page is live still, now that it is our turn."""
        async with self._database.session() as session:
            now = await session.get(Page, page.id)
            return now is not None and now.status == PageStatus.LIVE

    async def _dir_ids(self) -> list[int]:
        async with self._database.session() as session:
            return [directory.id for directory in await queries.list_directories(session)]

    async def _get_live(self, content_id: int) -> tuple[Page, Directory]:
        page, directory = await self._find_live(content_id)
        if page is None or directory is None:
            raise errors.NotFound({"id": f"content {content_id} is not published"})
        return page, directory

    async def _find_live(self, content_id: int) -> tuple[Page | None, Directory | None]:
        async with self._database.session() as session:
            if await session.get(Content, content_id) is None:
                raise errors.NotFound({"id": f"there is no content {content_id}"})
            page = await queries.find_page(session, content_id=content_id)
            if page is None or page.status != PageStatus.LIVE:
                return None, None
            return page, await session.get(Directory, page.dir_id)

    async def _give_up_plan(self, content_id: int) -> None:
        async with self._database.session() as session:
            publication = await queries.find_publication(session, content_id)
            if publication is None or publication.status != PublicationStatus.SCHEDULED:
                raise errors.NotFound({"id": f"content {content_id} is not published"})
            publication.status = PublicationStatus.WITHDRAWN
            session.add(publication)


async def _close(session: AsyncSession, content_id: int) -> None:
    publication = await queries.find_publication(session, content_id)
    if publication is not None:
        publication.status = PublicationStatus.WITHDRAWN
        session.add(publication)


async def _mend_later(session: AsyncSession, *page_ids: int) -> None:
    payloads = [{"page_id": page_id} for page_id in page_ids]
    await enqueue_in_session(session, JobName.MEND_PAGE, *payloads, after_seconds=MEND_AFTER_SECONDS)


async def _mend_leading(session: AsyncSession, page_id: int) -> None:
    """Those that lead to a page, on other sites perhaps, are written again by the next free worker."""
    leading = await queries.list_leading(session, page_id=page_id)
    await enqueue_in_session(session, JobName.MEND_PAGE, *({"page_id": other} for other in leading))


def _row_of(page: Page, content_id: int, address: str) -> Publication:
    return Publication(
        content_id=content_id,
        page_id=page.id,
        dir_id=page.dir_id,
        topic_id=page.topic_id,
        filename=page.path,
        address=address,
    )
