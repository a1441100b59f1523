"""Checks of where media and sites are kept."""

import asyncio
import secrets
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from app.core.settings import Settings
from app.core.storage import StorageUnusable, open_store
from app.diagnostics.findings import Finding, ok, run_checks, trouble


async def check_stores(settings: Settings) -> list[Finding]:
    """Those in the data folder only when it is there: opening one would make it."""
    is_started = _is_folder(settings.data_dir)
    checks = {}
    if is_started or settings.media_url:
        checks["media"] = _check_media
    if is_started or settings.sites_url:
        checks["sites"] = _check_sites_root
    return await run_checks(checks, settings)


async def check_store(check: str, location: str) -> Finding:
    """Write a small object and delete it again."""
    name = f".doctor-{secrets.token_hex(8)}"
    try:
        store = await asyncio.to_thread(open_store, location)
        await obstore.put_async(store, name, b"")
        await obstore.delete_async(store, name)
    except (StorageUnusable, BaseError, OSError) as refused:
        reason = str(refused).partition("\n")[0]
        return trouble(
            check,
            f"{location} cannot be written: {reason}",
            "Give the service's user the right to write there, or name another place; the credentials of a remote "
            "store come from its usual environment variables.",
        )
    return ok(check, f"{location} can be written.")


async def _check_media(settings: Settings) -> Finding:
    return await check_store("media", settings.media_location)


async def _check_sites_root(settings: Settings) -> Finding:
    return await check_store("sites", settings.sites_location)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder above that cannot be read
        return False
