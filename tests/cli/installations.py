"""Installations to move data between: a database of its own, a folder, a library."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres
from app.core.settings import Settings
from app.core.storage import open_store
from app.media.library import MediaLibrary
from app.transfer.original.importing import import_original
from app.transfer.report import Remark, Report
from tests.conftest import _execute, _numbers, dsn_of

UTC = ZoneInfo("UTC")

# Everything an import may touch.
TABLES = (
    "gai_topic",
    "gai_interval",
    "gai_instruction",
    "gai_config",
    "gai_directory",
    "gai_prompt",
    "gai_prompt_file",
    "gai_content",
    "gai_content_file",
    "gai_publish",
    "media_file",
    "import_origin",
)


@dataclass(frozen=True)
class Installation:
    settings: Settings
    database: Database

    @property
    def library(self) -> MediaLibrary:
        return MediaLibrary(open_store(self.settings.media_location))


def installation(database: Database, folder: Path, **changes: Any) -> Installation:
    settings = Settings(data_dir=folder, database_url=database.dsn, public_url="http://test", **changes)
    return Installation(settings, database)


@asynccontextmanager
async def another_installation(
    postgres: EmbeddedPostgres, template: str, folder: Path
) -> AsyncIterator[Installation]:
    """An empty one beside the test's own."""
    name = f"another_{next(_numbers)}"
    await _execute(postgres.dsn, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    database = Database(dsn_of(postgres, name))
    try:
        yield installation(database, folder)
    finally:
        await database.dispose()
        await _execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)")


async def imported(here: Installation, path: Path, **options: Any) -> Report:
    zone = options.pop("zone", UTC)
    return await import_original(here.database, here.settings, here.library, path=path, zone=zone, **options)


async def rows_of(database: Database, statement: str) -> list[dict[str, Any]]:
    async with database.session() as session:
        result = await session.execute(text(statement))
        return [dict(row) for row in result.mappings()] if result.returns_rows else []


async def only_row_of(database: Database, statement: str) -> dict[str, Any]:
    (row,) = await rows_of(database, statement)
    return row


async def everything(database: Database, *tables: str) -> dict[str, list[dict[str, Any]]]:
    return {table: await rows_of(database, f"SELECT * FROM {table} ORDER BY 1") for table in tables or TABLES}


def remarks_on(report: Report, table: str, row: int | None = None) -> Sequence[Remark]:
    return [remark for remark in report.remarks if remark.table == table and row in (None, remark.row)]


def told(report: Report, table: str, row: int | None = None) -> str:
    """All that a report says of a row, as one text."""
    return "\n".join(f"{remark.kind}: {remark.what}: {remark.done}" for remark in remarks_on(report, table, row))


def tally(report: Report, table: str) -> tuple[int, int, int, int]:
    """Imported, mended, set aside, already there."""
    counts = report.tallies[table]
    return counts.imported, counts.mended, counts.set_aside, counts.already_there
