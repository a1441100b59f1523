"""What a file is: told from its bytes, whatever it calls itself, and how it may be shown."""

import codecs
import re
from dataclasses import dataclass

import filetype

HEAD_BYTES = 8192
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

# What browsers show without running anything in it. The rest is for saving, never for showing.
_SHOWN = frozenset(
    {
        "application/pdf",
        "audio/aac",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "image/avif",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        TEXT,
        "video/mp4",
        "video/ogg",
        "video/quicktime",
        "video/webm",
    }
)

# One that moves is a PNG to all that show it.
_OLD_NAMES = {
    "audio/x-flac": "audio/flac",
    "audio/x-wav": "audio/wav",
    "image/apng": "image/png",
    "video/x-m4v": "video/mp4",
}

# Major brands of the MP4 family (ISO/IEC 14496-12); the library takes sound for video here.
_BRANDS = [
    (re.compile(rb"M4[AB] "), "audio/mp4"),
    (re.compile(rb"qt  "), "video/quicktime"),
    (re.compile(rb"avi[fs]"), "image/avif"),
    (re.compile(rb"iso.|mp4.|avc1|dash|M4V |MSNV|3gp."), "video/mp4"),
]

_LEADING_NOISE = re.compile(r"\ufeff?(?:\s+|<!--.*?-->)*", re.DOTALL)
_HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|style|title|meta|link|base|iframe|object|embed|form|frameset"
    r"|h[1-6]|div|span|font|table|img|svg:svg|a|b|i|p|br|center|template|video|audio)(?=[\s/>]|$)",
    re.IGNORECASE,
)
_SVG_START = re.compile(r"<(?:!doctype\s+svg|(?:\w+:)?svg)(?=[\s/>]|$)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Presentation:
    """The Content-Type to serve with, and whether a browser may show the file instead of saving it."""

    content_type: str
    is_inline: bool


def presentation_of(media_type: str) -> Presentation:
    if media_type not in _SHOWN:
        return Presentation(UNKNOWN, is_inline=False)
    return Presentation(f"{TEXT}; charset=utf-8" if media_type == TEXT else media_type, is_inline=True)


def recognise(head: bytes) -> str:
    """The media type of a file that begins with `head` (HEAD_BYTES of it are enough)."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    # Before the signatures: "BM" begins a bitmap, and also "BMW builds cars".
    text = _as_text(head)
    if text:
        return _kind_of_text(text)
    if head[4:8] == b"ftyp":
        return next((kind for brand, kind in _BRANDS if brand.match(head[8:12])), UNKNOWN)
    if head.startswith(b"OggS") and b"theora" in head:
        return "video/ogg"
    guessed = filetype.guess_mime(head) or UNKNOWN
    return _OLD_NAMES.get(guessed, guessed)


def _as_text(head: bytes) -> str | None:
    try:
        # Not final: the head may end in the middle of a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _kind_of_text(text: str) -> str:
    start = text[_match_end(text) :]
    if _SVG_START.match(start):
        return "image/svg+xml"
    if start.startswith(("<?xml", "<!DOCTYPE", "<!doctype")) and not _HTML_START.match(start):
        return "image/svg+xml" if _SVG_START.search(start) else "application/xml"
    return "text/html" if _HTML_START.match(start) else TEXT


def _match_end(text: str) -> int:
    noise = _LEADING_NOISE.match(text)
    return noise.end() if noise else 0
