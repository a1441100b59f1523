"""The check of the embedded server's log."""

import asyncio
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.settings import Settings
from app.diagnostics.findings import Finding, ok, trouble

LOG_LINES = 5000
LOG_HOURS = 24
SERIOUS = re.compile(
    r"PANIC:|No space left|invalid page|checksum|corrupt|could not (write|fsync|extend|read|open) "
    r"|out of memory|too many clients"
)
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


async def check_server_log(settings: Settings) -> Finding:
    path = settings.data_dir / "postgres.log"
    if settings.database_url is not None or not path.exists():
        return ok("database log", "There is none of ours to read.")
    serious = await asyncio.to_thread(_serious_lines, path)
    if serious:
        return trouble(
            "database log",
            f"In the last {LOG_HOURS} hours {path} has {len(serious)} serious errors, the last: {serious[-1]}",
            "Look into it; make a backup with `pygai backup` and check the disk.",
        )
    return ok("database log", f"{path} has no serious errors of the last {LOG_HOURS} hours.")


def _serious_lines(path: Path) -> list[str]:
    since = f"{datetime.now(UTC) - timedelta(hours=LOG_HOURS):%Y-%m-%d %H:%M:%S}"
    with path.open(errors="replace") as log:
        lines = deque(log, maxlen=LOG_LINES)
    return [
        line.strip() for line in lines if SERIOUS.search(line) and TIMESTAMP.match(line) and line[:19] >= since
    ]
