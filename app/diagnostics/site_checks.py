"""Checks of the sites that are kept elsewhere than below the sites root, or may not be where they are."""

from collections.abc import Sequence
from functools import partial

from app.core import errors
from app.core.postgres import named_rows
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.diagnostics.findings import Finding, check_failed, run_check, trouble
from app.diagnostics.storage_checks import check_store
from app.models import Directory
from app.sites.location import location_of


async def check_sites(settings: Settings, database: Database) -> list[Finding]:
    try:
        sites = await _list_sites(database)
    except Exception as raised:  # noqa: BLE001 -- whatever is broken, the other findings must be told
        return [check_failed("sites", raised)]
    return [finding for site in sites if (finding := await _check_site(settings, site))]


async def _list_sites(database: Database) -> Sequence[Directory]:
    async with database.session() as session:
        return await named_rows.list_all(session, Directory)


async def _check_site(settings: Settings, site: Directory) -> Finding | None:
    check = f"site {site.name}"
    try:
        location = location_of(settings, site)
    except errors.Invalid as refused:
        fix = f"Allow the place, or give it another: `pygai directory edit {site.id} --path …`."
        return trouble(check, refused.reasons["path"], fix)
    is_elsewhere = "://" in site.path or site.path.startswith("/")
    return await run_check(check, partial(check_store, check), location) if is_elsewhere else None
