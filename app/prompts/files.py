"""Attachments of prompts."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.media import queries as media_queries
from app.media.library import MediaLibrary
from app.media.names import safe_name
from app.models import PromptFile
from app.prompts import editing, queries

MOST_FILES = 100


async def attach(
    session: AsyncSession, library: MediaLibrary, *, prompt_id: int, source: Path | bytes, name: str
) -> PromptFile:
    """Store a file and attach it to a prompt. Raises NotFound, Conflict when there are too many."""
    # Stored first: while bytes travel, no transaction is open.
    stored = await library.keep(source)
    position = await _next_position(session, prompt_id)
    await media_queries.record(session, stored)
    return await _added(
        session,
        PromptFile(
            prompt_id=prompt_id,
            position=position,
            name=safe_name(name, stored.media_type),
            media_hash=stored.hash,
        ),
    )


async def attach_address(session: AsyncSession, *, prompt_id: int, url: str) -> PromptFile:
    """Attach a file that stays elsewhere. Raises NotFound, Invalid."""
    if not url.lower().startswith(("http://", "https://")):
        raise errors.Invalid({"url": "must be an http(s) address"})
    position = await _next_position(session, prompt_id)
    return await _added(session, PromptFile(prompt_id=prompt_id, position=position, name=url, url=url))


async def list_files(session: AsyncSession, *, prompt_id: int) -> Sequence[PromptFile]:
    await editing.get(session, prompt_id)
    return await queries.list_files(session, prompt_id=prompt_id)


async def detach(session: AsyncSession, *, prompt_id: int, file_id: int) -> PromptFile:
    """Take an attachment away; the stored file stays, other prompts may share it. Raises NotFound."""
    await editing.get(session, prompt_id)
    file = await session.get(PromptFile, file_id)
    if file is None or file.prompt_id != prompt_id:
        raise errors.NotFound({"fileId": f"prompt {prompt_id} has no file {file_id}"})
    await session.delete(file)
    return file


async def _next_position(session: AsyncSession, prompt_id: int) -> int:
    await editing.get(session, prompt_id)
    files = await queries.list_files(session, prompt_id=prompt_id)
    if len(files) >= MOST_FILES:
        raise errors.Conflict({"files": f"a prompt has at most {MOST_FILES} files"})
    return files[-1].position + 1 if files else 0


async def _added(session: AsyncSession, file: PromptFile) -> PromptFile:
    session.add(file)
    await session.flush()
    return file
