"""PostgreSQL's own programs, on the database of a connection address."""

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from app.core import errors
from app.core.postgres.embedded.postgres import binaries_dir

MOST_BYTES_SAID = 64 * 1024

_PASSWORD = re.compile(r"^(?P<head>[a-z+]+://[^/@:]*):(?P<password>[^/@]*)@")


async def dump(dsn: str, target: Path) -> None:
    """The whole database in PostgreSQL's custom format, as it stands at one instant. Raises Conflict."""
    await _run(dsn, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


@asynccontextmanager
async def data_script(dump_file: Path) -> AsyncIterator[asyncio.StreamReader]:
    """What pg_restore makes of the rows in a dump, to be read to its end. Raises Invalid for a damaged dump.

    The format is named because it would read others, too, and those by programs of their own.
    """
    options = ("--format=custom", "--data-only", "--schema=public", "--no-owner", "--no-privileges", "--file=-")
    with tempfile.TemporaryFile() as said:
        process = await _start("pg_restore", *options, str(dump_file), stdout=asyncio.subprocess.PIPE, stderr=said)
        async with _killed_on_error(process):
            assert process.stdout is not None
            yield process.stdout
            returned = await process.wait()
        if returned != 0:
            said.seek(0)
            raise errors.Invalid({"file": f"its database cannot be read: {_brief(said.read(MOST_BYTES_SAID))}"})


async def _run(dsn: str, program: str, *arguments: str) -> None:
    plain, password = without_password(dsn)
    process = await _start(
        program, f"--dbname={plain}", *arguments, password=password, stdout=asyncio.subprocess.DEVNULL
    )
    async with _killed_on_error(process):
        _, said = await process.communicate()
    if process.returncode != 0:
        raise errors.Conflict({"database": f"{program} failed: {_brief(said)}"})


async def _start(
    program: str,
    *arguments: str,
    stdout: int,
    stderr: int | IO[bytes] = asyncio.subprocess.PIPE,
    password: str | None = None,
) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    # Arguments can be read by everybody on the machine, an environment cannot.
    environment |= {"LC_ALL": "C"} | ({} if password is None else {"PGPASSWORD": password})
    return await asyncio.create_subprocess_exec(
        str(binaries_dir() / program),
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )


@asynccontextmanager
async def _killed_on_error(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise


def without_password(dsn: str) -> tuple[str, str | None]:
    """A connection address and its password, apart."""
    found = _PASSWORD.match(dsn)
    if found is None:
        return dsn, None
    return f"{found['head']}@{dsn[found.end() :]}", unquote(found["password"])


def _brief(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower()] or lines
    return " / ".join(wrong[:3]) or "it said nothing"
