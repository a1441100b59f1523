"""Checks of the enabled extensions and of the extension path."""

import asyncio
import stat

from app.core.settings import Settings
from app.diagnostics.findings import Finding, note, ok, trouble
from app.host import ExtensionHost


async def check_extensions(settings: Settings) -> Finding:
    lenient = settings.model_copy(update={"strict_extensions": False})
    host = await asyncio.to_thread(ExtensionHost.load, lenient)
    if host.problems:
        reasons = "; ".join(
            f"{problem.extension} ({problem.source}): {problem.reason}" for problem in host.problems
        )
        return trouble(
            "extensions",
            f"Not in use: {reasons}",
            "Fix or install it, or take its name out of PYGAI_EXTENSIONS; `pygai extension list` shows all.",
        )
    in_use = [line["name"] for line in host.describe() if line["enabled"]]
    return ok("extensions", f"In use: {', '.join(in_use)}." if in_use else "None is in use.")


async def check_extension_path(settings: Settings) -> Finding:
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
        return note(
            "extension path", f"{path} is there but not in use.", "Add `pygaiext` to PYGAI_EXTENSIONS to use it."
        )
    return ok("extension path", f"{path} is in use.")
