"""The file of a backup: a gzipped tar of known members, with a manifest of their digests at its end."""

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from app.core import errors

FORMAT = 1
DATABASE = "database.dump"
SECRET = "secret.key"  # noqa: S105 -- a name
MANIFEST = "manifest.json"
MEDIA = "media/"

CHUNK_BYTES = 1024 * 1024
# Dumps and pictures are compressed already: more effort only costs time.
COMPRESSION = 1

_MEMBER = re.compile(r"database\.dump|secret\.key|manifest\.json|media/[0-9a-f]{2}/[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `members` are SHA-256 digests by name, `rows` counts by table."""

    version: str
    revision: str
    created_at: str
    rows: dict[str, int]
    missing_media: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Writer:
    """Adds members to a backup; each call blocks, so make it in a thread."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self.members: dict[str, str] = {}

    def add_file(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            self.members[name] = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            self._add(name, file, path.stat().st_size)

    def add_bytes(self, name: str, content: bytes) -> None:
        self.members[name] = hashlib.sha256(content).hexdigest()
        self._add(name, io.BytesIO(content), len(content))

    def add_manifest(self, manifest: Manifest) -> None:
        content = json.dumps(asdict(manifest), indent=1).encode()
        self._add(MANIFEST, io.BytesIO(content), len(content))

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        member.mtime = int(datetime.now(UTC).timestamp())
        self._archive.addfile(member, file)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup, closed to others, under a name of its own until it is whole."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=COMPRESSION) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> Manifest:
    """Take a backup apart into a folder and hold every member against the manifest.

    Raises Invalid for what is damaged, is incomplete or is no backup of ours.
    """
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            digests = {member.name: _take_out(archive, member, folder) for member in archive}
    except (tarfile.TarError, EOFError, zlib.error, OSError) as broken:
        raise errors.Invalid({"file": f"{path} is damaged or no backup: {broken}"}) from broken
    manifest = _read_manifest(path, folder)
    digests.pop(MANIFEST)
    wrong = sorted(name for name in digests.keys() | manifest.members.keys() if _is_wrong(name, digests, manifest))
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise errors.Invalid({"file": f"{path} is damaged: {wrong[0]}{more} not as written"})
    if DATABASE not in digests:
        raise errors.Invalid({"file": f"{path} holds no database"})
    return manifest


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    # Only names of ours, only files: nothing in an archive can lead out of the folder.
    content = archive.extractfile(member) if member.isreg() and _MEMBER.fullmatch(member.name) else None
    target = folder / member.name
    if content is None or target.exists():
        raise errors.Invalid({"file": f"is no backup: it holds {member.name[:80]!r}"})
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(content, file, CHUNK_BYTES)
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(path: Path, folder: Path) -> Manifest:
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if found["format"] != FORMAT:
            raise errors.Invalid({"file": f"{path} was made by another release, in format {found['format']}"})
        return Manifest(**found)
    except FileNotFoundError as missing:
        raise errors.Invalid({"file": f"{path} is no backup, or is cut short: it has no manifest"}) from missing
    except (ValueError, TypeError, KeyError) as broken:
        raise errors.Invalid({"file": f"the manifest of {path} cannot be read"}) from broken


def _is_wrong(name: str, digests: dict[str, str], manifest: Manifest) -> bool:
    digest = digests.get(name)
    # A file of the library has its digest for a name.
    is_misnamed = name.startswith(MEDIA) and digest != name.rpartition("/")[2]
    return is_misnamed or digest != manifest.members.get(name)
