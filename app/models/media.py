from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from app.models.base import now_by_default


class Media(SQLModel, table=True):
    """A stored file, once however often it arrives: its name is the SHA-256 of its bytes."""

    __tablename__ = "media_file"

    hash: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    media_type: str
    width: int | None = None
    height: int | None = None
    created_at: datetime = now_by_default()
