"""T3: turning a content into a page of its site."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.core.db import Database
from app.core.queue import LAST_ATTEMPT, JobName, Payload, enqueue_in_session
from app.host import ExtensionHost
from app.host.errors import HandlerFailed
from app.models import Content, Directory, Page, PageStatus, Publication, PublicationStatus
from app.publishing import addresses, queries
from app.publishing.engine import register
from app.publishing.engine.editor import Draft, Editor
from app.publishing.engine.workshop import Workshop

log = structlog.get_logger(__name__)

LONGEST_REASON = 500


@dataclass(frozen=True)
class _Order:
    """What is to be published where. `page` is the one the content has or had in that site."""

    content: Content
    directory: Directory
    topic_id: int | None
    page: Page | None
    dated_at: datetime

    @property
    def place(self) -> tuple[int, int | None, PageStatus | None, int | None]:
        """Where it goes; another place means another page to be made."""
        page = self.page
        return self.directory.id, page.id if page else None, page.status if page else None, self.topic_id

    @property
    def updated_at(self) -> datetime | None:
        """A page that readers have seen is updated; one that was withdrawn comes back as it was."""
        if self.page is None:
            return None
        return datetime.now(UTC) if self.page.status == PageStatus.LIVE else self.page.updated_at


class Publisher:
    """Publishes contents, through extensions or by the default. One per process."""

    def __init__(self, workshop: Workshop, extensions: ExtensionHost) -> None:
        self.workshop = workshop
        self._database = workshop.database
        self._extensions = extensions

    async def work(self, payload: Payload) -> None:
        """The job: publish one content through the chain of `publishHandler`; safe to run twice."""
        content_id, rewrite = int(payload["content_id"]), bool(payload.get("rewrite"))
        if "scheduled" in payload and not await self._is_still_due(int(payload["scheduled"])):
            return
        # A job that was written before somebody took the page away does not bring it back; a command does.
        if not payload.get("commanded") and await self._is_withdrawn(content_id):
            return
        try:
            await self.publish_through_extensions(content_id, rewrite)
        except (HandlerFailed, errors.Invalid, errors.NotFound) as final:
            await self._settle(content_id, PublicationStatus.FAILED, reason=_in_words(final))
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
        """Publish by the default: the article's page, and all that leads to it.

        A content that is published already is left alone unless `rewrite`. None when it cannot be published;
        the reason is on its record then.
        """
        async with self._database.session() as session:
            row = await _begin(session, content_id, rewrite=rewrite)
        while row.status == PublicationStatus.PENDING:
            async with self._database.session() as session:
                order = await _order(session, content_id)
            if order is None:
                reason = "there is no directory to publish to; add one with `pygai directory add`"
                await self._settle(content_id, PublicationStatus.FAILED, reason=reason)
                return None
            row = await self._carry_out(order, row)
        return row.id if row.status == PublicationStatus.PUBLISHED else None

    async def _carry_out(self, order: "_Order", row: Publication) -> Publication:
        """Publish what was ordered; the row as it is then, still pending when things have changed meanwhile."""
        content_id = order.content.id
        editor = self.workshop.editor(order.directory)
        draft = await editor.draft(
            content_id, self.workshop.fetcher, dated_at=order.dated_at, updated_at=order.updated_at
        )
        async with self.workshop.turns.at(order.directory.id):
            async with self._database.session() as session:
                # Others had their turn before: the article may have moved, been withdrawn, or be there by now.
                now, current = await _order(session, content_id), await session.get(Publication, row.id)
            if current is None:
                raise errors.NotFound({"id": f"there is no content {content_id}"})
            if current.status != PublicationStatus.PENDING or now is None or now.place != order.place:
                return current
            row = await self._print(order, editor, draft, row.id)
            # The answer to the client has left by now.
            await editor.extend_index()
        return row

    async def schedule(self, content_id: int, *, at: datetime) -> int:
        """Have a content published at an instant, in place of any earlier plan. Raises NotFound, Conflict."""
        async with self._database.session() as session:
            if await session.get(Content, content_id) is None:
                raise errors.NotFound({"id": f"there is no content {content_id}"})
            page = await queries.find_page(session, content_id=content_id)
            if page is not None and page.status == PageStatus.LIVE:
                raise errors.Conflict({"id": f"content {content_id} is published already"})
            publication = await queries.find_publication(session, content_id)
            if publication is None or publication.status != PublicationStatus.SCHEDULED:
                publication = Publication(content_id=content_id)
            publication.status, publication.due_at = PublicationStatus.SCHEDULED, at
            session.add(publication)
            await session.flush()
            await enqueue_in_session(
                session,
                JobName.PUBLISH_CONTENT,
                {"content_id": content_id, "scheduled": publication.id},
                after_seconds=max((at - datetime.now(UTC)).total_seconds(), 0),
            )
            return publication.id

    async def _is_withdrawn(self, content_id: int) -> bool:
        async with self._database.session() as session:
            publication = await queries.find_publication(session, content_id)
            return publication is not None and publication.status == PublicationStatus.WITHDRAWN

    async def _is_still_due(self, publication_id: int) -> bool:
        """Not when the plan was given up or put off: then there is another job for it, or none."""
        async with self._database.session() as session:
            publication = await session.get(Publication, publication_id)
            if publication is None or publication.status == PublicationStatus.PENDING:
                return publication is not None
            is_planned = publication.status == PublicationStatus.SCHEDULED
            return is_planned and publication.due_at is not None and publication.due_at <= datetime.now(UTC)

    async def site_for(self, content_id: int) -> Directory | None:
        """Where a content is or would be published."""
        async with self._database.session() as session:
            order = await _order(session, content_id)
        return order.directory if order else None

    # --- the steps of a publication ---

    async def _print(self, order: _Order, editor: Editor, draft: Draft, row_id: int) -> Publication:
        page = await self._addressed(order, editor, draft, row_id)
        await self.workshop.dress(order.directory, editor)
        try:
            digests = await editor.refresh([page.id], fresh={page.id: draft.facts})
        except Exception:
            # What was written of it already goes, if the store lets it; the next attempt writes it again.
            with suppress(Exception):
                await editor.refresh([page.id])
            raise
        return await self._show(order, editor, draft, page.id, digests[page.path], row_id)

    async def _addressed(self, order: _Order, editor: Editor, draft: Draft, row_id: int) -> Page:
        async with self._database.session() as session:
            page = await register.get_page(
                session,
                order.directory,
                content_id=order.content.id,
                topic_id=order.topic_id,
                proposed=draft.path,
                dated_at=order.dated_at,
            )
            publication = await session.get_one(Publication, row_id)
            publication.page_id, publication.dir_id, publication.topic_id = page.id, page.dir_id, page.topic_id
            publication.filename = page.path
            publication.address = addresses.site_url(editor.press.site, page.path)
            session.add(publication)
            return page

    async def _show(
        self, order: _Order, editor: Editor, draft: Draft, page_id: int, digest: str, row_id: int
    ) -> Publication:
        """All files are there: let the database say so."""
        content_id = order.content.id
        async with self._database.session() as session:
            page = await session.get_one(Page, page_id)
            await register.show(session, page, facts=draft.facts.columns, digest=digest, renderer=editor.renderer)
            publication = await session.get_one(Publication, row_id)
            publication.status, publication.reason = PublicationStatus.PUBLISHED, None
            publication.digest, publication.renderer = digest, editor.renderer
            publication.published_at = datetime.now(UTC)
            session.add(publication)
            await session.flush()
            await queries.tell_settled(session, content_id)
        log.info("published", content=content_id, site=order.directory.name, page=page.path)
        return publication

    async def _settle(self, content_id: int, status: PublicationStatus, **changes: Any) -> None:
        async with self._database.session() as session:
            if await session.get(Content, content_id) is None:
                return
            publication = await _open_row(session, content_id)
            publication.status = status
            publication.reason = changes.get("reason")
            publication.external_id = changes.get("external_id", publication.external_id)
            session.add(publication)
            await queries.tell_settled(session, content_id)


async def _begin(session: AsyncSession, content_id: int, *, rewrite: bool) -> Publication:
    """The row of the history that is open now, or the one that says that the content is live."""
    if not await queries.lock_content(session, content_id):
        raise errors.NotFound({"id": f"there is no content {content_id}"})
    publication = await queries.find_publication(session, content_id)
    # Without its page, which went with its site, it is not.
    is_live = publication is not None and publication.status == PublicationStatus.PUBLISHED and publication.page_id
    if publication is not None and is_live and not rewrite:
        await queries.tell_settled(session, content_id)
        return publication
    if publication is not None and publication.status == PublicationStatus.SCHEDULED:
        publication.status = PublicationStatus.PENDING
    elif publication is None or publication.status != PublicationStatus.PENDING:
        publication = Publication(content_id=content_id)
    session.add(publication)
    await session.flush()
    return publication


async def _order(session: AsyncSession, content_id: int) -> _Order | None:
    found = await queries.find_origin(session, content_id)
    if found is None:
        return None
    content, prompt = found
    publication = await queries.find_publication(session, content_id)
    page = await queries.find_page(session, content_id=content_id)
    dir_id = page.dir_id if page else prompt.dir_id if prompt else None
    directory = await session.get(Directory, dir_id) if dir_id else None
    directory = directory or await queries.find_default_directory(session)
    if directory is None:
        return None
    due_at = min(publication.due_at, datetime.now(UTC)) if publication and publication.due_at else None
    return _Order(
        content=content,
        directory=directory,
        topic_id=page.topic_id if page else prompt.topic_id if prompt else None,
        page=page,
        dated_at=page.dated_at if page else due_at or content.created_at,
    )


async def _open_row(session: AsyncSession, content_id: int) -> Publication:
    """The row of the publication that is under way."""
    publication = await queries.find_publication(session, content_id)
    if publication is not None and publication.status == PublicationStatus.PENDING:
        return publication
    return Publication(content_id=content_id)


def _in_words(raised: BaseException) -> str:
    is_worded = isinstance(raised, errors.DomainError | HandlerFailed)
    said = str(raised) if is_worded else f"{type(raised).__name__}: {raised}"
    # What follows the first line are a library's own structures, with paths of this machine.
    return said.partition("\n")[0].replace("\x00", "")[:LONGEST_REASON]


async def get_directory(database: Database, name: str) -> Directory:
    """A site by name. Raises NotFound."""
    # PostgreSQL takes no NUL character, not even to look for it.
    async with database.session() as session:
        directory = None if "\x00" in name else await queries.find_directory(session, name)
    if directory is None:
        raise errors.NotFound({"site": f"there is no site {name}"})
    return directory
