"""From lines to contents."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Content, ContentFile, FileStatus
from app.transfer import queries
from app.transfer.queries import Columns
from app.transfer.rows import queries as row_queries
from app.transfer.rows.batch import Incoming, identity
from app.transfer.rows.finding import find_rows
from app.transfer.rows.kinds import RowKind
from app.transfer.rows.lines import ContentFileLine, ContentLine

KIND = RowKind.CONTENTS


async def add_contents(session: AsyncSession, lines: Sequence[Incoming], now: datetime) -> list[int]:
    """Add contents with their files; the ids of files whose fetching was not finished where they come from."""
    prompts = await find_rows(session, RowKind.PROMPTS, [_prompt(new.line) for new in lines])
    emails = {email for new in lines for email in (new.line.submitted_by, new.line.approved_by) if email}
    users = await row_queries.list_users(session, list(emails))
    hashes = [file.hash for new in lines for file in new.line.files or [] if file.hash]
    known = await row_queries.list_hashes(session, hashes)
    digests = await row_queries.list_digests(session, [digest for new in lines if (digest := _digest(new.line))])
    rows, files, latest = [], [], {}
    for new in lines:
        wanted = _prompt(new.line)
        prompt_id = prompts.get(wanted) if wanted else None
        if new.line.prompt_id is not None and prompt_id is None:
            new.mend(KIND, f"its prompt {new.line.prompt_id} is not here", "linked to none")
        if prompt_id is not None and new.line.is_last_of_prompt:
            latest[prompt_id] = new.id
        rows.append(_columns(new, users, digests, now) | {"prompt_id": prompt_id})
        files += _files(new, known, now)
    await queries.add_rows(session, Content, rows)
    await queries.add_rows(session, ContentFile, files)
    await row_queries.take_last_contents(session, latest)
    return [new.id for new in lines if any(is_unfinished(file.status) for file in new.line.files or [])]


def _prompt(line: ContentLine) -> tuple[int, datetime] | None:
    return identity(line.prompt_id, line.prompt_created_at)


def _digest(line: ContentLine) -> bytes | None:
    return None if line.submission_digest is None else bytes.fromhex(line.submission_digest)


def _columns(new: Incoming, users: dict[str, int], digests: set[bytes], now: datetime) -> Columns:
    line: ContentLine = new.line
    digest = _digest(line)
    if digest in digests:
        new.mend(KIND, "another content here has the same submission_digest", "left empty")
        digest = None
    elif digest is not None:
        digests.add(digest)
    if line.submitted_by and line.submitted_by not in users:
        new.mend(KIND, f"there is no user {line.submitted_by} here", "submitted by none")
    return {
        "id": new.id,
        "external_id": line.external_id,
        "hist_prompt_id": line.hist_prompt_id,
        "hist_id": line.hist_id,
        "cron_id": line.cron_id,
        "text": line.text,
        "submitted_by": users.get(line.submitted_by or ""),
        "submission_digest": digest,
        **_approval(new, users),
        "created_at": line.created_at or now,
    }


def _approval(new: Incoming, users: dict[str, int]) -> Columns:
    """Nobody stands behind a content who is not known by name."""
    line: ContentLine = new.line
    if line.approved_by and line.approved_by not in users:
        new.mend(KIND, f"there is no user {line.approved_by} here", "approved by none")
    approved_by = users.get(line.approved_by or "")
    return {"approved_by": approved_by, "approved_at": line.approved_at if approved_by else None}


def _files(new: Incoming, known: set[str], now: datetime) -> list[Columns]:
    return [
        {
            "content_id": new.id,
            "position": position,
            "source": file.source,
            "payload": None if file.payload is None else file.payload.encode(),
            "attempts": file.attempts,
            "name": file.name,
            **_state(new, file, known),
            "next_attempt_at": file.next_attempt_at,
            "created_at": file.created_at or now,
        }
        for position, file in enumerate(new.line.files or [])
    ]


def _state(new: Incoming, file: ContentFileLine, known: set[str]) -> Columns:
    if file.status is not FileStatus.STORED:
        return {"status": file.status, "reason": file.reason, "media_hash": None}
    if file.hash in known:
        return {"status": file.status, "reason": file.reason, "media_hash": file.hash}
    reason = "the file is not in the library of this installation"
    new.mend(KIND, f"{reason}: {file.name or file.source}", "on record as failed")
    return {"status": FileStatus.FAILED, "reason": reason, "media_hash": None}


def is_unfinished(status: FileStatus) -> bool:
    return status in {FileStatus.PENDING, FileStatus.RETRYING}
