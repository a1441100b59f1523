"""Files that an earlier import could not find, attached now that their folder is given."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.media import queries as media_queries
from app.media.names import safe_name
from app.models import FileStatus, PromptFile
from app.transfer import queries
from app.transfer.original import queries as file_queries
from app.transfer.original.context import Context
from app.transfer.original.files import Shelf, is_address
from app.transfer.original.source import Values
from app.transfer.original.values import OddRow


async def complete_files(session: AsyncSession, shelf: Shelf, content_ids: Sequence[int]) -> int:
    """How many files of these contents were found now."""
    completed = 0
    for file in await file_queries.list_failed_files(session, content_ids):
        stored = shelf.find(file.source)
        if stored is None:
            continue
        await media_queries.record(session, stored)
        file.status, file.reason, file.attempts = FileStatus.STORED, None, file.attempts + 1
        file.media_hash, file.name = stored.hash, safe_name(file.source, stored.media_type)
        completed += 1
    await session.flush()
    return completed


async def complete_attachments(session: AsyncSession, context: Context, prompts: dict[int, Values]) -> int:
    """How many attachments of these prompts, the original's rows by our ids, were found now."""
    attached = await file_queries.list_attached(session, list(prompts))
    files = []
    for our_id, values in prompts.items():
        row = OddRow("gaiPrompt", values, context.zone, context.now)
        for position, name in enumerate(row.names("files")):
            stored = None if is_address(name) else context.uploads.find(name)
            if stored is None or (our_id, stored.hash) in attached:
                continue
            await media_queries.record(session, stored)
            safe = safe_name(name, stored.media_type)
            files.append({"prompt_id": our_id, "position": position, "name": safe, "media_hash": stored.hash})
    await queries.add_rows(session, PromptFile, [file | {"created_at": context.now} for file in files])
    return len(files)
