"""From lines to prompts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Prompt, PromptFile
from app.transfer import queries
from app.transfer.queries import Columns
from app.transfer.rows import queries as row_queries
from app.transfer.rows.batch import Incoming, identity
from app.transfer.rows.finding import find_rows
from app.transfer.rows.kinds import RowKind
from app.transfer.rows.lines import AttachmentLine, PromptLine

KIND = RowKind.PROMPTS


async def add_prompts(
    session: AsyncSession, lines: Sequence[Incoming], references: Sequence[Columns], now: datetime
) -> None:
    """Add prompts with their attachments; `references` are the resolved ids, line by line."""
    known = await row_queries.list_hashes(
        session, [file.hash for new in lines for file in new.line.files or [] if file.hash]
    )
    contents = await find_rows(session, RowKind.CONTENTS, [_last_content(new.line) for new in lines])
    rows, files = [], []
    for new, ids in zip(lines, references, strict=True):
        last = _last_content(new.line)
        content_id = contents.get(last) if last else None
        rows.append(_columns(new, now) | ids | {"last_content_id": content_id})
        files += _files(new, known, now)
    await queries.add_rows(session, Prompt, rows)
    await queries.add_rows(session, PromptFile, files)


def _last_content(line: PromptLine) -> Any:
    return identity(line.last_content_id, line.last_content_created_at)


def _columns(new: Incoming, now: datetime) -> Columns:
    line: PromptLine = new.line
    created_at = line.created_at or now
    is_new = "available_at" not in line.model_fields_set
    return {
        "id": new.id,
        "type": line.type,
        "text": line.text,
        "memo": line.memo,
        "is_enabled": line.is_enabled,
        "is_show_in_content": line.is_show_in_content,
        "count": line.count,
        "initial_count": line.count if line.initial_count is None else line.initial_count,
        "is_exhausted": line.is_exhausted,
        "available_at": now if is_new and line.last_content_at is None else line.available_at,
        "last_content_at": line.last_content_at,
        "created_at": created_at,
        "modified_at": line.modified_at or created_at,
    }


def _files(new: Incoming, known: set[str], now: datetime) -> list[Columns]:
    return [
        {
            "prompt_id": new.id,
            "position": position,
            "name": file.name,
            **_source(new, file, known),
            "created_at": file.created_at or now,
        }
        for position, file in enumerate(new.line.files or [])
    ]


def _source(new: Incoming, file: AttachmentLine, known: set[str]) -> Columns:
    if file.hash in known:
        return {"media_hash": file.hash, "url": None}
    if file.hash is not None:
        new.mend(KIND, f"the file {file.name!r} is not in the library here", f"attached by its address {file.url}")
    return {"media_hash": None, "url": file.url}


def refusal(line: PromptLine) -> str | None:
    """What a single line's shape cannot tell: why it cannot be stored."""
    for file in line.files or []:
        if file.url is None:
            return f"files: {file.name!r} has no address"
        if not file.url.lower().startswith(("http://", "https://")):
            return f"files: {file.url!r} is no http(s) address"
    return None
