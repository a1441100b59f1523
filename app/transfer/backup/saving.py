"""Making a backup, while the service runs or not."""

import asyncio
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import __version__
from app.core import errors
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.media import queries as media_queries
from app.media.library import MediaLibrary
from app.transfer.backup import archive, postgres, queries
from app.transfer.backup.archive import Manifest, Writer
from app.transfer.progress import Progress, Quiet


async def save(
    database: Database, settings: Settings, library: MediaLibrary, *, path: Path, progress: Progress | None = None
) -> Manifest:
    """Write the database, the media and the signing secret to one file, which only its owner can read.

    Raises Conflict when the database cannot be dumped; there is no file then.
    """
    progress = progress or Quiet()
    revision = await migrations.current_revision(database)
    if revision is None:
        raise errors.Conflict({"database": "there is nothing to back up: the database is empty"})
    with (
        tempfile.TemporaryDirectory(prefix=".pygai-backup-", dir=path.parent) as folder,
        archive.writing(path) as writer,
    ):
        # The database first: a file is never taken away, so those listed after it are all that it names, and more.
        progress.begin("database")
        dumped = Path(folder) / archive.DATABASE
        await postgres.dump(database.dsn, dumped)
        await asyncio.to_thread(writer.add_file, archive.DATABASE, dumped)
        missing = await _add_media(writer, database, library, progress)
        await asyncio.to_thread(_add_secret, writer, settings)
        async with database.session() as session:
            rows = await queries.count_rows(session)
        manifest = Manifest(
            version=__version__,
            revision=revision,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=rows,
            missing_media=missing,
            members=writer.members,
        )
        await asyncio.to_thread(writer.add_manifest, manifest)
    return manifest


async def _add_media(writer: Writer, database: Database, library: MediaLibrary, progress: Progress) -> list[str]:
    """The hashes of files that the database names and the library does not have."""
    async with database.session() as session:
        hashes = await media_queries.list_hashes(session)
    progress.begin("media", len(hashes))
    missing = []
    for hash_ in hashes:
        try:
            content = await library.read(hash_)
        except errors.NotFound:
            missing.append(hash_)
        else:
            await asyncio.to_thread(writer.add_bytes, f"{archive.MEDIA}{library.key_of(hash_)}", content)
        progress.advance()
    return missing


def _add_secret(writer: Writer, settings: Settings) -> None:
    """A key that lies elsewhere is kept by whoever put it there."""
    path = settings.data_dir / archive.SECRET
    if settings.secret is None and settings.secret_file is None and path.exists():
        writer.add_file(archive.SECRET, path)


def summary(manifest: Manifest) -> dict[str, Any]:
    """A manifest for printing, without the digests."""
    files = [name for name in manifest.members if name.startswith(archive.MEDIA)]
    shown = {key: value for key, value in asdict(manifest).items() if key not in {"members", "missing_media"}}
    return shown | {
        "media": len(files),
        "missing_media": len(manifest.missing_media),
        "secret": archive.SECRET in manifest.members,
    }
