from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from app.models.base import now_by_default, primary_key


class Instruction(SQLModel, table=True):
    """gaiInstruction: a system instruction, with parameters of its own if it has any."""

    __tablename__ = "gai_instruction"

    id: int = primary_key()
    name: str = Field(unique=True)
    text: str = Field(default="", sa_column_kwargs={"server_default": ""})
    config: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    memo: str | None = None
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
