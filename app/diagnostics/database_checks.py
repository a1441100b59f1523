"""Checks of what is in the database, and of its clock."""

from datetime import UTC, datetime

from app.access import queries as access_queries
from app.catalog.cron import next_due
from app.core import errors
from app.core.postgres.database import Database
from app.diagnostics import queries
from app.diagnostics.findings import Finding, ok, trouble

MOST_CLOCK_SECONDS = 5.0


async def check_clocks(database: Database) -> Finding:
    async with database.driver() as connection:
        await queries.database_clock(connection)  # so that the next answer comes without preparation
        asked_at = datetime.now(UTC)
        theirs = await queries.database_clock(connection)
        answered_at = datetime.now(UTC)
    difference = abs((theirs - (asked_at + (answered_at - asked_at) / 2)).total_seconds())
    if difference > MOST_CLOCK_SECONDS:
        return trouble(
            "clocks",
            f"The clocks of the database and of this machine are {difference:.0f} seconds apart.",
            "Set both by NTP: tokens and Cron instants go wrong otherwise.",
        )
    return ok("clocks", "The clocks of the database and of this machine agree.")


async def check_administrator(database: Database) -> Finding:
    async with database.session() as session:
        count = await access_queries.count_administrators(session)
    if count == 0:
        return trouble(
            "administrator",
            "There is no active administrator.",
            "Run `pygai user add EMAIL --role admin`, or `pygai user edit EMAIL --role admin --activate`.",
        )
    return ok("administrator", f"Active administrators: {count}.")


async def check_failed_jobs(database: Database) -> Finding:
    async with database.driver() as connection:
        count = await queries.count_failed_jobs(connection)
    if count:
        return trouble(
            "failed jobs",
            f"Jobs that failed and are held: {count}.",
            "See why with `pygai jobs list --status failed`, fix the cause, then run `pygai jobs retry --all`.",
        )
    return ok("failed jobs", "There are none.")


async def check_publications(database: Database) -> Finding:
    async with database.driver() as connection:
        count, reason = await queries.failed_publications(connection)
    if count:
        return trouble(
            "publications",
            f"Contents whose page could not be made: {count}. The last: {reason}",
            "Fix the cause, then run `pygai publish --all`.",
        )
    return ok("publications", "Every page that was asked for was made, or is about to be.")


async def check_files(database: Database) -> Finding:
    async with database.driver() as connection:
        count, reason = await queries.given_up_files(connection)
    if count:
        return trouble(
            "files",
            f"Submitted files that were given up: {count}. The last: {reason}",
            "If they came from a private address of yours, add its origin to PYGAI_FETCH_ALLOWED_ORIGINS; the "
            "contents are safe and can be submitted again.",
        )
    return ok("files", "No submitted file was given up.")


async def check_intervals(database: Database) -> Finding:
    async with database.driver() as connection:
        rows = await queries.list_intervals(connection)
    wrong: list[str] = []
    for row in rows:
        try:
            next_due(row["expression"], row["time_zone"], after=datetime.now(UTC))
        except errors.Invalid as invalid:
            wrong.append(f"{row['name']} ({'; '.join(invalid.reasons.values())})")
    if wrong:
        return trouble(
            "intervals",
            f"Never come due: {', '.join(wrong)}.",
            'Give each another expression: `pygai interval edit NAME --expression "0 8 * * *"`.',
        )
    return ok("intervals", "Every interval comes due.")
