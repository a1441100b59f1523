"""All checks in order, for `pygai doctor`, and those of readiness, for `/readyz`."""

import structlog

from app.core.postgres.database import Database, is_unavailable
from app.core.postgres.embedded.postgres import EmbeddedPostgresError
from app.core.postgres.lifecycle import open_database
from app.core.settings import Settings
from app.diagnostics import address_checks, database_checks, extension_checks, installation_checks, readiness
from app.diagnostics.findings import Check, Finding, run_checks, trouble
from app.diagnostics.server_log import check_server_log
from app.diagnostics.site_checks import check_sites
from app.diagnostics.storage_checks import check_stores
from app.host import ExtensionHost
from schemas.health import Ready

log = structlog.get_logger(__name__)

INSTALLATION_CHECKS: dict[str, Check[Settings]] = {
    "settings": installation_checks.check_variables,
    "data folder": installation_checks.check_data_folder,
    "secret": installation_checks.check_secret,
    "public address": address_checks.check_public_address,
    "port": address_checks.check_port,
    "extensions": extension_checks.check_extensions,
    "extension path": extension_checks.check_extension_path,
    "database log": check_server_log,
}
SERVER_CHECKS: dict[str, Check[Database]] = {
    "database": readiness.check_database,
    "migrations": readiness.check_migrations,
    "clocks": database_checks.check_clocks,
}
# These make sense only once the tables are there.
TABLE_CHECKS: dict[str, Check[Database]] = {
    "administrator": database_checks.check_administrator,
    "queue": readiness.check_queue,
    "failed jobs": database_checks.check_failed_jobs,
    "publications": database_checks.check_publications,
    "files": database_checks.check_files,
    "intervals": database_checks.check_intervals,
}


async def examine(settings: Settings) -> list[Finding]:
    """Run every check that makes sense, with or without a database; nothing is changed."""
    return [
        *await run_checks(INSTALLATION_CHECKS, settings),
        *await check_stores(settings),
        *await _examine_database(settings),
    ]


async def _examine_database(settings: Settings) -> list[Finding]:
    try:
        # Opening the embedded server would make one, and a check must change nothing.
        if settings.database_url is None and not (settings.data_dir / "postgres").exists():
            return [_never_started(settings)]
        async with open_database(settings) as database:
            return await _examine_contents(settings, database)
    except EmbeddedPostgresError as broken:
        return [trouble("database", str(broken), "The end of `postgres.log` in the data folder says more.")]
    except Exception as raised:  # noqa: BLE001 -- a wrong address or password fails in many ways
        return [_unreachable(settings, raised)]


def _never_started(settings: Settings) -> Finding:
    message = f"Nothing was ever started in {settings.data_dir.resolve()}."
    return trouble("database", message, "Run `pygai serve`, or set PYGAI_DATABASE_URL to your own PostgreSQL.")


def _unreachable(settings: Settings, raised: Exception) -> Finding:
    fix = "Is it running, and is PYGAI_DATABASE_URL right: host, port, user, password, database name?"
    if settings.database_url is None:
        fix = "Stop every `pygai` process of this data folder and start again; `postgres.log` in it says more."
    return trouble("database", f"The database cannot be reached: {raised}", fix)


async def _examine_contents(settings: Settings, database: Database) -> list[Finding]:
    async with database.driver():  # whether it can be reached at all, before any single check
        pass
    findings = await run_checks(SERVER_CHECKS, database)
    if any(finding.is_trouble and finding.check == "migrations" for finding in findings):
        return findings
    return [
        *findings,
        *await run_checks(TABLE_CHECKS, database),
        *await check_sites(settings, database),
    ]


async def check_readiness(database: Database, extensions: ExtensionHost) -> Ready:
    """Whether requests can be served. After the first problem the parts that build on it are unknown."""
    parts = dict.fromkeys(readiness.CHECKS, "unknown")
    for name, check in readiness.CHECKS.items():
        parts[name] = await _readiness_of(name, check, database)
        if parts[name] != "ok":
            break
    return Ready.model_validate({**parts, "extensions": [str(problem) for problem in extensions.problems]})


async def _readiness_of(name: str, check: Check[Database], database: Database) -> str:
    try:
        finding = await check(database)
    except Exception as raised:
        if is_unavailable(raised):
            return "away"
        # Everybody may ask: what it says goes to the log alone.
        log.exception("readiness check failed", check=name)
        return f"the check failed ({type(raised).__name__})"
    return finding.message.removesuffix(".") if finding.is_trouble else "ok"
