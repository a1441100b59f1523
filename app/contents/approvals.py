"""Approvals: a named person has read a content and stands behind it."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import queries as access_queries
from app.access import service as access
from app.contents.jobs import REFRESH_PAGE
from app.contents.service import ContentReport
from app.core import errors
from app.jobs.queue import enqueue_in_session
from app.models import Content, PublicationStatus, User


@dataclass(frozen=True, slots=True)
class Approval:
    """The e-mail address of the user who approved a content, and when; None twice when nobody did."""

    approved_by: str | None = None
    approved_at: datetime | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return asdict(self)


async def read(session: AsyncSession, content: Content) -> Approval:
    user = await session.get(User, content.approved_by) if content.approved_by else None
    return Approval(user.email if user else None, content.approved_at)


async def approve(session: AsyncSession, report: ContentReport, *, by: str | None) -> Approval:
    """Approve a content in the name of a user, or of the only one there is. Its live page is written again.

    Raises NotFound, Invalid when somebody has to be named, and Conflict for a user who was deactivated.
    """
    user = await _approver(session, by)
    report.content.approved_by, report.content.approved_at = user.id, datetime.now(UTC)
    await _save(session, report)
    return Approval(user.email, report.content.approved_at)


async def withdraw(session: AsyncSession, report: ContentReport) -> Approval:
    """Take the approval back, whoever gave it. The live page of the content is written again."""
    report.content.approved_by = report.content.approved_at = None
    await _save(session, report)
    return Approval()


def live_page_id(report: ContentReport) -> int | None:
    publication = report.publication
    is_live = publication is not None and publication.status == PublicationStatus.PUBLISHED
    return publication.page_id if publication is not None and is_live else None


async def _approver(session: AsyncSession, email: str | None) -> User:
    if email is None:
        users = [user for user in await access_queries.list_users(session) if user.is_active]
        if len(users) != 1:
            raise errors.Invalid({"by": f"there are {len(users)} users: say who stands behind it with --by EMAIL"})
        return users[0]
    user = await access.get_user(session, email=email)
    if not user.is_active:
        raise errors.Conflict({"by": f"{user.email} was deactivated and stands behind nothing new"})
    return user


async def _save(session: AsyncSession, report: ContentReport) -> None:
    session.add(report.content)
    page_id = live_page_id(report)
    if page_id is not None:
        await enqueue_in_session(session, REFRESH_PAGE, {"page_id": page_id})
