"""An index by which a worker finds whose jobs wait, however many one client has"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(
        """CREATE INDEX pgqueuer_owner_idx ON pgqueuer
           (entrypoint, coalesce(headers->>'owner', ''), priority DESC, id) WHERE status = 'queued'"""
    )


def downgrade() -> None:
    op.execute("DROP INDEX pgqueuer_owner_idx")
