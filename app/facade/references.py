"""What prompts refer to, by name or number."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.postgres import named_rows
from app.models import Config, Directory, Instruction, Interval, Topic

REFERENCES: Mapping[str, tuple[str, type[Any]]] = {
    "topic": ("topic_id", Topic),
    "interval": ("interval_id", Interval),
    "config": ("config_id", Config),
    "instruction": ("inst_id", Instruction),
    "directory": ("dir_id", Directory),
}


async def resolved(session: AsyncSession, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that the fields mean: numbers in place of references. Raises NotFound."""
    columns: dict[str, Any] = {}
    for name, value in fields.items():
        column, kind = REFERENCES.get(name, (name, None))
        columns[column] = value if kind is None else await _number(session, kind, value)
    return columns


async def _number(session: AsyncSession, kind: type[Any], reference: str | None) -> int | None:
    return (await named_rows.get(session, kind, reference)).id if reference else None
