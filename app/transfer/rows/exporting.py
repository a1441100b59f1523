"""Writing prompts or contents as lines."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.core.postgres.database import Database
from app.core.settings import Settings
from app.prompts.service import attachment_url
from app.transfer.progress import Progress, Quiet
from app.transfer.rows import formats, queries
from app.transfer.rows.kinds import RowFormat, RowKind
from app.transfer.rows.lines import JSON_COLUMNS


async def export_rows(
    database: Database,
    settings: Settings,
    *,
    kind: RowKind,
    format_: RowFormat,
    write: Callable[[str], Any],
    progress: Progress | None = None,
) -> int:
    """Hand every row, as it stands at one instant, to `write`; how many there were."""
    progress = progress or Quiet()
    columns, written = formats.header(kind), 0
    async with database.session() as session:
        progress.begin(kind, await queries.count(session, kind))
        await asyncio.to_thread(write, formats.encode_header(format_, columns))
        async for batch in queries.stream(session, kind):
            lines = [formats.encode(format_, columns, as_record(row, kind, settings)) for row in batch]
            await asyncio.to_thread(write, "".join(lines))
            written += len(batch)
            progress.advance(len(batch))
    return written


def as_record(row: dict[str, Any], kind: RowKind, settings: Settings) -> dict[str, Any]:
    """A row of the export's query as plain JSON values."""
    record = {name: _plain(name, value) for name, value in row.items()}
    record["files"] = record["files"] or []
    if kind is RowKind.PROMPTS:
        for file in record["files"]:
            file["url"] = file["url"] or attachment_url(f"{settings.base_url}/uploads", file["hash"], file["name"])
    return record


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return json.loads(value) if name in JSON_COLUMNS and isinstance(value, str) else value
