from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference
from schemas.content import PublicationStatus


class Publication(SQLModel, table=True):
    """gaiPublish: the history of a content's publications, one row each; the latest says how it stands.

    `replaced` means that an extension published in the default's place. `filename` is the path below the site,
    `address` the public one at that time, `renderer` and `digest` what made the page and what came out.
    """

    __tablename__ = "gai_publish"
    __table_args__ = (Index("ix_gai_publish_latest", "content_id", "id"),)

    id: int = primary_key()
    content_id: int = reference("gai_content.id", on_delete="CASCADE", index=False)
    page_id: int | None = reference("gai_page.id", on_delete="SET NULL", nullable=True)
    dir_id: int | None = reference("gai_directory.id", on_delete="SET NULL", nullable=True, index=False)
    topic_id: int | None = reference("gai_topic.id", on_delete="SET NULL", nullable=True, index=False)
    status: PublicationStatus = closed_set(PublicationStatus, "status", default=PublicationStatus.PENDING)
    filename: str | None = None
    address: str | None = None
    renderer: str | None = None
    digest: str | None = None
    reason: str | None = None
    external_id: str | None = None
    due_at: datetime | None = instant()
    created_at: datetime = now_by_default()
    published_at: datetime | None = instant()
    modified_at: datetime = now_by_default(on_update=True)
