"""The files of a theme that pages refer to, under names that change with their content."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
}
_REFERENCE = re.compile(r"""url\(\s*(["']?)([\w.-]+)\1\s*\)""", re.ASCII)


@dataclass(frozen=True)
class Asset:
    """A file of the theme; its name carries a digest of its content, so that it may be cached for ever."""

    path: str
    body: bytes
    media_type: str


def load_assets(folders: Sequence[Path]) -> Mapping[str, Asset]:
    """By their plain names; a file in an earlier folder hides that of a later.

    A stylesheet refers to the other assets by their plain names: `url(paper.webp)`.
    """
    files = {
        file.name: file
        for folder in reversed(folders)
        for file in (folder / "assets").glob("[!.]*")
        if file.suffix in _MEDIA_TYPES
    }
    plain = {name: _asset(file, file.read_bytes()) for name, file in files.items() if file.suffix != ".css"}
    styles = {
        name: _asset(file, _stylesheet(file, plain)) for name, file in files.items() if file.suffix == ".css"
    }
    return dict(sorted((plain | styles).items()))


def _stylesheet(file: Path, others: Mapping[str, Asset]) -> bytes:
    def renamed(reference: re.Match[str]) -> str:
        known = others.get(reference[2])
        return f'url("{Path(known.path).name}")' if known else reference[0]

    return _REFERENCE.sub(renamed, file.read_text(encoding="utf-8")).encode()


def _asset(file: Path, body: bytes) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(f"assets/{file.stem}.{digest}{file.suffix}", body, _MEDIA_TYPES[file.suffix])
