"""Whether the database, its schema and its queue are as requests need them."""

from app.core.postgres import migrations
from app.core.postgres.database import Database, is_unavailable

# A queue whose oldest due job waits longer than this is not being worked on.
STUCK_SECONDS = 300


async def report(database: Database) -> dict[str, str]:
    try:
        at = await migrations.current_revision(database)
        newest = migrations.newest_revision()
        if at != newest:
            return {"database": "ok", "migrations": f"at {at}, not {newest}", "queue": "ok"}
        return {"database": "ok", "migrations": "ok", "queue": await _queue_report(database)}
    except Exception as raised:
        if not is_unavailable(raised):
            raise
        return {"database": "away", "migrations": "unknown", "queue": "unknown"}


async def _queue_report(database: Database) -> str:
    async with database.driver() as connection:
        waiting = await connection.fetchval(
            "SELECT extract(epoch FROM now() - min(execute_after)) FROM pgqueuer WHERE status = 'queued'"
        )
    return (
        "ok" if waiting is None or waiting < STUCK_SECONDS else f"the oldest due job waits since {waiting:.0f} s"
    )
