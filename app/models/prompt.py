from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, func
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference
from schemas.prompt import GenerationType

CLAIMABLE = sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL")


class Prompt(SQLModel, table=True):
    """gaiPrompt: a task for an AI model.

    `available_at` is the place in the order: the instant since which the prompt waits, or the one at which its
    interval comes due; null while it carries return data and nothing makes it due again. A lease leaves it
    alone and takes the row out of the claim index instead, so a lapsed lease finds its old place.
    """

    __tablename__ = "gai_prompt"
    __table_args__ = (
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint("initial_count >= 0", name="initial_count"),
        CheckConstraint("(leased_to IS NULL) = (leased_until IS NULL)", name="lease"),
        Index("ix_gai_prompt_claim", "available_at", "id", postgresql_where=CLAIMABLE),
        Index("ix_gai_prompt_claim_topic", "topic_id", "available_at", "id", postgresql_where=CLAIMABLE),
        Index("ix_gai_prompt_claim_interval", "interval_id", "available_at", "id", postgresql_where=CLAIMABLE),
        Index("ix_gai_prompt_claim_dir", "dir_id", "available_at", "id", postgresql_where=CLAIMABLE),
        Index(
            "ix_gai_prompt_unscheduled",
            "id",
            postgresql_where=sa.text(
                "is_enabled AND count > 0 AND available_at IS NULL AND interval_id IS NOT NULL"
            ),
        ),
        Index("ix_gai_prompt_leased_until", "leased_until", postgresql_where=sa.text("leased_until IS NOT NULL")),
        Index("ix_gai_prompt_leased_to", "leased_to", postgresql_where=sa.text("leased_to IS NOT NULL")),
    )

    id: int = primary_key()
    type: GenerationType = closed_set(GenerationType, "type")
    text: str
    memo: str | None = None
    is_enabled: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    is_show_in_content: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    count: int = Field(default=10, sa_column_kwargs={"server_default": "10"})
    initial_count: int = Field(default=10, sa_column_kwargs={"server_default": "10"})
    is_exhausted: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})

    interval_id: int | None = reference("gai_interval.id", on_delete="SET NULL", nullable=True, index=False)
    topic_id: int | None = reference("gai_topic.id", on_delete="SET NULL", nullable=True, index=False)
    config_id: int | None = reference("gai_config.id", on_delete="SET NULL", nullable=True, index=False)
    inst_id: int | None = reference("gai_instruction.id", on_delete="SET NULL", nullable=True, index=False)
    dir_id: int | None = reference("gai_directory.id", on_delete="SET NULL", nullable=True, index=False)

    available_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=True, server_default=func.now()),
    )
    last_content_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger,
            ForeignKey("gai_content.id", ondelete="SET NULL", use_alter=True),
            nullable=True,
        ),
    )
    last_content_at: datetime | None = instant()
    leased_to: str | None = None
    leased_at: datetime | None = instant()
    leased_until: datetime | None = instant()
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)


class PromptFile(SQLModel, table=True):
    """An attachment of a prompt: a stored file by its hash, or the address of one elsewhere."""

    __tablename__ = "gai_prompt_file"
    __table_args__ = (CheckConstraint("(media_hash IS NULL) <> (url IS NULL)", name="source"),)

    id: int = primary_key()
    prompt_id: int = reference("gai_prompt.id", on_delete="CASCADE")
    position: int
    name: str
    media_hash: str | None = Field(default=None, foreign_key="media_file.hash")
    url: str | None = None
    created_at: datetime = now_by_default()


class PromptAttempt(SQLModel, table=True):
    """A client's report that it could not do a task (T2 with status `fail` or `error`)."""

    __tablename__ = "gai_prompt_attempt"

    id: int = primary_key()
    prompt_id: int | None = reference("gai_prompt.id", on_delete="CASCADE", nullable=True)
    hist_prompt_id: str
    hist_id: str
    cron_id: str
    status: str
    reason: str
    submitted_by: int | None = reference("user_account.id", on_delete="SET NULL", nullable=True, index=False)
    created_at: datetime = now_by_default()
