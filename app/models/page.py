from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference


class PageStatus(StrEnum):
    PENDING = "pending"
    LIVE = "live"
    GONE = "gone"
    MOVED = "moved"


class Page(SQLModel, table=True):
    """An address of a site, given once and never to anything else, and the article that lives there.

    What listings, feeds and the search show of the article is kept here, so that they are made without
    rendering it again. `dated_at` is the date that readers see; `updated_at` is null until it is published again.
    """

    __tablename__ = "gai_page"
    __table_args__ = (
        UniqueConstraint("dir_id", "path"),
        Index(
            "uq_gai_page_current",
            "content_id",
            unique=True,
            postgresql_where=text("status IN ('pending', 'live')"),
        ),
        Index("ix_gai_page_unwritten", "dir_id", "id", postgresql_where=text("NOT is_written")),
    )

    id: int = primary_key()
    dir_id: int = reference("gai_directory.id", on_delete="CASCADE", index=False)
    path: str
    content_id: int | None = reference("gai_content.id", on_delete="SET NULL", nullable=True)
    topic_id: int | None = reference("gai_topic.id", on_delete="SET NULL", nullable=True)
    status: PageStatus = closed_set(PageStatus, "status", default=PageStatus.PENDING)
    moved_to: int | None = reference("gai_page.id", on_delete="SET NULL", nullable=True, index=False)
    title: str = ""
    excerpt: str = ""
    picture: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    minutes: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    # The distinct words of title and text, separated by spaces: what the search finds it by.
    words: str = Field(default="", sa_column_kwargs={"server_default": ""})
    digest: str | None = None
    renderer: str | None = None
    # Whether all files on which it shows are as the database has it; if not, the next to write there sees to it.
    is_written: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    dated_at: datetime = now_by_default()
    updated_at: datetime | None = instant()
    created_at: datetime = now_by_default()


class ListKind(StrEnum):
    SITE = "site"
    TOPIC = "topic"
    YEAR = "year"


class PageList(SQLModel, table=True):
    """A list of a site: all of it, a topic or a year. Places in it are counted from 1 and never given twice."""

    __tablename__ = "gai_page_list"
    __table_args__ = (
        UniqueConstraint("dir_id", "kind", "key"),
        UniqueConstraint("dir_id", "kind", "slug"),
        CheckConstraint("last_place >= 0", name="last_place"),
    )

    id: int = primary_key()
    dir_id: int = reference("gai_directory.id", on_delete="CASCADE", index=False)
    kind: ListKind = closed_set(ListKind, "kind")
    # The topic's number or the year; empty for the whole site.
    key: str = ""
    slug: str = ""
    last_place: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # Up to which place the pages of the list are there; 0 when that is not known.
    written: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # How many of its places hold a live page.
    articles: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    # Up to which place the search has its index; the rest is found by the words of each chunk.
    indexed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class PagePlace(SQLModel, table=True):
    """Where a page stands in a list. It keeps its place while it is gone, so that no other page moves."""

    __tablename__ = "gai_page_place"
    __table_args__ = (UniqueConstraint("page_id", "list_id"),)

    list_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("gai_page_list.id", ondelete="CASCADE"), primary_key=True)
    )
    place: int = Field(primary_key=True)
    page_id: int = reference("gai_page.id", on_delete="CASCADE", index=False)
