"""Checks of what every request needs; `/readyz` and `pygai doctor` run the same ones."""

from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.diagnostics import queries
from app.diagnostics.findings import Check, Finding, ok, trouble

OLDEST_VERSION = 15
# No worker is running when the oldest due job waits longer than this.
STUCK_SECONDS = 300


async def check_database(database: Database) -> Finding:
    async with database.driver() as connection:
        number = await queries.server_version(connection)
    message = f"PostgreSQL {number // 10000}.{number % 10000} answers."
    if number // 10000 < OLDEST_VERSION:
        return trouble("database", message, f"Version {OLDEST_VERSION} or newer is needed: upgrade the server.")
    return ok("database", message)


async def check_migrations(database: Database) -> Finding:
    current, newest = await migrations.current_revision(database), migrations.newest_revision()
    if current == newest:
        return ok("migrations", f"The tables are those of revision {newest}.")
    return trouble(
        "migrations",
        "The database is empty."
        if current is None
        else f"The tables are those of revision {current}, not {newest}.",
        "Start the service, which migrates, or this release is older than the data.",
    )


async def check_queue(database: Database) -> Finding:
    async with database.driver() as connection:
        waits = await queries.seconds_of_oldest_due_job(connection)
    if waits is None or waits <= STUCK_SECONDS:
        return ok("queue", "No job waits too long.")
    return trouble(
        "queue",
        f"The oldest due job has waited for {waits / 60:.0f} minutes: nobody works on the queue.",
        "Start `pygai serve` with PYGAI_RUN_JOBS on, or `pygai jobs run`.",
    )


# Each needs those before it.
CHECKS: dict[str, Check[Database]] = {
    "database": check_database,
    "migrations": check_migrations,
    "queue": check_queue,
}
