"""Looks of `pygai doctor` at what is around the database: settings, folders, secret, addresses, extensions."""

import asyncio
import difflib
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import obstore
from obstore.exceptions import BaseError

from app.core.security import SecretMissing, signing_secret
from app.core.settings import LOOPBACK, Settings
from app.core.storage import StorageUnusable, open_store
from app.diagnostics.findings import Finding, ok, trouble, worth_knowing
from app.host import ExtensionHost

GIBIBYTE = 1024**3
LEAST_FREE_BYTES = GIBIBYTE
LOG_LINES = 5000
LOG_HOURS = 24
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 -- recognised here, listened on elsewhere
GRAVE = re.compile(
    r"PANIC:|No space left|invalid page|checksum|corrupt|could not (write|fsync|extend|read|open) "
    r"|out of memory|too many clients"
)
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
# Variables of ours that are no settings.
OTHER_VARIABLES = {"PYGAI_NEW_PASSWORD"}


async def variables(_settings: Settings) -> Finding:
    known = {f"PYGAI_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    for name in sorted(os.environ):
        if not name.startswith("PYGAI_") or name in known:
            continue
        if meant := difflib.get_close_matches(name, known, n=1, cutoff=0.85):
            return trouble("settings", f"{name} is set and means nothing.", f"Did you mean {meant[0]}?")
    return ok("settings", "The settings are valid.")


async def data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    if not folder.is_dir():
        return trouble(
            "data folder",
            f"There is no folder {folder}.",
            "Start with `pygai serve`, which makes it, or set PYGAI_DATA_DIR to where it is.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as refused:
        return trouble(
            "data folder",
            f"{folder} cannot be written: {refused.strerror}.",
            "Give the user that runs the service the right to write there (`chown`, `chmod`), or free the disk.",
        )
    return _free_space(folder)


def _free_space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{folder} can be written; {free / GIBIBYTE:.1f} GiB are free."
    if free < LEAST_FREE_BYTES:
        return trouble("data folder", words, "Free some space: a full disk stops the database.")
    return ok("data folder", words)


async def secret(settings: Settings) -> Finding:
    try:
        signing_secret(settings, may_make=False)
    except SecretMissing as missing:
        return trouble("secret", str(missing), "Without it nobody can sign in, and the service does not start.")
    except (OSError, UnicodeDecodeError) as unreadable:
        return trouble(
            "secret", f"It cannot be read: {unreadable}.", "Give the service's user the right to read it."
        )
    if settings.secret:
        return ok("secret", "The signing secret is set by PYGAI_SECRET.")
    path = settings.secret_file or settings.data_dir / "secret.key"
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077 and settings.secret_file is None:
        return trouble("secret", f"{path} has mode {mode:o}: others can read it.", f"Run `chmod 600 {path}`.")
    if mode & stat.S_IROTH:
        return trouble("secret", f"{path} has mode {mode:o}: everybody can read it.", f"Run `chmod o= {path}`.")
    return ok("secret", f"The signing secret is in {path}, closed to others.")


async def store(check: str, location: str) -> Finding:
    """Write a small object and delete it again."""
    name = f".doctor-{secrets.token_hex(8)}"
    try:
        opened = await asyncio.to_thread(open_store, location)
        await obstore.put_async(opened, name, b"")
        await obstore.delete_async(opened, name)
    except (StorageUnusable, BaseError, OSError) as refused:
        reason = str(refused).partition("\n")[0]
        return trouble(
            check,
            f"{location} cannot be written: {reason}",
            "Give the service's user the right to write there, or name another place; the credentials of a remote "
            "store come from its usual environment variables.",
        )
    return ok(check, f"{location} can be written.")


async def public_address(settings: Settings) -> Finding:
    is_public = settings.host not in LOOPBACK
    shown = urlsplit(settings.base_url).hostname or ""
    mend = "Set PYGAI_PUBLIC_URL to the address that clients and readers use, such as https://pygai.example.com."
    if is_public and shown in LOOPBACK:
        words = f"It listens on {settings.host}, but the addresses it hands out begin with {settings.base_url}."
        return trouble("public address", words, mend)
    if shown in EVERYWHERE:
        words = f"The addresses it hands out begin with {settings.base_url}, where nobody can go."
        return trouble("public address", words, mend)
    return ok("public address", f"Addresses that are handed out begin with {settings.base_url}.")


async def port(settings: Settings) -> Finding:
    address = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    where = f"{address}:{settings.port}"
    try:
        _reader, writer = await asyncio.wait_for(asyncio.open_connection(address, settings.port), timeout=3)
    except (OSError, TimeoutError):
        return ok("port", f"{where} is free; the service does not run here.")
    writer.close()
    if await _is_ours(address, settings.port):
        return ok("port", f"The service answers on {where}.")
    return trouble(
        "port",
        f"Something else listens on {where}.",
        "Stop it, or choose another port with PYGAI_PORT or `pygai serve --port`.",
    )


async def _is_ours(address: str, number: int) -> bool:
    host = f"[{address}]" if ":" in address else address
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        try:
            body = (await client.get(f"http://{host}:{number}/healthz")).json()
        except (httpx.HTTPError, ValueError):
            return False
    return bool(body == {"status": "success", "data": {"alive": True}})


async def extensions(settings: Settings) -> Finding:
    lenient = settings.model_copy(update={"strict_extensions": False})
    host = await asyncio.to_thread(ExtensionHost.load, lenient)
    if host.problems:
        told = "; ".join(f"{problem.extension} ({problem.source}): {problem.reason}" for problem in host.problems)
        return trouble(
            "extensions",
            f"Not in use: {told}",
            "Mend or install it, or take its name out of PYGAI_EXTENSIONS; `pygai extension list` shows all.",
        )
    in_use = [line["name"] for line in host.describe() if line["enabled"]]
    return ok("extensions", f"In use: {', '.join(in_use)}." if in_use else "None is in use.")


async def extension_path(settings: Settings) -> Finding:
    path = settings.ext_path.expanduser()
    if not path.exists():
        if "ext_path" in settings.model_fields_set:
            return trouble(
                "extension path", f"PYGAI_EXT_PATH names {path}, which is not there.", "Make it or take it out."
            )
        return ok("extension path", "There is none.")
    if not path.is_dir():
        return trouble("extension path", f"{path} is not a folder.", "PYGAI_EXT_PATH must name a folder.")
    if path.stat().st_mode & stat.S_IWOTH:
        return trouble(
            "extension path",
            f"Everybody on this machine can write to {path}, and what is in it runs as the service.",
            f"Run `chmod o-w {path}`.",
        )
    if "pygaiext" not in settings.extensions:
        return worth_knowing(
            "extension path", f"{path} is there but not in use.", "Add `pygaiext` to PYGAI_EXTENSIONS to use it."
        )
    return ok("extension path", f"{path} is in use.")


async def server_log(settings: Settings) -> Finding:
    path = settings.data_dir / "postgres.log"
    if settings.database_url is not None or not path.exists():
        return ok("database log", "There is none of ours to read.")
    grave = await asyncio.to_thread(_grave_lines, path)
    if grave:
        return trouble(
            "database log",
            f"In the last {LOG_HOURS} hours {path} has {len(grave)} grave lines, the last: {grave[-1]}",
            "Look into it; make a backup with `pygai backup` and check the disk.",
        )
    return ok("database log", f"{path} has nothing grave of the last {LOG_HOURS} hours.")


def _grave_lines(path: Path) -> list[str]:
    since = f"{datetime.now(UTC) - timedelta(hours=LOG_HOURS):%Y-%m-%d %H:%M:%S}"
    with path.open(errors="replace") as log:
        lines = deque(log, maxlen=LOG_LINES)
    return [line.strip() for line in lines if GRAVE.search(line) and STAMP.match(line) and line[:19] >= since]
