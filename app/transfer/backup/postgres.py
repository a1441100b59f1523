"""PostgreSQL's own programs, on the database of a connection address."""

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import unquote

from app.core import errors
from app.core.postgres.embedded.postgres import binaries_dir

# Said before everything else in one transaction: what is there goes, so that what comes cannot meet it.
EMPTIED = (
    "SET lock_timeout = '10s'",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)

_PASSWORD = re.compile(r"^(?P<head>[a-z+]+://[^/@:]*):(?P<password>[^/@]*)@")


async def dump(dsn: str, target: Path) -> None:
    """The whole database in PostgreSQL's custom format, as it stands at one instant. Raises Conflict."""
    await _run(dsn, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


async def restore(dsn: str, dump_file: Path, script: Path) -> None:
    """Put a dump in the place of all tables, in one transaction. Raises Conflict; nothing is changed then.

    `script` is a file to be made on the way.
    """
    await _run(None, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump_file))
    first = [part for statement in EMPTIED for part in ("--command", statement)]
    await _run(
        dsn,
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--output=/dev/null",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        *first,
        f"--file={script}",
    )


async def _run(dsn: str | None, program: str, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    address = []
    if dsn is not None:
        plain, password = without_password(dsn)
        # Arguments can be read by everybody on the machine, an environment cannot.
        environment |= {"PGPASSWORD": password} if password is not None else {}
        address = [f"--dbname={plain}"]
    process = await asyncio.create_subprocess_exec(
        str(binaries_dir() / program),
        *address,
        *arguments,
        env=environment | {"LC_ALL": "C"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise errors.Conflict({"database": f"{program} failed: {_brief(said.decode(errors='replace'))}"})


def without_password(dsn: str) -> tuple[str, str | None]:
    """A connection address and its password, apart."""
    found = _PASSWORD.match(dsn)
    if found is None:
        return dsn, None
    return f"{found['head']}@{dsn[found.end() :]}", unquote(found["password"])


def _brief(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower()] or lines
    return " / ".join(wrong[:3]) or "it said nothing"
