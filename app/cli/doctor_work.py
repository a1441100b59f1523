"""The round that `pygai doctor` makes."""

import asyncio
from collections.abc import Sequence
from functools import partial

from pydantic import ValidationError
from rich.markup import escape

from app.cli.output import console, setting_of
from app.cli.running import read_settings
from app.core import errors
from app.core.postgres import named_rows
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgresError
from app.core.postgres.lifecycle import open_database
from app.core.settings import Settings
from app.diagnostics import database_checks, installation_checks
from app.diagnostics.findings import Finding, State, guarded, trouble
from app.models import Directory
from app.sites.location import location_of

MARKS = {State.OK: "[green]✓[/]", State.NOTE: "[yellow]![/]", State.TROUBLE: "[red]✗[/]"}

PLACE_LOOKS = (
    ("settings", installation_checks.variables),
    ("data folder", installation_checks.data_folder),
    ("secret", installation_checks.secret),
    ("public address", installation_checks.public_address),
    ("port", installation_checks.port),
    ("extensions", installation_checks.extensions),
    ("extension path", installation_checks.extension_path),
    ("database log", installation_checks.server_log),
)


def look_everywhere() -> list[Finding]:
    try:
        settings = read_settings()
    except ValidationError as invalid:
        return [
            trouble(
                "settings",
                f"{setting_of(problem)}: {str(problem['msg']).removeprefix('Value error, ')}",
                "Change it, here or in `.env`.",
            )
            for problem in invalid.errors()
        ]
    return asyncio.run(_look(settings))


async def _look(settings: Settings) -> list[Finding]:
    findings = [await guarded(check, partial(look, settings)) for check, look in PLACE_LOOKS]
    if settings.data_dir.is_dir() or settings.media_url:
        findings.append(await installation_checks.store("media", settings.media_location))
    if settings.data_dir.is_dir() or settings.sites_url:
        findings.append(await installation_checks.store("sites", settings.sites_location))
    return [*findings, *await _look_at_database(settings)]


async def _look_at_database(settings: Settings) -> list[Finding]:
    # Opening the embedded server would make one, and looking must change nothing.
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        words = f"Nothing was ever started in {settings.data_dir.resolve()}."
        return [trouble("database", words, "Run `pygai serve`, or set PYGAI_DATABASE_URL to your own PostgreSQL.")]
    try:
        async with open_database(settings) as database:
            return await _look_inside(settings, database)
    except EmbeddedPostgresError as broken:
        return [trouble("database", str(broken), "The end of `postgres.log` in the data folder says more.")]
    except Exception as raised:  # noqa: BLE001 -- a wrong address or password fails in many ways
        return [_unreachable(settings, raised)]


def _unreachable(settings: Settings, raised: Exception) -> Finding:
    mend = "Is it running, and is PYGAI_DATABASE_URL right: host, port, user, password, database name?"
    if settings.database_url is None:
        mend = "Stop every `pygai` process of this data folder and start again; `postgres.log` in it says more."
    return trouble("database", f"The database cannot be reached: {raised}", mend)


async def _look_inside(settings: Settings, database: Database) -> list[Finding]:
    async with database.driver():  # whether it can be reached at all, outside every single look
        pass
    findings = [await guarded(check, partial(look, database)) for check, look in database_checks.FIRST]
    if any(finding.is_trouble and finding.check == "migrations" for finding in findings):
        return findings
    findings += [await guarded(check, partial(look, database)) for check, look in database_checks.THEN]
    return [*findings, *await _look_at_sites(settings, database)]


async def _look_at_sites(settings: Settings, database: Database) -> list[Finding]:
    """Those sites that are kept elsewhere than below the sites root, or may not be where they are."""
    async with database.session() as session:
        directories = await named_rows.list_all(session, Directory)
    return [finding for row in directories if (finding := await _site(settings, row))]


async def _site(settings: Settings, directory: Directory) -> Finding | None:
    check = f"site {directory.name}"
    try:
        location = location_of(settings, directory)
    except errors.Invalid as refused:
        mend = f"Allow the place, or give it another: `pygai directory edit {directory.id} --path …`."
        return trouble(check, refused.reasons["path"], mend)
    is_elsewhere = "://" in directory.path or directory.path.startswith("/")
    return await installation_checks.store(check, location) if is_elsewhere else None


def tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        line = f"{MARKS[finding.state]} [bold]{escape(finding.check)}[/]  {escape(finding.words)}"
        console.print(line, highlight=False, soft_wrap=True)
        if finding.mend:
            console.print(f"    → {escape(finding.mend)}", highlight=False, soft_wrap=True)
    troubles = sum(finding.is_trouble for finding in findings)
    summary = f"{troubles} to mend." if troubles else "Nothing is wrong."
    console.print(f"\n{summary}", highlight=False)
