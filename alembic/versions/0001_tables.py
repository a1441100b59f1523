"""The connector's tables"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_table(
        "gai_config",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "type",
            sa.Enum("gentxt", "genimg", name="type", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("memo", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_config")),
        sa.UniqueConstraint("name", name=op.f("uq_gai_config_name")),
    )
    op.create_table(
        "gai_directory",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("tmpl", sqlmodel.sql.sqltypes.AutoString(), server_default="default", nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), server_default="en", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_directory")),
        sa.UniqueConstraint("name", name=op.f("uq_gai_directory_name")),
    )
    op.create_table(
        "gai_instruction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("memo", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_instruction")),
        sa.UniqueConstraint("name", name=op.f("uq_gai_instruction_name")),
    )
    op.create_table(
        "gai_interval",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expression", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(), server_default="UTC", nullable=False),
        sa.Column("memo", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_interval")),
        sa.UniqueConstraint("name", name=op.f("uq_gai_interval_name")),
    )
    op.create_table(
        "gai_topic",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("memo", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_topic")),
        sa.UniqueConstraint("name", name=op.f("uq_gai_topic_name")),
    )
    op.create_table(
        "media_file",
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_media_file")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index(
        op.f("ix_sign_in_throttle_window_ends_at"), "sign_in_throttle", ["window_ends_at"], unique=False
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("admin", "client", name="role", native_enum=False, create_constraint=True, length=20),
            server_default="client",
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_account_email")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("jti", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("jwt", "personal", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_access_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("jti", name=op.f("uq_access_token_jti")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_access_token_secret_hash")),
    )
    op.create_index(op.f("ix_access_token_user_id"), "access_token", ["user_id"], unique=False)
    op.create_table(
        "gai_prompt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "type",
            sa.Enum("gentxt", "genimg", name="type", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("memo", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_show_in_content", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("count", sa.Integer(), server_default="10", nullable=False),
        sa.Column("initial_count", sa.Integer(), server_default="10", nullable=False),
        sa.Column("is_exhausted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("interval_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("config_id", sa.BigInteger(), nullable=True),
        sa.Column("inst_id", sa.BigInteger(), nullable=True),
        sa.Column("dir_id", sa.BigInteger(), nullable=True),
        sa.Column("available_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("last_content_id", sa.BigInteger(), nullable=True),
        sa.Column("last_content_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_to", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(leased_to IS NULL) = (leased_until IS NULL)", name=op.f("ck_gai_prompt_lease")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_gai_prompt_count")),
        sa.CheckConstraint("initial_count >= 0", name=op.f("ck_gai_prompt_initial_count")),
        sa.ForeignKeyConstraint(
            ["config_id"], ["gai_config.id"], name=op.f("fk_gai_prompt_config_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["dir_id"], ["gai_directory.id"], name=op.f("fk_gai_prompt_dir_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["inst_id"], ["gai_instruction.id"], name=op.f("fk_gai_prompt_inst_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["interval_id"], ["gai_interval.id"], name=op.f("fk_gai_prompt_interval_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["gai_topic.id"], name=op.f("fk_gai_prompt_topic_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_prompt")),
    )
    op.create_index(
        "ix_gai_prompt_claim",
        "gai_prompt",
        ["available_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_claim_dir",
        "gai_prompt",
        ["dir_id", "available_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_claim_interval",
        "gai_prompt",
        ["interval_id", "available_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_claim_topic",
        "gai_prompt",
        ["topic_id", "available_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_unscheduled",
        "gai_prompt",
        ["id"],
        unique=False,
        postgresql_where=sa.text("is_enabled AND count > 0 AND available_at IS NULL AND interval_id IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_leased_to",
        "gai_prompt",
        ["leased_to"],
        unique=False,
        postgresql_where=sa.text("leased_to IS NOT NULL"),
    )
    op.create_index(
        "ix_gai_prompt_leased_until",
        "gai_prompt",
        ["leased_until"],
        unique=False,
        postgresql_where=sa.text("leased_until IS NOT NULL"),
    )
    op.create_table(
        "gai_content",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hist_prompt_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hist_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cron_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("submission_digest", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["gai_prompt.id"], name=op.f("fk_gai_content_prompt_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["user_account.id"],
            name=op.f("fk_gai_content_submitted_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_content")),
        sa.UniqueConstraint("submission_digest", name=op.f("uq_gai_content_submission_digest")),
    )
    op.create_index(op.f("ix_gai_content_prompt_id"), "gai_content", ["prompt_id"], unique=False)
    op.create_foreign_key(
        "fk_gai_prompt_last_content_id",
        "gai_prompt",
        "gai_content",
        ["last_content_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_table(
        "gai_prompt_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=True),
        sa.Column("hist_prompt_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hist_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cron_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["gai_prompt.id"], name=op.f("fk_gai_prompt_attempt_prompt_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"],
            ["user_account.id"],
            name=op.f("fk_gai_prompt_attempt_submitted_by"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_prompt_attempt")),
    )
    op.create_index(op.f("ix_gai_prompt_attempt_prompt_id"), "gai_prompt_attempt", ["prompt_id"], unique=False)
    op.create_table(
        "gai_prompt_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("url", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(media_hash IS NULL) <> (url IS NULL)", name=op.f("ck_gai_prompt_file_source")),
        sa.ForeignKeyConstraint(["media_hash"], ["media_file.hash"], name=op.f("fk_gai_prompt_file_media_hash")),
        sa.ForeignKeyConstraint(
            ["prompt_id"], ["gai_prompt.id"], name=op.f("fk_gai_prompt_file_prompt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_prompt_file")),
    )
    op.create_index(op.f("ix_gai_prompt_file_prompt_id"), "gai_prompt_file", ["prompt_id"], unique=False)
    op.create_table(
        "gai_content_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "stored",
                "retrying",
                "failed",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("media_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["gai_content.id"],
            name=op.f("fk_gai_content_file_content_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["media_hash"], ["media_file.hash"], name=op.f("fk_gai_content_file_media_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_content_file")),
    )
    op.create_index(op.f("ix_gai_content_file_content_id"), "gai_content_file", ["content_id"], unique=False)
    op.create_table(
        "gai_publish",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.Column("dir_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "published",
                "failed",
                "replaced",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("filename", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("excerpt", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("picture", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("external_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["gai_content.id"], name=op.f("fk_gai_publish_content_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dir_id"], ["gai_directory.id"], name=op.f("fk_gai_publish_dir_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["gai_topic.id"], name=op.f("fk_gai_publish_topic_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_publish")),
    )
    op.create_index(op.f("ix_gai_publish_content_id"), "gai_publish", ["content_id"], unique=False)
    op.create_index("uq_gai_publish_filename", "gai_publish", ["dir_id", "filename"], unique=True)
    op.create_index(
        "ix_gai_publish_listed",
        "gai_publish",
        ["dir_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )


def downgrade() -> None:
    op.drop_index("ix_gai_publish_listed", table_name="gai_publish")
    op.drop_index("uq_gai_publish_filename", table_name="gai_publish")
    op.drop_index(op.f("ix_gai_publish_content_id"), table_name="gai_publish")
    op.drop_table("gai_publish")
    op.drop_index(op.f("ix_gai_content_file_content_id"), table_name="gai_content_file")
    op.drop_table("gai_content_file")
    op.drop_index(op.f("ix_gai_prompt_file_prompt_id"), table_name="gai_prompt_file")
    op.drop_table("gai_prompt_file")
    op.drop_index(op.f("ix_gai_prompt_attempt_prompt_id"), table_name="gai_prompt_attempt")
    op.drop_table("gai_prompt_attempt")
    op.drop_constraint("fk_gai_prompt_last_content_id", "gai_prompt")
    op.drop_index(op.f("ix_gai_content_prompt_id"), table_name="gai_content")
    op.drop_table("gai_content")
    op.drop_index(
        "ix_gai_prompt_leased_until",
        table_name="gai_prompt",
        postgresql_where=sa.text("leased_until IS NOT NULL"),
    )
    op.drop_index(
        "ix_gai_prompt_leased_to", table_name="gai_prompt", postgresql_where=sa.text("leased_to IS NOT NULL")
    )
    op.drop_index(
        "ix_gai_prompt_claim_topic",
        table_name="gai_prompt",
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_gai_prompt_claim_interval",
        table_name="gai_prompt",
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_gai_prompt_claim_dir",
        table_name="gai_prompt",
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_gai_prompt_claim",
        table_name="gai_prompt",
        postgresql_where=sa.text("is_enabled AND count > 0 AND leased_until IS NULL AND available_at IS NOT NULL"),
    )
    op.drop_table("gai_prompt")
    op.drop_index(op.f("ix_access_token_user_id"), table_name="access_token")
    op.drop_table("access_token")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_sign_in_throttle_window_ends_at"), table_name="sign_in_throttle")
    op.drop_table("sign_in_throttle")
    op.drop_table("media_file")
    op.drop_table("gai_topic")
    op.drop_table("gai_interval")
    op.drop_table("gai_instruction")
    op.drop_table("gai_directory")
    op.drop_table("gai_config")
    op.drop_table("audit_log")
