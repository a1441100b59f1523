from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, now_by_default, primary_key
from schemas.prompt import GenerationType


class Config(SQLModel, table=True):
    """gaiConfig: parameters for an AI model, as the Gai application copies them."""

    __tablename__ = "gai_config"

    id: int = primary_key()
    type: GenerationType = closed_set(GenerationType, "type")
    name: str = Field(unique=True)
    # JSON and not JSONB: clients compare what they pasted with what they get, key order included.
    text: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    memo: str | None = None
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
