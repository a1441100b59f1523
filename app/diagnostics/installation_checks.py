"""Checks of the settings, the data folder and the signing secret."""

import difflib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from pydantic import ValidationError

from app.core.security import SecretMissing, signing_secret
from app.core.settings import Settings, reasons_of
from app.diagnostics.findings import Finding, ok, trouble

GIBIBYTE = 1024**3
LEAST_FREE_BYTES = GIBIBYTE
# Variables of ours that are no settings.
OTHER_VARIABLES = {"PYGAI_NEW_PASSWORD"}


def invalid_settings(raised: Exception) -> list[Finding]:
    """What is wrong with settings that could not be read."""
    reasons = reasons_of(raised) if isinstance(raised, ValidationError) else [f"They cannot be read: {raised}"]
    return [trouble("settings", reason, "Change it, here or in `.env`.") for reason in reasons]


async def check_variables(_settings: Settings) -> Finding:
    known = {f"PYGAI_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    for name in sorted(os.environ):
        if not name.startswith("PYGAI_") or name in known:
            continue
        if meant := difflib.get_close_matches(name, known, n=1, cutoff=0.85):
            return trouble("settings", f"{name} is set and means nothing.", f"Did you mean {meant[0]}?")
    return ok("settings", "The settings are valid.")


async def check_data_folder(settings: Settings) -> Finding:
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
    return _check_free_space(folder)


def _check_free_space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    message = f"{folder} can be written; {free / GIBIBYTE:.1f} GiB are free."
    if free < LEAST_FREE_BYTES:
        return trouble("data folder", message, "Free some space: a full disk stops the database.")
    return ok("data folder", message)


async def check_secret(settings: Settings) -> Finding:
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
    return _check_secret_file(settings)


def _check_secret_file(settings: Settings) -> Finding:
    path = settings.secret_file or settings.data_dir / "secret.key"
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077 and settings.secret_file is None:
        return trouble("secret", f"{path} has mode {mode:o}: others can read it.", f"Run `chmod 600 {path}`.")
    if mode & stat.S_IROTH:
        return trouble("secret", f"{path} has mode {mode:o}: everybody can read it.", f"Run `chmod o= {path}`.")
    return ok("secret", f"The signing secret is in {path}, closed to others.")
