from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference


class PublicationStatus(StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    FAILED = "failed"
    REPLACED = "replaced"


class Publication(SQLModel, table=True):
    """gaiPublish: a content's publication as a page of a site.

    `replaced` means that an extension published in the default's place. `filename` is the page's path below
    the site; once given it never changes.
    """

    __tablename__ = "gai_publish"
    __table_args__ = (
        Index("uq_gai_publish_filename", "dir_id", "filename", unique=True),
        Index(
            "ix_gai_publish_listed",
            "dir_id",
            "created_at",
            "id",
            postgresql_where=text("status = 'published'"),
        ),
    )

    id: int = primary_key()
    content_id: int = reference("gai_content.id", on_delete="CASCADE")
    dir_id: int | None = reference("gai_directory.id", on_delete="SET NULL", nullable=True, index=False)
    topic_id: int | None = reference("gai_topic.id", on_delete="SET NULL", nullable=True, index=False)
    status: PublicationStatus = closed_set(PublicationStatus, "status", default=PublicationStatus.PENDING)
    filename: str | None = None
    # What a listing shows, so that it is made without rendering each article again.
    title: str | None = None
    excerpt: str | None = None
    picture: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    reason: str | None = None
    external_id: str | None = None
    created_at: datetime = now_by_default()
    published_at: datetime | None = instant()
    modified_at: datetime = now_by_default(on_update=True)
