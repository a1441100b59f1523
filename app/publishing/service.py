"""T3: turning a content into a page of its site."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import structlog

from app.audit.service import Change
from app.contents import publications
from app.contents.jobs import PUBLISH_CONTENT
from app.contents.publications import PublicationRow
from app.core import errors
from app.host import ExtensionHost
from app.host.errors import HandlerFailed
from app.jobs.kinds import Payload, TryAgain
from app.jobs.queue import enqueue
from app.jobs.runner import LAST_ATTEMPT
from app.models import Directory, PublicationStatus
from app.publishing import addresses, orders, page_records
from app.publishing.build.rows import PageRow
from app.publishing.build.workshop import Workshop
from app.publishing.build.writer import Draft, Editor
from app.publishing.orders import Order
from app.publishing.state_queries import read_publish_state

log = structlog.get_logger(__name__)

LONGEST_REASON = 500
# The queue goes by the clock of the database: a job that comes so much too early is the plan's own.
MOST_EARLY_SECONDS = 60


class Publisher:
    """Publishes contents, through extensions or by the default. One per process."""

    def __init__(self, workshop: Workshop, extensions: ExtensionHost) -> None:
        self.workshop = workshop
        self._database = workshop.database
        self._extensions = extensions

    async def publish_at_once(self, content_id: int, *, rewrite: bool, change: Change) -> None:
        """Publish for somebody who waits for it. What goes wrong is on the publication's record then."""
        # As the last attempt: nobody tries again after a command.
        payload = {"content_id": content_id, "rewrite": rewrite, "commanded": True, "attempt": LAST_ATTEMPT}
        with suppress(Exception):
            await self.work(payload, change)

    async def work(self, payload: Payload, change: Change | None = None) -> None:
        """The job: publish one content through the chain of `publishHandler`; safe to run twice."""
        content_id, rewrite = int(payload["content_id"]), bool(payload.get("rewrite"))
        if "scheduled" in payload and not await self._is_still_due(int(payload["scheduled"])):
            return
        # A job that was written before somebody took the page away does not bring it back; a command does.
        if not payload.get("commanded") and await self._is_withdrawn(content_id):
            return
        try:
            await self.publish_through_extensions(content_id, rewrite, change)
        except (HandlerFailed, errors.Invalid, errors.NotFound) as final:
            await self._settle(content_id, PublicationStatus.FAILED, reason=_in_words(final))
        except Exception as raised:
            is_last = payload["attempt"] >= LAST_ATTEMPT
            status = PublicationStatus.FAILED if is_last else PublicationStatus.PENDING
            await self._settle(content_id, status, reason=_in_words(raised))
            raise

    async def publish_through_extensions(
        self, content_id: int, rewrite: bool, change: Change | None = None
    ) -> int | None:
        """Publish; the publication's number, or what an extension gave for it."""
        default_ran = False

        async def default(content_id: int, rewrite: bool) -> int | None:
            nonlocal default_ran
            default_ran = True
            # An extension may have chosen another content.
            return await self.publish(
                content_id, rewrite, change and replace(change, subject=f"content {content_id}")
            )

        result = await self._extensions.run("publishHandler", (content_id, rewrite), default)
        if not default_ran:
            external_id = None if result is None else str(result)
            await self._settle(content_id, PublicationStatus.REPLACED, external_id=external_id, change=change)
        if result is not None or not default_ran:
            await self._extensions.tell("content.published", {"contentId": content_id, "publishId": result})
        return result

    async def publish(self, content_id: int, rewrite: bool = False, change: Change | None = None) -> int | None:
        """Publish by the default: the article's page, and all that leads to it.

        A content that is published already is left alone unless `rewrite`. None when it cannot be published;
        the reason is on its record then.
        """
        async with self._database.transaction() as connection:
            publication, order = await orders.begin(connection, content_id, rewrite=rewrite, change=change)
        while publication.status == PublicationStatus.PENDING:
            if order is None:
                reason = "there is no directory to publish to; add one with `pygai directory add`"
                await self._settle(content_id, PublicationStatus.FAILED, reason=reason)
                return None
            publication, order = await self._carry_out(order, publication)
        return publication.id if publication.status == PublicationStatus.PUBLISHED else None

    async def _carry_out(self, order: Order, publication: PublicationRow) -> tuple[PublicationRow, Order | None]:
        """Publish what was ordered; how it stands then, still pending when things have changed meanwhile."""
        content_id = order.content_id
        editor = self.workshop.editor(order.directory)
        draft = await editor.draft(
            content_id, self.workshop.fetcher, dated_at=order.dated_at, updated_at=order.updated_at
        )
        async with self.workshop.turns.at(order.directory.id):
            async with self._database.transaction() as connection:
                # Others had their turn before: the article may have moved, been withdrawn, or be there by now.
                current, now = await orders.look_again(connection, publication)
                if current.status != PublicationStatus.PENDING or now is None or now.place != order.place:
                    return current, now
                page = await _addressed(connection, now, editor, draft, publication)
            await self._print(order, editor, draft, page, publication)
            # The answer to the client has left by now.
            await editor.extend_index()
        return replace(publication, status=PublicationStatus.PUBLISHED), now

    async def schedule(self, content_id: int, *, at: datetime, change: Change | None = None) -> int:
        """Have a content published at an instant, in place of any earlier plan. Raises NotFound, Conflict."""
        async with self._database.transaction() as connection:
            publication = await orders.schedule(connection, content_id, at=at, change=change)
            await enqueue(
                connection,
                PUBLISH_CONTENT,
                {"content_id": content_id, "scheduled": publication.id},
                after_seconds=max((at - datetime.now(UTC)).total_seconds(), 0),
            )
            return publication.id

    async def site_for(self, content_id: int) -> Directory | None:
        """Where a content is or would be published."""
        async with self._database.driver() as connection:
            state = await read_publish_state(connection, content_id)
        return state.site if state else None

    async def _is_withdrawn(self, content_id: int) -> bool:
        async with self._database.driver() as connection:
            publication = await publications.find_publication(connection, content_id)
        return publication is not None and publication.status == PublicationStatus.WITHDRAWN

    async def _is_still_due(self, publication_id: int) -> bool:
        """Not when the plan was given up or put off: then there is another job for it, or none."""
        async with self._database.driver() as connection:
            publication = await publications.get_publication(connection, publication_id)
        if publication is None or publication.status == PublicationStatus.PENDING:
            return publication is not None
        if publication.status != PublicationStatus.SCHEDULED or publication.due_at is None:
            return False
        early = (publication.due_at - datetime.now(UTC)).total_seconds()
        if 0 < early <= MOST_EARLY_SECONDS:
            raise TryAgain(after_seconds=early, reason="the plan is not due yet")
        return early <= 0

    async def _print(
        self, order: Order, editor: Editor, draft: Draft, page: PageRow, publication: PublicationRow
    ) -> None:
        await self.workshop.dress(order.directory, editor)
        try:
            written = await editor.refresh([page.id], fresh={page.id: draft.facts})
        except Exception:
            # What was written of it already goes, if the store lets it; the next attempt writes it again.
            with suppress(Exception):
                await editor.bring_up_to_date([page.id])
            raise
        async with self._database.transaction() as connection:
            await orders.fulfil(connection, publication, page, draft, written=written, renderer=editor.renderer)
        log.info("published", content=order.content_id, site=order.directory.name, page=page.path)

    async def _settle(self, content_id: int, status: PublicationStatus, **columns: Any) -> None:
        async with self._database.transaction() as connection:
            await orders.settle(connection, content_id, **{"status": status, "reason": None, **columns})


# --- the steps of a publication, each within a transaction ---


async def _addressed(
    connection: asyncpg.Connection, order: Order, editor: Editor, draft: Draft, publication: PublicationRow
) -> PageRow:
    """Its page, with the address on the record before there is any file."""
    page = await page_records.ensure_page(
        connection,
        order.directory,
        page=order.page,
        content_id=order.content_id,
        topic_id=order.topic_id,
        proposed=draft.path,
        dated_at=order.dated_at,
    )
    await publications.change_publication(
        connection,
        publication.id,
        page_id=page.id,
        dir_id=page.dir_id,
        topic_id=page.topic_id,
        filename=page.path,
        address=addresses.site_url(editor.press.site, page.path),
    )
    return page


def _in_words(raised: BaseException) -> str:
    is_worded = isinstance(raised, errors.DomainError | HandlerFailed)
    said = str(raised) if is_worded else f"{type(raised).__name__}: {raised}"
    # What follows the first line are a library's own structures, with paths of this machine.
    return said.partition("\n")[0].replace("\x00", "")[:LONGEST_REASON]
