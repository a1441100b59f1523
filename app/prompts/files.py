"""Attachments of prompts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.media import queries as media_queries
from app.media.library import MediaLibrary, StoredFile
from app.media.names import safe_name
from app.models import PromptFile
from app.prompts import editing, queries

MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is in the library, or the address of one elsewhere."""

    name: str
    stored: StoredFile | None = None


async def store(library: MediaLibrary, sources: Iterable[Path | str]) -> list[Source]:
    """Bring local files into the library; a text is an address. Call it before a transaction is open."""
    return [
        Source(source.name, await library.keep(source)) if isinstance(source, Path) else Source(source)
        for source in sources
    ]


async def attach_all(session: AsyncSession, *, prompt_id: int, sources: Iterable[Source]) -> None:
    """Raises NotFound, Conflict when there are too many, Invalid for an address that is none."""
    for source in sources:
        if source.stored is None:
            await attach_address(session, prompt_id=prompt_id, url=source.name)
        else:
            await _attach_stored(session, source.stored, prompt_id=prompt_id, name=source.name)


async def attach(
    session: AsyncSession, library: MediaLibrary, *, prompt_id: int, source: Path | bytes, name: str
) -> PromptFile:
    """Store a file and attach it to a prompt. Raises NotFound, Conflict when there are too many."""
    # Stored first: while bytes travel, no transaction is open.
    return await _attach_stored(session, await library.keep(source), prompt_id=prompt_id, name=name)


async def _attach_stored(session: AsyncSession, stored: StoredFile, *, prompt_id: int, name: str) -> PromptFile:
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


def audited_name(file: PromptFile) -> str:
    """What the audit log calls it: an address without its query and password, either of which may be a secret."""
    if file.url is None:
        return file.name
    parts = urlsplit(file.url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


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
