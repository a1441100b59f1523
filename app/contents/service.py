"""T2: taking results, durably and once."""

import hashlib
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Caller
from app.contents import files, publications, queries
from app.contents.errors import no_content
from app.contents.jobs import FETCH_FILE, PUBLISH_CONTENT
from app.contents.queries import NewContent
from app.core import errors
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.jobs.queue import enqueue
from app.models import Content, ContentFile, Directory, Publication
from app.prompts import queries as prompt_queries
from app.prompts import schedule
from schemas.content import AttemptReport, ContentData

GREATEST_ID = 2**63 - 1
LONGEST_REASON = 2000
SHOWN_OF_DATA_URL = 64


@dataclass(frozen=True, slots=True)
class Submitted:
    """A content that is safe now, newly or since an earlier time."""

    content_id: int
    is_new: bool


async def submit(
    database: Database, settings: Settings, *, data: ContentData, publish: bool, caller_id: int | None
) -> Submitted:
    """Store a result, count it against its prompt and have its files and page made.

    Everything that was not there before is written in one transaction. The same submission with the same
    `histId` finds what it stored the first time. Raises Invalid when there are too many files.
    """
    if len(data.files) > settings.fetch_max_files:
        raise errors.Invalid({"data.files": f"may have at most {settings.fetch_max_files} entries"})
    new = _new_content(data, caller_id)
    async with database.driver() as connection:
        if not data.files and not publish:
            row = await queries.store(connection, new)
        else:
            row = await _store_with_work(connection, new, data=data, publish=publish)
        if row is None:
            return Submitted(await queries.get_id_by_digest(connection, new.digest), is_new=False)
    if row["is_unscheduled"]:
        await schedule.roll_forward(database)
    return Submitted(row["id"], is_new=True)


def _new_content(data: ContentData, caller_id: int | None) -> NewContent:
    return NewContent(
        prompt_id=prompt_number(data.promptId),
        external_id=data.id,
        hist_prompt_id=data.promptId,
        hist_id=data.histId,
        cron_id=data.cronId,
        text=data.text,
        submitted_by=caller_id,
        digest=_digest(data, caller_id) if data.histId else None,
    )


def prompt_number(given: str) -> int | None:
    """The prompt that a `promptId` names, or None for a client-side one."""
    # isdecimal alone would let `٢` through, which is no number on this wire.
    if not (given.isascii() and given.isdecimal()) or len(given) > 19:
        return None
    return number if 0 < (number := int(given)) <= GREATEST_ID else None


def _digest(data: ContentData, caller_id: int | None) -> bytes:
    """What makes a submission the same: every field, from the same user."""
    fields = [caller_id, data.id, data.text, data.files, data.cronId, data.histId, data.promptId]
    return hashlib.sha256(to_json(fields)).digest()


async def _store_with_work(
    connection: asyncpg.Connection, new: NewContent, *, data: ContentData, publish: bool
) -> asyncpg.Record | None:
    async with connection.transaction():
        row = await queries.store(connection, new)
        if row is None:
            if publish:
                content_id = await queries.get_id_by_digest(connection, new.digest)
                await request_publication(connection, content_id=content_id)
            return None
        sources = [_source(url) for url in data.files]
        file_ids = await queries.add_files(connection, content_id=row["id"], files=sources) if sources else []
        jobs = [
            files.fetch_job(id_, url, new.submitted_by) for id_, (url, _) in zip(file_ids, sources, strict=True)
        ]
        await enqueue(connection, FETCH_FILE, *jobs)
        if publish:
            await publications.ensure_publication(connection, content_id=row["id"])
        if publish and not file_ids:
            # With files, the last of them to settle has the page made.
            job = {"content_id": row["id"], "owner": new.submitted_by}
            await enqueue(connection, PUBLISH_CONTENT, job)
        return row


async def request_publication(connection: asyncpg.Connection, *, content_id: int) -> None:
    """Have a stored content published, unless it is or will be; within a transaction."""
    owner = await queries.lock(connection, content_id=content_id)
    if await publications.ensure_publication(connection, content_id=content_id):
        await enqueue(connection, PUBLISH_CONTENT, {"content_id": content_id, "owner": owner})


def _source(url: str) -> tuple[str, bytes | None]:
    if not url.lower().startswith("data:"):
        return url, None
    shown = url if len(url) <= SHOWN_OF_DATA_URL else f"{url[:SHOWN_OF_DATA_URL]}…"
    return shown, url.encode()


async def record_attempt(database: Database, *, report: AttemptReport, caller: Caller) -> None:
    """Keep that a client could not do its task, and give back the lease if it still holds it."""
    data = report.data if isinstance(report.data, dict) else {}
    given = _short_text(data.get("promptId"))
    prompt_id = prompt_number(given)
    async with database.transaction() as connection:
        await queries.add_attempt(
            connection,
            prompt_id=prompt_id,
            hist_prompt_id=given,
            hist_id=_short_text(data.get("histId")),
            cron_id=_short_text(data.get("cronId")),
            status=report.status,
            reason=_short_text(report.message or report.data),
            submitted_by=caller.user_id,
        )
        if prompt_id is not None:
            await prompt_queries.clear_lease(connection, prompt_id=prompt_id, token=caller.jti)


def _short_text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else to_json(value).decode()
    return text.replace("\x00", "")[:LONGEST_REASON]


@dataclass(frozen=True, slots=True)
class ContentReport:
    """A content with its files and its latest publication."""

    content: Content
    files: list[ContentFile]
    publication: Publication | None
    site: Directory | None


def check_number(content_id: int) -> None:
    """Raises NotFound for a number that no content can have."""
    if not 0 < content_id <= GREATEST_ID:
        raise no_content(content_id)


async def get_report(session: AsyncSession, *, content_id: int) -> ContentReport:
    """What became of a submission. Raises NotFound."""
    check_number(content_id)
    content = await queries.find_content(session, content_id)
    if content is None:
        raise no_content(content_id)
    files = await queries.list_files(session, content_id=content_id)
    found = await publications.find_publication_and_site(session, content_id=content_id)
    publication, site = found or (None, None)
    return ContentReport(content, list(files), publication, site)
