from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference
from schemas.content import FileStatus


class Content(SQLModel, table=True):
    """gaiContent: what a client generated and handed back (T2), with the ids it gave."""

    __tablename__ = "gai_content"

    id: int = primary_key()
    prompt_id: int | None = reference("gai_prompt.id", on_delete="SET NULL", nullable=True)
    external_id: str = ""
    hist_prompt_id: str = ""
    hist_id: str = ""
    cron_id: str = ""
    text: str
    submitted_by: int | None = reference("user_account.id", on_delete="SET NULL", nullable=True, index=False)
    # The digest of a submission that carries a histId: the same one again finds this row instead of a new one.
    submission_digest: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, nullable=True, unique=True)
    )
    # The named human who has read it and stands behind it.
    approved_by: int | None = reference("user_account.id", on_delete="SET NULL", nullable=True, index=False)
    approved_at: datetime | None = instant()
    created_at: datetime = now_by_default()


class ContentFile(SQLModel, table=True):
    """A file named in a submission, and what became of it."""

    __tablename__ = "gai_content_file"

    id: int = primary_key()
    content_id: int = reference("gai_content.id", on_delete="CASCADE")
    position: int
    source: str
    # The bytes of a `data:` URL until they are stored.
    payload: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    status: FileStatus = closed_set(FileStatus, "status", default=FileStatus.PENDING)
    reason: str | None = None
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    name: str | None = None
    media_hash: str | None = Field(default=None, foreign_key="media_file.hash")
    next_attempt_at: datetime | None = instant()
    created_at: datetime = now_by_default()


class ContentPicture(SQLModel, table=True):
    """A picture from elsewhere that a text shows: fetched once and served from the site, or left out."""

    __tablename__ = "gai_content_picture"

    content_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("gai_content.id", ondelete="CASCADE"), primary_key=True)
    )
    # Of an address of any length, which a key cannot be.
    source_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    source: str
    name: str | None = None
    media_hash: str | None = Field(default=None, foreign_key="media_file.hash")
    reason: str | None = None
    tried_at: datetime = now_by_default()
