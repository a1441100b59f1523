"""Pages, their lists, and a history of publications"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from slugify import slugify

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Only the latest publication of a content is its page; the addresses of earlier ones stay taken.
PAGES = """
INSERT INTO gai_page (dir_id, path, content_id, topic_id, status, title, excerpt, picture, dated_at, created_at)
SELECT p.dir_id, p.filename, p.content_id, p.topic_id,
       CASE WHEN p.id <> p.latest THEN 'gone' WHEN p.status = 'published' THEN 'live' ELSE 'pending' END,
       coalesce(p.title, ''), coalesce(p.excerpt, ''), p.picture, c.created_at, p.created_at
FROM (SELECT *, max(id) OVER (PARTITION BY content_id) AS latest FROM gai_publish) AS p
JOIN gai_content AS c ON c.id = p.content_id
WHERE p.filename IS NOT NULL AND p.dir_id IS NOT NULL
ORDER BY p.id
"""
LISTS = """
INSERT INTO gai_page_list (dir_id, kind, key, slug, last_place, articles)
SELECT dir_id, 'site', '', '', count(*), count(*) FROM gai_page WHERE status = 'live' GROUP BY dir_id
UNION ALL
SELECT dir_id, 'year', to_char(dated_at AT TIME ZONE 'UTC', 'YYYY'), to_char(dated_at AT TIME ZONE 'UTC', 'YYYY'),
       count(*), count(*)
FROM gai_page WHERE status = 'live' GROUP BY 1, 3
UNION ALL
SELECT dir_id, 'topic', topic_id::text, 'topic-' || topic_id, count(*), count(*)
FROM gai_page WHERE status = 'live' AND topic_id IS NOT NULL GROUP BY 1, 3, topic_id
"""
PLACES = """
INSERT INTO gai_page_place (list_id, place, page_id)
SELECT l.id, row_number() OVER (PARTITION BY l.id ORDER BY p.created_at, p.id), p.id
FROM gai_page AS p
JOIN gai_page_list AS l ON l.dir_id = p.dir_id AND (
    l.kind = 'site'
    OR (l.kind = 'year' AND l.key = to_char(p.dated_at AT TIME ZONE 'UTC', 'YYYY'))
    OR (l.kind = 'topic' AND l.key = p.topic_id::text))
WHERE p.status = 'live'
"""
TOPICS = """
SELECT l.id, l.dir_id, t.name FROM gai_page_list AS l JOIN gai_topic AS t ON t.id::text = l.key
WHERE l.kind = 'topic' ORDER BY t.id
"""


def upgrade() -> None:
    op.create_table(
        "gai_page_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dir_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("site", "topic", "year", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("last_place", sa.Integer(), server_default="0", nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("indexed", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("last_place >= 0", name=op.f("ck_gai_page_list_last_place")),
        sa.ForeignKeyConstraint(
            ["dir_id"], ["gai_directory.id"], name=op.f("fk_gai_page_list_dir_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_page_list")),
        sa.UniqueConstraint("dir_id", "kind", "key", name=op.f("uq_gai_page_list_dir_id_kind_key")),
        sa.UniqueConstraint("dir_id", "kind", "slug", name=op.f("uq_gai_page_list_dir_id_kind_slug")),
    )
    op.create_table(
        "gai_content_picture",
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.Column("source_digest", sa.LargeBinary(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("media_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["gai_content.id"], name=op.f("fk_gai_content_picture_content_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_hash"], ["media_file.hash"], name=op.f("fk_gai_content_picture_media_hash")
        ),
        sa.PrimaryKeyConstraint("content_id", "source_digest", name=op.f("pk_gai_content_picture")),
    )
    op.create_table(
        "gai_page",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dir_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=True),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "live",
                "gone",
                "moved",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("moved_to", sa.BigInteger(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("excerpt", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("picture", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("minutes", sa.Integer(), server_default="1", nullable=False),
        sa.Column("words", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("renderer", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("dated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["gai_content.id"], name=op.f("fk_gai_page_content_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["dir_id"], ["gai_directory.id"], name=op.f("fk_gai_page_dir_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["moved_to"], ["gai_page.id"], name=op.f("fk_gai_page_moved_to"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["gai_topic.id"], name=op.f("fk_gai_page_topic_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gai_page")),
        sa.UniqueConstraint("dir_id", "path", name=op.f("uq_gai_page_dir_id_path")),
    )
    op.create_index(op.f("ix_gai_page_content_id"), "gai_page", ["content_id"], unique=False)
    op.create_index(op.f("ix_gai_page_topic_id"), "gai_page", ["topic_id"], unique=False)
    op.create_index(
        "uq_gai_page_current",
        "gai_page",
        ["content_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'live')"),
    )
    op.create_table(
        "gai_page_place",
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["gai_page_list.id"], name=op.f("fk_gai_page_place_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["gai_page.id"], name=op.f("fk_gai_page_place_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "place", name=op.f("pk_gai_page_place")),
        sa.UniqueConstraint("page_id", "list_id", name=op.f("uq_gai_page_place_page_id_list_id")),
    )
    op.add_column("gai_content", sa.Column("approved_by", sa.BigInteger(), nullable=True))
    op.add_column("gai_content", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_gai_content_approved_by"),
        "gai_content",
        "user_account",
        ["approved_by"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("gai_directory", sa.Column("about", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_directory", sa.Column("base_url", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_directory", sa.Column("author", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column(
        "gai_directory",
        sa.Column("theme", sqlmodel.sql.sqltypes.AutoString(), server_default="default", nullable=False),
    )
    op.add_column("gai_directory", sa.Column("page_size", sa.Integer(), server_default="12", nullable=False))
    op.add_column(
        "gai_directory",
        sa.Column("time_zone", sqlmodel.sql.sqltypes.AutoString(), server_default="UTC", nullable=False),
    )
    op.add_column(
        "gai_directory", sa.Column("discloses_ai", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("gai_directory", sa.Column("rebuilt_as", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_directory", sa.Column("rebuilt_parts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("gai_publish", sa.Column("page_id", sa.BigInteger(), nullable=True))
    op.add_column("gai_publish", sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_publish", sa.Column("renderer", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_publish", sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("gai_publish", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f("ix_gai_publish_content_id"), table_name="gai_publish")
    op.drop_index(
        op.f("ix_gai_publish_listed"),
        table_name="gai_publish",
        postgresql_where="((status)::text = 'published'::text)",
    )
    op.drop_index(op.f("uq_gai_publish_filename"), table_name="gai_publish")
    op.create_index("ix_gai_publish_latest", "gai_publish", ["content_id", "id"], unique=False)
    op.create_index(op.f("ix_gai_publish_page_id"), "gai_publish", ["page_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_gai_publish_page_id"), "gai_publish", "gai_page", ["page_id"], ["id"], ondelete="SET NULL"
    )
    _make_pages_of_publications()
    op.drop_column("gai_publish", "excerpt")
    op.drop_column("gai_publish", "picture")
    op.drop_column("gai_publish", "title")
    op.drop_constraint(op.f("ck_gai_publish_status"), "gai_publish", type_="check")
    op.create_check_constraint(
        op.f("ck_gai_publish_status"),
        "gai_publish",
        sa.column("status").in_(["pending", "scheduled", "published", "failed", "replaced", "withdrawn"]),
    )
    op.execute("UPDATE gai_directory SET tmpl = 'default' WHERE tmpl NOT IN ('default', 'mkdocs', 'hugo')")
    op.create_check_constraint(
        op.f("ck_gai_directory_tmpl"), "gai_directory", "tmpl IN ('default', 'mkdocs', 'hugo')"
    )
    op.create_check_constraint(op.f("ck_gai_directory_page_size"), "gai_directory", "page_size BETWEEN 1 AND 100")


def _make_pages_of_publications() -> None:
    for statement in (PAGES, LISTS, PLACES):
        op.execute(statement)
    op.execute(
        """UPDATE gai_publish AS p SET page_id = g.id FROM gai_page AS g
           WHERE g.dir_id = p.dir_id AND g.path = p.filename"""
    )
    connection = op.get_bind()
    taken: set[tuple[int, str]] = set()
    for number, dir_id, name in connection.execute(sa.text(TOPICS)).all():
        slug = slugify(name, max_length=60, word_boundary=True) or "topic"
        if (dir_id, slug) in taken:
            continue
        taken.add((dir_id, slug))
        connection.execute(
            sa.text("UPDATE gai_page_list SET slug = :slug WHERE id = :id"), {"slug": slug, "id": number}
        )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_gai_directory_page_size"), "gai_directory", type_="check")
    op.drop_constraint(op.f("ck_gai_directory_tmpl"), "gai_directory", type_="check")
    op.execute("DELETE FROM gai_publish WHERE status IN ('scheduled', 'withdrawn')")
    op.drop_constraint(op.f("ck_gai_publish_status"), "gai_publish", type_="check")
    op.create_check_constraint(
        op.f("ck_gai_publish_status"),
        "gai_publish",
        sa.column("status").in_(["pending", "published", "failed", "replaced"]),
    )
    for name, kind in (("title", sa.String()), ("excerpt", sa.String()), ("picture", sa.JSON(none_as_null=True))):
        op.add_column("gai_publish", sa.Column(name, kind, nullable=True))
    # An address belonged to one row then: the latest one keeps it.
    op.execute(
        """DELETE FROM gai_publish AS older USING gai_publish AS newer
           WHERE newer.content_id = older.content_id AND newer.id > older.id"""
    )
    op.execute(
        """UPDATE gai_publish AS p SET title = g.title, excerpt = g.excerpt, picture = g.picture
           FROM gai_page AS g WHERE g.id = p.page_id"""
    )
    op.drop_constraint(op.f("fk_gai_publish_page_id"), "gai_publish", type_="foreignkey")
    op.drop_index(op.f("ix_gai_publish_page_id"), table_name="gai_publish")
    op.drop_index("ix_gai_publish_latest", table_name="gai_publish")
    op.create_index("uq_gai_publish_filename", "gai_publish", ["dir_id", "filename"], unique=True)
    op.create_index(
        "ix_gai_publish_listed",
        "gai_publish",
        ["dir_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'published'"),
    )
    op.create_index(op.f("ix_gai_publish_content_id"), "gai_publish", ["content_id"], unique=False)
    for name in ("due_at", "digest", "renderer", "address", "page_id"):
        op.drop_column("gai_publish", name)
    for name in (
        "rebuilt_parts",
        "rebuilt_as",
        "discloses_ai",
        "time_zone",
        "page_size",
        "theme",
        "author",
        "base_url",
        "about",
    ):
        op.drop_column("gai_directory", name)
    op.drop_constraint(op.f("fk_gai_content_approved_by"), "gai_content", type_="foreignkey")
    op.drop_column("gai_content", "approved_at")
    op.drop_column("gai_content", "approved_by")
    for table in ("gai_page_place", "gai_page", "gai_content_picture", "gai_page_list"):
        op.drop_table(table)
