"""The steps of running the embedded PostgreSQL, each done with the programs of the wheel.

Whoever calls a step that changes something holds the start lock.
"""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.core.postgres.embedded.file_lock import open_private
from app.core.postgres.embedded.layout import (
    MAJOR_VERSION,
    SOCKET_NAME,
    EmbeddedPostgresError,
    Layout,
    is_private_folder,
    lend,
    make_private_folder,
    preferred_socket_dir,
)

DATABASE = "pygai"
MEBIBYTE = 1024 * 1024
LARGEST_LOG_BYTES = 16 * MEBIBYTE
CONNECT_SECONDS = 5.0
READY_SECONDS = 120.0  # replaying what a power cut left behind takes its time
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
)
MAKE_DATABASE = rf"""
-- A starter that was killed may have left a psql behind that is making it right now.
SELECT pg_advisory_lock(1);
SELECT 'CREATE DATABASE {DATABASE}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \gexec
"""

log = structlog.get_logger(__name__)


def answers(sockets: Path) -> bool:
    # Asking is the one test that no reused process number, zombie or neighbouring container can fool.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(str(sockets / SOCKET_NAME))
        except (BlockingIOError, TimeoutError):  # too busy to take the call, so alive
            return True
        except OSError:
            return False
    return True


def _run(
    layout: Layout, program: str, *arguments: str, said: int = subprocess.PIPE, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as its user, with an environment that can neither steer nor inform it."""
    account = layout.account
    return subprocess.run(  # noqa: S603
        [str(layout.binaries / program), *arguments],
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "PGDATA": str(layout.cluster)},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        input=given,
        stdout=said,
        stderr=subprocess.STDOUT if said != subprocess.PIPE else subprocess.PIPE,
        text=True,
        errors="replace",
    )


def refuse_other_version(cluster: Path) -> None:
    try:
        found = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if found != MAJOR_VERSION:
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {found}, this is PostgreSQL {MAJOR_VERSION}. "
            "Go back to the release that made it and run `pygai backup`; "
            "then move that folder away, start this release and run `pygai restore`."
        )


def make_cluster(layout: Layout) -> None:
    """Make the database files when there are none: beside their place, then moved in whole, never found half."""
    parent = layout.cluster.parent
    for leftover in parent.glob("postgres.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if layout.link.exists() and (layout.cluster / "PG_VERSION").exists():
        return
    _clear_place(layout)
    staged = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=parent))
    lend(staged, layout)
    done = _run(layout, "initdb", f"--pgdata={staged}", *INITDB_OPTIONS)
    if done.returncode != 0:
        shutil.rmtree(staged, ignore_errors=True)
        raise EmbeddedPostgresError(f"The database in {layout.cluster} could not be made: {done.stderr.strip()}")
    staged.rename(layout.cluster)
    _sync_folder(parent)
    if layout.home != layout.data_dir:
        layout.link.symlink_to(layout.cluster)


def _clear_place(layout: Layout) -> None:
    if not layout.cluster.exists():
        return
    if layout.link.exists() and any(layout.cluster.iterdir()):
        raise EmbeddedPostgresError(f"{layout.cluster} holds something that is not a database. Move it away.")
    if not layout.link.exists():
        # No data folder leads here any more: keep what an earlier one of the same name left behind.
        layout.cluster.rename(layout.home / f"postgres.left-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def find_socket_dir(layout: Layout) -> Path:
    """The folder the present or last server chose, as another process may have another temporary folder."""
    preferred = preferred_socket_dir(layout)
    try:
        lines = (layout.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return preferred
    # A copied data folder carries the note of the server it was copied from.
    if len(lines) < 5 or lines[1] != str(layout.cluster):
        return preferred
    return Path(lines[4]) if is_private_folder(Path(lines[4]), layout) else preferred


def launch(layout: Layout, sockets: Path) -> str | None:
    """Start the server and wait for it; returns what its log says when that fails."""
    make_private_folder(sockets, layout)
    _settle_pid_file(layout, sockets)
    settings = SERVER_SETTINGS | {"unix_socket_directories": str(sockets)}
    options = ["-D", str(layout.cluster), *(f"--{name}={value}" for name, value in settings.items())]
    if layout.log.exists() and layout.log.stat().st_size > LARGEST_LOG_BYTES:
        layout.log.replace(layout.log.with_suffix(".log.1"))
    journal = open_private(layout.log, os.O_WRONLY | os.O_APPEND)
    try:
        before = os.fstat(journal).st_size
        # The cluster is named in PGDATA and -o: pg_ctl's own -D reaches a shell unquoted.
        patiently = ("-s", "-w", f"-t{READY_SECONDS:.0f}")
        done = _run(layout, "pg_ctl", "start", *patiently, "-o", shlex.join(options), said=journal)
    finally:
        os.close(journal)
    return None if done.returncode == 0 else _read_from(layout.log, before) or "nothing; is the disk full?"


def _read_from(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        lines = file.read(MEBIBYTE).decode(errors="replace").splitlines()
    return "\n".join(lines[-15:])


def _settle_pid_file(layout: Layout, sockets: Path) -> None:
    """Nobody answers, so whatever the pid file names is not a server in working order.

    PostgreSQL refuses to start while that number is anybody's: a zombie nobody reaps, or in a restarted
    container an unrelated process. Its shared memory still guards a cluster whose processes are not all gone.
    """
    note = layout.cluster / "postmaster.pid"
    try:
        number = int(note.read_text().split("\n", 1)[0])
        command = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):  # no note, no such process, or no /proc to ask: PostgreSQL decides
        return
    if Path(os.fsdecode(command[0])).name == "postgres" and os.fsencode(layout.cluster) in command:
        stop(layout)  # alive, but its socket was swept away
        return
    note.unlink(missing_ok=True)
    (sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)


def make_database(layout: Layout, sockets: Path) -> subprocess.CompletedProcess[str]:
    options = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(sockets), "-p", "5432", "-U", "postgres")
    return _run(layout, "psql", *options, "-d", "postgres", given=MAKE_DATABASE)


def stop(layout: Layout) -> None:
    done = _run(layout, "pg_ctl", "stop", "-s", "-w", "-m", "fast")
    if done.returncode != 0:
        log.warning("embedded_postgres_did_not_stop", cluster=str(layout.cluster), reason=done.stderr.strip())
