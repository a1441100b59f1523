"""T2 and what becomes of results."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Caller
from app.audit.service import Change, difference, record
from app.contents import approvals, handlers, listing_queries, queries, service
from app.contents.listing_queries import ContentLine
from app.contents.service import ContentReport
from app.contents.shown import shown, shown_publication
from app.core import errors
from app.core.postgres import named_rows
from app.facade.base import Facade
from app.models import Topic
from app.sites import service as sites
from schemas.content import (
    Approval,
    ContentData,
    ContentMove,
    ContentQuery,
    ContentState,
    ContentSummary,
    PublicationState,
    ScheduledPublication,
)


class Contents(Facade):
    """Contents: what clients handed back."""

    async def submit_content(self, caller: Caller, data: ContentData, *, publish: bool) -> int:
        """Store a result for good and have it published when asked (T2); the content's number. Raises Invalid."""
        return await handlers.submit(
            self._parts.extensions, self._database, self._settings, data=data, publish=publish, caller=caller
        )

    async def wait_for_page(self, caller: Caller, content_id: int) -> bool:
        """Whether a content's page was settled within `publish_wait_seconds`."""
        del caller
        seconds = self._settings.publish_wait_seconds
        return await self._parts.publication_watch.wait(content_id, seconds=seconds)

    async def publish_by_default(self, caller: Caller, content_id: int, *, rewrite: bool) -> int | None:
        """Publish by our own logic; the publication's number, None when it could not be published."""
        caller.require_admin()
        return await self._parts.publisher.publish(content_id, rewrite)

    async def read_content(self, caller: Caller, content_id: int) -> ContentState:
        """What became of a submission: a client's own, an administrator's any. Raises NotFound, Forbidden."""
        async with self._database.session() as session:
            found = await service.get_report(session, content_id=content_id)
        if not caller.is_admin and found.content.submitted_by != caller.user_id:
            raise errors.Forbidden({"id": "this content was submitted by somebody else"})
        return shown(found, self._settings)

    async def list_contents(self, caller: Caller, query: ContentQuery) -> list[ContentSummary]:
        """Contents with how each stands, the newest first. Raises Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            found = await listing_queries.list_contents(
                session, prompt_id=query.prompt_id, before_id=query.before_id, limit=query.limit
            )
        return [_summary(line) for line in found]

    async def list_requested(self, caller: Caller, *, done_too: bool) -> list[int]:
        """The contents that a page was asked for, oldest first; those whose page is there only when `done_too`."""
        caller.require_admin()
        async with self._database.session() as session:
            return list(await listing_queries.list_asked_for(session, done_too=done_too))

    async def list_unpublished(self, caller: Caller) -> list[int]:
        """The contents that never had a page, asked for or not, oldest first."""
        caller.require_admin()
        async with self._database.session() as session:
            return list(await listing_queries.list_unpublished(session))

    async def read_approval(self, caller: Caller, content_id: int) -> Approval:
        """Who stands behind a content. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            report = await service.get_report(session, content_id=content_id)
            return _approval(report, await approvals.read(session, report.content))

    async def approve_content(self, caller: Caller, content_id: int, *, by: str | None = None) -> Approval:
        """Approve a content in the name of a user, or of the only one there is; its page is written again.

        Raises NotFound, Forbidden, Invalid when somebody has to be named, Conflict for a deactivated user.
        """
        caller.require_admin()
        async with self._database.session() as session:
            report, before = await _locked(session, content_id)
            after = await approvals.approve(session, report, by=by)
            sides = difference(before.columns, after.columns)
            await record(session, _change(caller, "approve", content_id, *sides))
            return _approval(report, after)

    async def withdraw_approval(self, caller: Caller, content_id: int) -> Approval:
        """Take an approval back, whoever gave it; the page is written again. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            report, before = await _locked(session, content_id)
            after = await approvals.withdraw(session, report)
            if after != before:
                sides = difference(before.columns, after.columns)
                await record(session, _change(caller, "withdraw", content_id, *sides))
            return _approval(report, after)

    async def publish_content(
        self, caller: Caller, content_id: int, *, rewrite: bool = False
    ) -> PublicationState | None:
        """Publish through the extensions that take part; how the publication stands then, and why if it failed.

        A content that is published already is left alone unless `rewrite`. Raises NotFound, Forbidden.
        """
        caller.require_admin()
        await self._publication(content_id)
        change = _change(caller, "publish", content_id)
        await self._parts.publisher.publish_at_once(content_id, rewrite=rewrite, change=change)
        return await self._publication(content_id)

    async def unpublish_content(self, caller: Caller, content_id: int) -> str | None:
        """Take a page away, or give up a plan to publish; the path of the page that was live.

        Raises NotFound, also when there is neither, and Forbidden.
        """
        caller.require_admin()
        service.check_number(content_id)
        page = await self._parts.changes.withdraw(content_id, _change(caller, "unpublish", content_id))
        return page.path if page else None

    async def schedule_content(self, caller: Caller, content_id: int, *, at: datetime) -> ScheduledPublication:
        """Have a content published at an instant, by the site's own time when `at` has no offset.

        It takes the place of an earlier plan. Raises NotFound, Forbidden, and Conflict for a live page.
        """
        caller.require_admin()
        service.check_number(content_id)
        publisher = self._parts.publisher
        if at.tzinfo is None:
            site = await publisher.site_for(content_id)
            at = at.replace(tzinfo=ZoneInfo(site.time_zone if site else "UTC"))
        await publisher.schedule(content_id, at=at, change=_change(caller, "schedule", content_id))
        return ScheduledPublication(content=content_id, at=at)

    async def move_content(self, caller: Caller, content_id: int, to: ContentMove) -> PublicationState | None:
        """Move a live page to another topic, where it keeps its address, or to another site, to which it leads.

        Raises NotFound, Forbidden, and Conflict for the site where it is.
        """
        caller.require_admin()
        service.check_number(content_id)
        change = _change(caller, "move", content_id)
        if to.site is not None:
            target = await sites.get_by_name(self._database, to.site)
            await self._parts.changes.move_to_site(content_id, target, change)
        else:
            await self._parts.changes.move_to_topic(content_id, await self._topic_id(to.topic), change)
        return await self._publication(content_id)

    async def remove_content(self, caller: Caller, content_id: int) -> str | None:
        """Take the page of a content away and delete the content; the path of the page that was live.

        Raises NotFound, Forbidden.
        """
        caller.require_admin()
        service.check_number(content_id)
        page = await self._parts.changes.remove(content_id, _change(caller, "remove", content_id))
        return page.path if page else None

    async def _publication(self, content_id: int) -> PublicationState | None:
        async with self._database.session() as session:
            report = await service.get_report(session, content_id=content_id)
        return shown_publication(report, self._settings)

    async def _topic_id(self, reference: str | None) -> int | None:
        if not reference:
            return None
        async with self._database.session() as session:
            return (await named_rows.get(session, Topic, reference)).id


def _change(caller: Caller, verb: str, content_id: int, *sides: Mapping[str, Any]) -> Change:
    return Change(caller.username, f"content.{verb}", f"content {content_id}", *sides)


async def _locked(session: AsyncSession, content_id: int) -> tuple[ContentReport, approvals.Approval]:
    """A content as it is now, and until the transaction ends."""
    service.check_number(content_id)
    await queries.lock_content(session, content_id)
    report = await service.get_report(session, content_id=content_id)
    return report, await approvals.read(session, report.content)


def _approval(report: ContentReport, approval: approvals.Approval) -> Approval:
    is_live = approvals.live_page_id(report) is not None
    return Approval(id=report.content.id, is_live=is_live, **approval.columns)


def _summary(line: ContentLine) -> ContentSummary:
    content = line.content
    return ContentSummary(
        id=content.id,
        prompt=content.prompt_id,
        histId=content.hist_id,
        created=content.created_at,
        text=content.text,
        files=line.files,
        publication=line.publication,
    )
