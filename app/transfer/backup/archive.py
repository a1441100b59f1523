"""The file of a backup: a gzipped tar of known members, with a manifest of their digests at its end."""

import gzip
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
from typing import IO, Annotated

from pydantic import StringConstraints, TypeAdapter
from pydantic_core import from_json

from app.core import errors

FORMAT = 1
DATABASE = "database.dump"
SECRET = "secret.key"  # noqa: S105 -- a name
MANIFEST = "manifest.json"
MEDIA = "media/"

PIECE_BYTES = 16 * 1024
PLAIN_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE)
MOST_BYTES = {SECRET: 64 * 1024, MANIFEST: 512 * 1024 * 1024}
PART_OF_DISK = 0.9
# Dumps and pictures are compressed already: more effort only costs time.
COMPRESSION = 1

_MEMBER = re.compile(r"database\.dump|secret\.key|manifest\.json|media/[0-9a-f]{2}/[0-9a-f]{64}")


# What is printed as it stands.
Word = Annotated[str, StringConstraints(pattern=r"^[\w.:+-]{1,100}$")]


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: `members` are SHA-256 digests by name, `rows` counts by table."""

    version: Word
    revision: Word
    created_at: Word
    rows: dict[str, int]
    missing_media: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


_MANIFESTS = TypeAdapter(Manifest)


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
        with _Unzipped(path) as unzipped, tarfile.open(fileobj=unzipped, mode="r:") as archive:
            digests = {member.name: _take_out(archive, member, folder) for member in archive}
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError, RecursionError) as broken:
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


class _Unzipped(gzip.GzipFile):
    """An archive for `tarfile`, which by itself would take a header of any length at once and follow it back."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= PIECE_BYTES:
            raise tarfile.ReadError("a header is too long")
        return super().read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and offset < self.tell():
            raise tarfile.ReadError("a header leads back")
        return super().seek(offset, whence)


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    # Only names of ours, only files as we write them: nothing in an archive can lead out of the folder.
    is_ours = member.type in PLAIN_FILES and not member.issparse() and _MEMBER.fullmatch(member.name)
    content = archive.extractfile(member) if is_ours else None
    target = folder / member.name
    if content is None or target.exists():
        raise errors.Invalid({"file": f"is no backup: it holds {member.name[:80]!r}"})
    _refuse_too_large(member, folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while piece := content.read(PIECE_BYTES):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def _refuse_too_large(member: tarfile.TarInfo, folder: Path) -> None:
    if not 0 <= member.size <= MOST_BYTES.get(member.name, member.size):
        raise errors.Invalid({"file": f"is no backup: its {member.name} is too large"})
    # A database that shares the disk must be left with something, whatever a file unpacks to.
    if member.size > shutil.disk_usage(folder).free * PART_OF_DISK:
        raise errors.Conflict({"file": f"there is no room for its {member.name} of {member.size} bytes"})


def _read_manifest(path: Path, folder: Path) -> Manifest:
    try:
        found = from_json((folder / MANIFEST).read_bytes())
        if found["format"] != FORMAT:
            raise errors.Invalid(
                {"file": f"{path} was made by another release, in format {found['format']!r:.20}"}
            )
        return _MANIFESTS.validate_python(found)
    except FileNotFoundError as missing:
        raise errors.Invalid({"file": f"{path} is no backup, or is cut short: it has no manifest"}) from missing
    except (ValueError, TypeError, KeyError) as broken:
        raise errors.Invalid({"file": f"the manifest of {path} cannot be read"}) from broken


def _is_wrong(name: str, digests: dict[str, str], manifest: Manifest) -> bool:
    digest = digests.get(name)
    # A file of the library has its digest for a name.
    is_misnamed = name.startswith(MEDIA) and digest != name.rpartition("/")[2]
    return is_misnamed or digest != manifest.members.get(name)
