"""What lines refer to by name: found here, or made from what the line says about it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slugify import slugify
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from app.catalog.cron import next_due
from app.core import errors
from app.core.settings import Settings
from app.models import Config, Directory, Instruction, Interval, Topic
from app.sites import location, rebuilds, validation
from app.sites import queries as site_queries
from app.transfer import queries
from app.transfer.queries import Columns
from app.transfer.report import Report
from app.transfer.rows.lines import PromptLine


class Unusable(Exception):
    """A line that cannot be imported; the message says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reference of a line, and the columns that make it where there is none of that name."""

    table: type[SQLModel]
    noun: str
    column: str
    columns: Columns


class NamedRows:
    """The rows that prompts refer to, by table and name."""

    def __init__(self, session: AsyncSession, settings: Settings, report: Report) -> None:
        self._session = session
        self._settings = settings
        self._report = report
        self._rows: dict[type[SQLModel], dict[str, Any]] = {}

    async def load(self) -> None:
        for table in (Interval, Topic, Config, Instruction, Directory):
            self._rows[table] = {row.name: row for row in await queries.list_rows(self._session, table)}

    async def resolve(self, line: PromptLine) -> Columns:
        """The ids of all that a line refers to. Raises Unusable when something is neither here nor described."""
        columns: Columns = {}
        for wanted in _wanted(line):
            name = getattr(line, wanted.noun)
            columns[wanted.column] = None if name is None else await self._find_or_make(wanted, name)
        return columns

    async def _find_or_make(self, wanted: Wanted, name: str) -> int:
        present = self._rows[wanted.table].get(name)
        if present is None:
            present = self._rows[wanted.table][name] = await self._made(wanted, name)
        elif any(value is not None and getattr(present, key) != value for key, value in wanted.columns.items()):
            self._report.note(f"The {wanted.noun} {name!r} here is not as in the file; the one here is used.")
        number: int = present.id
        return number

    async def _made(self, wanted: Wanted, name: str) -> Any:
        columns = dict(wanted.columns)
        if wanted.table is Directory:
            columns["path"] = columns["path"] or slugify(name) or "site"
        if wanted.table is Interval:
            columns["time_zone"] = columns["time_zone"] or "UTC"
        missing = [key for key, value in columns.items() if value is None and key != "config"]
        if missing:
            raise Unusable(f"{wanted.noun}: there is none named {name!r} here, and the line does not describe it")
        if wanted.table is Interval:
            _check_interval(columns)
        row = wanted.table(name=name, **columns)
        if isinstance(row, Directory):
            await self._place(row)
        self._session.add(row)
        await self._session.flush()
        if isinstance(row, Directory):
            await rebuilds.request(self._session, [row.id])
        self._report.note(f"The {wanted.noun} {name!r} was made.")
        return row

    async def _place(self, directory: Directory) -> None:
        """Give it a folder of its own: the one in the file, or one with a number behind it. Raises Unusable."""
        await site_queries.lock_places(self._session)
        others = list(self._rows[Directory].values())
        try:
            validation.check(directory)
            location.take_free_path(self._settings, directory, others)
        except errors.DomainError as refused:
            reasons = "; ".join(f"directory_{field}: {reason}" for field, reason in refused.reasons.items())
            raise Unusable(reasons) from refused


def _check_interval(columns: Columns) -> None:
    try:
        next_due(columns["expression"], columns["time_zone"], after=datetime.now(UTC))
    except errors.Invalid as invalid:
        raise Unusable(f"interval_{invalid}") from invalid


def _settings(line: PromptLine) -> Columns:
    """Of its site; what is not said is as it is for a new one."""
    return line.directory_settings.model_dump(exclude_none=True) if line.directory_settings else {}


def _wanted(line: PromptLine) -> list[Wanted]:
    return [
        Wanted(
            Interval,
            "interval",
            "interval_id",
            {"expression": line.interval_expression, "time_zone": line.interval_time_zone},
        ),
        Wanted(Topic, "topic", "topic_id", {}),
        Wanted(Config, "config", "config_id", {"type": line.config_type, "text": line.config_text}),
        Wanted(
            Instruction,
            "instruction",
            "inst_id",
            {"text": line.instruction_text, "config": line.instruction_config},
        ),
        Wanted(Directory, "directory", "dir_id", {"path": line.directory_path, **_settings(line)}),
    ]
