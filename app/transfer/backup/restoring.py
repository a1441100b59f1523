"""Bringing a backup back."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from app.core import errors
from app.core.postgres import migrations
from app.core.postgres.database import Database, driver_error, is_unavailable
from app.core.settings import SHORTEST_SECRET, Settings
from app.media.library import MediaLibrary
from app.transfer.backup import archive, loading, queries
from app.transfer.backup.archive import Manifest
from app.transfer.progress import Progress, Quiet
from app.transfer.queries import GAI_TABLES, is_empty

PATIENCE = 10
PAUSE_SECONDS = 0.2
# All rows of a table are one statement.
MOST_SECONDS = 86_400


@dataclass(frozen=True)
class Restored:
    """`left_out` are tables that have rows in the backup and are none of ours."""

    manifest: Manifest
    left_out: list[str]


async def restore(
    database: Database,
    settings: Settings,
    library: MediaLibrary,
    *,
    path: Path,
    replaces: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Put the rows, files and secret of a backup in the place of what is here, and bring them up to this release.

    Raises Invalid for a file that is damaged or none of ours or made by a newer release, Conflict when the
    installation is not empty (unless `replaces`) or in use. The database changes as a whole or not at all.
    """
    progress = progress or Quiet()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as name:
        folder = Path(name)
        progress.begin("checking")
        manifest = await asyncio.to_thread(archive.unpack, path, folder)
        _refuse_newer(manifest)
        _refuse_useless_secret(folder)
        await _refuse_if_in_use(database)
        if not replaces:
            await _refuse_unless_empty(database)
        await _restore_media(library, folder, progress)
        progress.begin("database")
        # Idle connections of our own would be waited for.
        await database.engine.dispose()
        left_out = await _restore_database(database.dsn, manifest, folder / archive.DATABASE)
        await asyncio.to_thread(_restore_secret, folder, settings)
    return Restored(manifest, left_out)


def _refuse_newer(manifest: Manifest) -> None:
    try:
        known = ScriptDirectory(str(migrations.SCRIPTS)).get_revision(manifest.revision)
    except CommandError:
        known = None
    if known is None or known.revision != manifest.revision:
        raise errors.Invalid(
            {"file": f"was made by release {manifest.version}, which is newer than this one; upgrade first"}
        )


def _refuse_useless_secret(folder: Path) -> None:
    saved = folder / archive.SECRET
    if saved.exists() and len(saved.read_bytes().decode(errors="ignore").strip()) < SHORTEST_SECRET:
        raise errors.Invalid({"file": "its signing secret is too short to sign with"})


async def _refuse_if_in_use(database: Database) -> None:
    for _ in range(PATIENCE):
        async with database.engine.connect() as connection:
            if not await queries.count_other_connections(connection):
                return
        # The server takes a moment to notice that a service which has just stopped is gone.
        await asyncio.sleep(PAUSE_SECONDS)
    raise errors.Conflict({"database": "is in use: stop the service and its workers, then try again"})


async def _refuse_unless_empty(database: Database) -> None:
    if await migrations.current_revision(database) is None:
        return
    async with database.session() as session:
        has_rows = not await is_empty(session, *GAI_TABLES)
        # The administrator whom a first start makes is nobody's work.
        users = await queries.count_users(session)
    if has_rows or users > 1:
        raise errors.Conflict({"installation": "is not empty; --replace puts the backup in its place"})


async def _restore_media(library: MediaLibrary, folder: Path, progress: Progress) -> None:
    files = await asyncio.to_thread(lambda: sorted((folder / archive.MEDIA).glob("*/*")))
    progress.begin("media", len(files))
    for file in files:
        await library.keep(file, sha256=file.name)
        progress.advance()


async def _restore_database(dsn: str, manifest: Manifest, dump_file: Path) -> list[str]:
    """Make the tables of the backup's release by our migrations, fill them and migrate on, in one transaction."""
    database = Database(dsn, pool_size=1, timeout_seconds=MOST_SECONDS)
    try:
        with _explained():
            async with database.engine.begin() as connection:
                await queries.empty_schema(connection)
                await migrations.upgrade_within(connection, to=manifest.revision)
                left_out = await loading.load(connection, dump_file)
                if await queries.list_revisions(connection) != [manifest.revision]:
                    raise errors.Invalid({"file": "its database is not of the release that its manifest names"})
                await migrations.upgrade_within(connection)
        return left_out
    finally:
        await database.dispose()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, DBAPIError) as raised:
        cause = driver_error(raised)
        said = " / ".join(str(cause).splitlines()[:3])
        if is_unavailable(raised):
            raise
        if isinstance(cause, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
            raise errors.Invalid({"file": f"its database holds what cannot be: {said}"}) from raised
        raise errors.Conflict({"database": said}) from raised


def _restore_secret(folder: Path, settings: Settings) -> None:
    """The key that signed the tokens that come back, unless the settings bring one of their own."""
    saved, place = folder / archive.SECRET, settings.data_dir / archive.SECRET
    if not saved.exists() or settings.secret is not None or settings.secret_file is not None:
        return
    saved.chmod(0o600)
    saved.replace(place)
