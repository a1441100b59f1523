from datetime import datetime

from sqlalchemy import CheckConstraint, text
from sqlmodel import Field, SQLModel

from app.models.base import now_by_default, primary_key


class Directory(SQLModel, table=True):
    """gaiDirectory: a static website and where its pages are stored.

    `base_url` is its own public address when it has one; `about` is Markdown. `tmpl` is what is written
    (`default` pages, or Markdown for `mkdocs` or `hugo`), `theme` how the default pages look.
    """

    __tablename__ = "gai_directory"
    __table_args__ = (
        CheckConstraint("tmpl IN ('default', 'mkdocs', 'hugo')", name="tmpl"),
        CheckConstraint("page_size BETWEEN 1 AND 100", name="page_size"),
    )

    id: int = primary_key()
    name: str = Field(unique=True)
    path: str
    tmpl: str = Field(default="default", sa_column_kwargs={"server_default": "default"})
    title: str | None = None
    description: str | None = None
    about: str | None = None
    language: str = Field(default="en", sa_column_kwargs={"server_default": "en"})
    base_url: str | None = None
    author: str | None = None
    theme: str = Field(default="default", sa_column_kwargs={"server_default": "default"})
    page_size: int = Field(default=12, sa_column_kwargs={"server_default": "12"})
    time_zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})
    discloses_ai: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # How far a rebuild has come, and of which pages: an interrupted one goes on from there.
    rebuilt_as: str | None = None
    rebuilt_parts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)
