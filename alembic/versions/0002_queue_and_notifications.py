"""The durable queue's tables, and triggers that tell listening services of changes

The queue's tables are PgQueuer's own; a later PgQueuer that changes them gets a migration of its own.
"""

from collections.abc import Sequence

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Only when a prompt can be handed out right now: a NOTIFY serialises commits, so the hot paths must not cause one.
PROMPT_AVAILABLE = """
CREATE FUNCTION pygai_tell_prompt_available() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY pygai_prompt_available;
    RETURN NULL;
END $$;

CREATE TRIGGER gai_prompt_added AFTER INSERT ON gai_prompt FOR EACH ROW
WHEN (NEW.is_enabled AND NEW.count > 0 AND NEW.leased_until IS NULL AND NEW.available_at <= now())
EXECUTE FUNCTION pygai_tell_prompt_available();

CREATE TRIGGER gai_prompt_freed AFTER UPDATE ON gai_prompt FOR EACH ROW
WHEN (NEW.is_enabled AND NEW.count > 0 AND NEW.leased_until IS NULL AND NEW.available_at <= now())
EXECUTE FUNCTION pygai_tell_prompt_available();
"""

ACCESS_CHANGED = """
CREATE FUNCTION pygai_tell_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY pygai_access_changed;
    RETURN NULL;
END $$;

CREATE TRIGGER access_token_changed AFTER UPDATE OR DELETE ON access_token FOR EACH STATEMENT
EXECUTE FUNCTION pygai_tell_access_changed();

CREATE TRIGGER user_account_changed AFTER UPDATE OR DELETE ON user_account FOR EACH STATEMENT
EXECUTE FUNCTION pygai_tell_access_changed();
"""

FORGET = """
DROP TRIGGER user_account_changed ON user_account;
DROP TRIGGER access_token_changed ON access_token;
DROP FUNCTION pygai_tell_access_changed();
DROP TRIGGER gai_prompt_freed ON gai_prompt;
DROP TRIGGER gai_prompt_added ON gai_prompt;
DROP FUNCTION pygai_tell_prompt_available();
"""


def upgrade() -> None:
    run_script(QueryBuilderEnvironment().build_install_query(create_schema=False))
    run_script(PROMPT_AVAILABLE)
    run_script(ACCESS_CHANGED)


def downgrade() -> None:
    run_script(FORGET)
    run_script(QueryBuilderEnvironment().build_uninstall_query())


def run_script(sql: str) -> None:
    """Several statements at once: the driver's simple protocol takes them, a prepared statement does not."""
    adapted = op.get_bind().connection.dbapi_connection
    adapted.run_async(lambda driver: driver.execute(sql))
