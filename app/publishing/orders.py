"""What is to be published where, as the database has it at one moment; within the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg

from app.audit.service import Change, record_outcome
from app.contents import publications
from app.contents import queries as content_queries
from app.contents.errors import no_content
from app.contents.publications import PublicationRow
from app.core import errors
from app.models import Directory, PageStatus, PublicationStatus
from app.publishing import page_records
from app.publishing.build.rows import PageRow
from app.publishing.build.unwritten import Written
from app.publishing.build.writer import Draft
from app.publishing.state_queries import PublishState, read_publish_state
from app.sites.service import settings_of


@dataclass(frozen=True)
class Order:
    """What is to be published where. `page` is the one the content has or had in that site."""

    content_id: int
    directory: Directory
    topic_id: int | None
    page: PageRow | None
    dated_at: datetime

    @property
    def place(self) -> tuple[object, ...]:
        """Where it goes, and what is set of the site; another place means another page to be made."""
        page = (self.page.id, self.page.status) if self.page else None
        return self.directory.id, page, self.topic_id, *settings_of(self.directory)

    @property
    def updated_at(self) -> datetime | None:
        """A page that readers have seen is updated; one that was withdrawn comes back as it was."""
        if self.page is None:
            return None
        return datetime.now(UTC) if self.page.status == PageStatus.LIVE else self.page.updated_at


async def begin(
    connection: asyncpg.Connection, content_id: int, *, rewrite: bool, change: Change | None = None
) -> tuple[PublicationRow, Order | None]:
    """The row of the history that is open now, or the one that says that the content is live; and what to do."""
    state = await _locked(connection, content_id)
    if state is None:
        raise no_content(content_id)
    publication = state.publication
    # Without its page, which went with its site, it is not.
    is_live = publication is not None and publication.status == PublicationStatus.PUBLISHED and publication.page_id
    if publication is not None and is_live and not rewrite:
        await publications.tell_settled(connection, content_id)
        return publication, order_of(state)
    before = {"status": publication.status} if publication else {}
    if publication is not None and publication.status == PublicationStatus.SCHEDULED:
        status = PublicationStatus.PENDING
        await publications.change_publication(connection, publication.id, status=status)
        publication = replace(publication, status=status)
    publication = await _open(connection, content_id, publication)
    after = {"status": publication.status, "rewrite": rewrite}
    await record_outcome(connection, change, before=before, after=after)
    return publication, order_of(replace(state, publication=publication))


def order_of(state: PublishState) -> Order | None:
    """Where it goes; None without a site."""
    if state.site is None:
        return None
    page, publication = state.page, state.publication
    due_at = min(publication.due_at, datetime.now(UTC)) if publication and publication.due_at else None
    return Order(
        content_id=state.content_id,
        directory=state.site,
        topic_id=page.topic_id if page else state.topic_id,
        page=page,
        dated_at=page.dated_at if page else due_at or state.submitted_at,
    )


async def look_again(
    connection: asyncpg.Connection, publication: PublicationRow
) -> tuple[PublicationRow, Order | None]:
    content_id = publication.content_id
    state = await read_publish_state(connection, content_id, publication_id=publication.id)
    if state is None or state.publication is None:
        raise no_content(content_id)
    return state.publication, order_of(state)


async def settle(
    connection: asyncpg.Connection,
    content_id: int,
    *,
    status: PublicationStatus,
    change: Change | None = None,
    **columns: Any,
) -> None:
    """Write down how the publication came out that is under way, unless the content was deleted meanwhile."""
    state = await _locked(connection, content_id)
    if state is None:
        return
    publication = await _open(connection, content_id, state.publication)
    await publications.settle_publication(connection, publication.id, status=status, **columns)
    before = {"status": state.publication.status} if state.publication else {}
    known = {name: value for name, value in columns.items() if value is not None}
    await record_outcome(connection, change, before=before, after={"status": status, **known})


async def schedule(
    connection: asyncpg.Connection, content_id: int, *, at: datetime, change: Change | None = None
) -> PublicationRow:
    """The row of a publication that is planned, in place of any earlier plan. Raises NotFound, Conflict."""
    state = await _locked(connection, content_id)
    if state is None:
        raise no_content(content_id)
    if state.page is not None and state.page.status == PageStatus.LIVE:
        raise errors.Conflict({"id": f"content {content_id} is published already"})
    publication = state.publication
    before = {"status": publication.status, "due_at": publication.due_at} if publication else {}
    if publication is None or publication.status != PublicationStatus.SCHEDULED:
        publication = await publications.add_publication(connection, content_id)
    status = PublicationStatus.SCHEDULED
    await publications.change_publication(connection, publication.id, status=status, due_at=at)
    await record_outcome(connection, change, before=before, after={"status": status, "due_at": at})
    return publication


async def _locked(connection: asyncpg.Connection, content_id: int) -> PublishState | None:
    # In a statement of its own: those that begin at once see what the others wrote before.
    await content_queries.lock(connection, content_id=content_id)
    return await read_publish_state(connection, content_id)


async def _open(connection: asyncpg.Connection, content_id: int, latest: PublicationRow | None) -> PublicationRow:
    """The row of the publication that is under way."""
    if latest is not None and latest.status == PublicationStatus.PENDING:
        return latest
    return await publications.add_publication(connection, content_id)


async def fulfil(
    connection: asyncpg.Connection,
    publication: PublicationRow,
    page: PageRow,
    draft: Draft,
    *,
    written: Written,
    renderer: str,
) -> None:
    """All files are there: let the database say so."""
    digest = written.digests[page.path]
    await page_records.mark_live(connection, page, facts=draft.facts.columns, digest=digest, renderer=renderer)
    await written.record(connection)
    await publications.settle_publication(
        connection,
        publication.id,
        status=PublicationStatus.PUBLISHED,
        reason=None,
        digest=digest,
        renderer=renderer,
        published_at=datetime.now(UTC),
    )
