from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.base import now_by_default, primary_key


class Directory(SQLModel, table=True):
    """gaiDirectory: a static website and where its pages are stored."""

    __tablename__ = "gai_directory"

    id: int = primary_key()
    name: str = Field(unique=True)
    path: str
    tmpl: str = Field(default="default", sa_column_kwargs={"server_default": "default"})
    title: str | None = None
    description: str | None = None
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
