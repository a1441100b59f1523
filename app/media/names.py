"""Names of files as they leave: harmless on every system, and with the extension of what is inside."""

import re
import unicodedata
from urllib.parse import unquote

LONGEST_NAME_BYTES = 100

# The first is the one given; the others are kept when the file comes with them.
_EXTENSIONS = {
    "application/epub+zip": ["epub"],
    "application/gzip": ["gz", "tgz"],
    "application/pdf": ["pdf"],
    "application/vnd.oasis.opendocument.text": ["odt"],
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ["pptx"],
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["docx"],
    "application/zip": ["zip"],
    "audio/aac": ["aac"],
    "audio/flac": ["flac"],
    "audio/mp4": ["m4a", "m4b", "mp4"],
    "audio/mpeg": ["mp3"],
    "audio/ogg": ["ogg", "oga", "opus"],
    "audio/wav": ["wav"],
    "image/avif": ["avif"],
    "image/bmp": ["bmp"],
    "image/gif": ["gif"],
    "image/jpeg": ["jpg", "jpeg"],
    "image/png": ["png"],
    "image/webp": ["webp"],
    "text/plain": ["txt", "csv", "json", "log", "md", "srt", "toml", "tsv", "vtt", "yaml", "yml"],
    "video/mp4": ["mp4", "m4v"],
    "video/ogg": ["ogv", "ogg"],
    "video/quicktime": ["mov"],
    "video/webm": ["webm"],
}

_SEPARATORS = re.compile(r"[/\\]")
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,10}")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Characters that turn the reading direction make "gpj.exe" read "exe.jpg".
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_INVISIBLE_CATEGORIES = {"Cc", "Cn", "Co", "Cs", "Zl", "Zp"}


def extension_of(media_type: str) -> str:
    """Without its dot; `bin` for what is unknown or could be run."""
    return _EXTENSIONS.get(media_type, ["bin"])[0]


def safe_name(name: str, media_type: str) -> str:
    """A file name of at most 100 bytes made from whatever a client or a server called the file."""
    given = _last_part(unquote(_last_part(name), errors="replace"))
    stem, suffix = _split(_harmless(given))
    known = _EXTENSIONS.get(media_type, ["bin"])
    extension = suffix.lower() if suffix.lower() in known else known[0]
    room = LONGEST_NAME_BYTES - len(extension) - 1
    stem = stem.encode("utf-8")[:room].decode("utf-8", errors="ignore").rstrip(". ")
    return f"{stem or 'file'}.{extension}"


def _last_part(name: str) -> str:
    return _SEPARATORS.split(name)[-1]


def _harmless(name: str) -> str:
    visible = "".join(
        character for character in name if unicodedata.category(character) not in _INVISIBLE_CATEGORIES
    )
    tidy = _FORBIDDEN.sub("_", _TURNING.sub("", visible))
    # Normalising comes after removing: what is removed could have kept two characters apart.
    return re.sub(r"\.{2,}", ".", unicodedata.normalize("NFC", tidy)).strip(". ")


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not dot or not _EXTENSION.fullmatch(suffix):
        return name, ""
    return stem, suffix
