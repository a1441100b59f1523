"""What `pygai content` does."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import queries as access_queries
from app.access import service as access
from app.cli.output import print_row, print_rows, say
from app.cli.running import note, run, run_in_session
from app.contents import listing_queries, service
from app.contents.errors import no_content
from app.contents.jobs import REFRESH_PAGE
from app.contents.listing_queries import ContentLine
from app.contents.service import GREATEST_ID, ContentReport
from app.contents.shown import shown, shown_publication
from app.core import errors
from app.core.postgres import named_rows
from app.jobs.queue import enqueue_in_session
from app.models import Content, PublicationStatus, Topic, User
from app.publishing.changes import Changes
from app.runtime import Runtime
from app.sites import service as sites


def print_all(*, prompt_id: int | None, before_id: int | None, limit: int, as_json: bool) -> None:
    async def work(session: AsyncSession) -> Sequence[ContentLine]:
        return await listing_queries.list_contents(session, prompt_id=prompt_id, before_id=before_id, limit=limit)

    print_rows([_line(line) for line in run_in_session(work)], as_json=as_json)


def show(content_id: int, *, as_json: bool) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        async with runtime.database.session() as session:
            report = await get_report(session, content_id)
            return shown(report, runtime.settings).model_dump() | await _approval(session, report.content)

    print_row(run(work), as_json=as_json)


async def _approval(session: AsyncSession, content: Content) -> dict[str, Any]:
    user = await session.get(User, content.approved_by) if content.approved_by else None
    return {"approvedBy": user.email if user else None, "approvedAt": content.approved_at}


def approve(content_id: int, *, by: str | None, withdraws: bool, as_json: bool) -> None:
    async def work(session: AsyncSession) -> tuple[dict[str, Any], bool]:
        report = await get_report(session, content_id)
        user = None if withdraws else await _approver(session, by)
        content, email = report.content, user.email if user else None
        content.approved_by = user.id if user else None
        content.approved_at = datetime.now(UTC) if user else None
        session.add(content)
        note(session, "content.withdraw" if withdraws else "content.approve", f"content {content_id}", by=email)
        page_id = _page_id(report)
        if page_id is not None:
            await enqueue_in_session(session, REFRESH_PAGE, {"page_id": page_id})
        row = {"id": content_id, "approved_by": email, "approved_at": content.approved_at}
        return row, page_id is not None

    row, is_published = run_in_session(work)
    print_row(row, as_json=as_json)
    done = f"{row['approved_by']} stands behind content" if row["approved_by"] else "Nobody stands behind content"
    say(f"{done} {content_id}." + (" Its page is made again by the next free worker." if is_published else ""))


async def _approver(session: AsyncSession, email: str | None) -> User:
    """Somebody with a name: the one that is given, or the only one there is."""
    if email is None:
        users = [user for user in await access_queries.list_users(session) if user.is_active]
        if len(users) != 1:
            raise errors.Invalid({"by": f"there are {len(users)} users: say who stands behind it with --by EMAIL"})
        return users[0]
    user = await access.get_user(session, email=email)
    if not user.is_active:
        raise errors.Conflict({"by": f"{user.email} was deactivated and stands behind nothing new"})
    return user


def _page_id(report: ContentReport) -> int | None:
    """Of the page that is live."""
    publication = report.publication
    is_live = publication is not None and publication.status == PublicationStatus.PUBLISHED
    return publication.page_id if publication is not None and is_live else None


def remove(content_id: int) -> None:
    """The page goes first: should that fail, the content is still there to be tried again."""

    async def work(runtime: Runtime) -> str | None:
        async with runtime.database.session() as session:
            await get_report(session, content_id)
        publisher = runtime.publisher
        page = await Changes(publisher).remove(content_id)
        async with runtime.database.session() as session:
            note(session, "content.remove", f"content {content_id}")
        return page.path if page else None

    page = run(work)
    say(f"Removed content {content_id}" + (f" and its page {page}." if page else "."))


def move(content_id: int, *, topic: str | None, site: str | None, as_json: bool) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        async with runtime.database.session() as session:
            await get_report(session, content_id)
        publisher = runtime.publisher
        changes = Changes(publisher)
        if site is not None:
            target = await sites.get_by_name(runtime.database, site)
            await changes.move_to_site(content_id, target)
        else:
            await changes.move_to_topic(content_id, await _topic_id(runtime, topic))
        async with runtime.database.session() as session:
            note(session, "content.move", f"content {content_id}", topic=topic, site=site)
            page = shown_publication(await get_report(session, content_id), runtime.settings)
            return page.model_dump() if page else {}

    print_row(run(work), as_json=as_json)


async def _topic_id(runtime: Runtime, name: str | None) -> int | None:
    if not name:
        return None
    async with runtime.database.session() as session:
        return (await named_rows.get(session, Topic, name)).id


async def get_report(session: AsyncSession, content_id: int) -> ContentReport:
    if not 0 < content_id <= GREATEST_ID:
        raise no_content(content_id)
    return await service.get_report(session, content_id=content_id)


def _line(line: ContentLine) -> dict[str, Any]:
    content = line.content
    return {
        "id": content.id,
        "prompt": content.prompt_id,
        "histId": content.hist_id,
        "created": content.created_at,
        "text": content.text,
        "files": line.files,
        "publication": line.publication,
    }
