"""How far the files of pages and their lists are written"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Of lists that are there nobody knows it: they are written from their beginning, a few pages at a time.
    op.add_column("gai_page_list", sa.Column("written", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "gai_page", sa.Column("is_written", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    # A publication that died may have left files of these.
    op.execute("UPDATE gai_page SET is_written = false WHERE status = 'pending'")
    op.create_index(
        "ix_gai_page_unwritten",
        "gai_page",
        ["dir_id", "id"],
        unique=False,
        postgresql_where=sa.text("NOT is_written"),
    )


def downgrade() -> None:
    op.drop_index("ix_gai_page_unwritten", table_name="gai_page")
    op.drop_column("gai_page", "is_written")
    op.drop_column("gai_page_list", "written")
