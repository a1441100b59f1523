from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from app.models.base import now_by_default, primary_key


class AuditEntry(SQLModel, table=True):
    """Who changed what, when; never a secret and never a text."""

    __tablename__ = "audit_log"

    id: int = primary_key()
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = now_by_default()
