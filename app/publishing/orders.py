"""What is to be published where, as the database has it at one moment; within the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import asyncpg

from app.contents.errors import no_content
from app.models import Directory, PageStatus, PublicationStatus
from app.publishing import page_registry, queries
from app.publishing.build import change_queries
from app.publishing.build.rows import PageRow, PublicationRow
from app.publishing.build.writer import Draft
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


async def begin(connection: asyncpg.Connection, content_id: int, *, rewrite: bool) -> PublicationRow:
    """The row of the history that is open now, or the one that says that the content is live."""
    if await queries.find_origin(connection, content_id, is_locked=True) is None:
        raise no_content(content_id)
    publication = await queries.find_publication(connection, content_id)
    # Without its page, which went with its site, it is not.
    is_live = publication is not None and publication.status == PublicationStatus.PUBLISHED and publication.page_id
    if publication is not None and is_live and not rewrite:
        await queries.tell_settled(connection, content_id)
        return publication
    if publication is not None and publication.status == PublicationStatus.SCHEDULED:
        status = PublicationStatus.PENDING
        await change_queries.change_publication(connection, publication.id, status=status)
        return replace(publication, status=status)
    return await open_row(connection, content_id)


async def find_order(connection: asyncpg.Connection, content_id: int) -> Order | None:
    origin = await queries.find_origin(connection, content_id)
    if origin is None:
        return None
    publication = await queries.find_publication(connection, content_id)
    page = await queries.find_page(connection, content_id=content_id)
    directory = await _find_site(connection, page.dir_id if page else origin.dir_id)
    if directory is None:
        return None
    due_at = min(publication.due_at, datetime.now(UTC)) if publication and publication.due_at else None
    return Order(
        content_id=content_id,
        directory=directory,
        topic_id=page.topic_id if page else origin.topic_id,
        page=page,
        dated_at=page.dated_at if page else due_at or origin.created_at,
    )


async def _find_site(connection: asyncpg.Connection, dir_id: int | None) -> Directory | None:
    """The site that a page or a prompt names; the default one when it names none, or one that is no more."""
    named = await queries.find_site(connection, dir_id) if dir_id is not None else None
    return named or await queries.find_default_site(connection)


async def look_again(
    connection: asyncpg.Connection, publication: PublicationRow
) -> tuple[PublicationRow, Order | None]:
    current = await queries.get_publication(connection, publication.id)
    if current is None:
        raise no_content(publication.content_id)
    return current, await find_order(connection, publication.content_id)


async def open_row(connection: asyncpg.Connection, content_id: int) -> PublicationRow:
    """The row of the publication that is under way."""
    publication = await queries.find_publication(connection, content_id)
    if publication is not None and publication.status == PublicationStatus.PENDING:
        return publication
    return await change_queries.add_publication(connection, content_id)


async def fulfil(
    connection: asyncpg.Connection,
    publication: PublicationRow,
    page: PageRow,
    draft: Draft,
    *,
    digest: str,
    renderer: str,
) -> None:
    """All files are there: let the database say so."""
    await page_registry.show(connection, page, facts=draft.facts.columns, digest=digest, renderer=renderer)
    await change_queries.change_publication(
        connection,
        publication.id,
        status=PublicationStatus.PUBLISHED,
        reason=None,
        digest=digest,
        renderer=renderer,
        published_at=datetime.now(UTC),
    )
    await queries.tell_settled(connection, publication.content_id)
