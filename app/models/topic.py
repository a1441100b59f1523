from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import now_by_default, primary_key


class Topic(SQLModel, table=True):
    """gaiTopic: what a prompt and its contents are about."""

    __tablename__ = "gai_topic"

    id: int = primary_key()
    name: str = Field(unique=True)
    memo: str | None = None
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
