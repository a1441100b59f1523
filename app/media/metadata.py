"""Pictures without what was written into them beside the picture: places, names, cameras, prompts, previews.

Nothing is decoded or encoded. The parts that a picture is drawn from are kept byte for byte, with its colours and
its movement, and all others are left out; what turns it upright is written anew, alone. What stands behind the end
of a picture is left out too.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from app.media.pictures import open_picture, orientation_of

Parts = Iterator[bytes | memoryview]


def without_metadata(body: bytes, media_type: str) -> bytes:
    """The same picture; bytes of a type that is not in CLEANED as they are. It blocks: for a thread."""
    drawn = _DRAWN.get(media_type)
    return b"".join(drawn(memoryview(body), _orientation(body, media_type))) if drawn else body


def _orientation(body: bytes, media_type: str) -> int:
    try:
        with open_picture(body, media_type) as picture:
            return orientation_of(picture)
    except Exception:  # noqa: BLE001 -- hostile bytes make decoders raise whatever they like
        return 1


def _exif(orientation: int) -> bytes:
    """One directory with one entry (TIFF 6.0, section 2)."""
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + struct.pack(">HHIHHI", 0x0112, 3, 1, orientation, 0, 0)


# --- JPEG (ITU T.81, annex B) ---

# The last of a run of FF: to look for whole runs takes the square of their lengths.
_MARKER = re.compile(rb"\xff([\x01-\xfe])")
# Within a scan, restarts are part of it.
_MARKER_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
# Frames, tables, scans, restarts.
_TABLES = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})
_JFIF, _EXIF, _ICC, _ADOBE = (0xE0, b"JFIF\0"), (0xE1, b"Exif\0\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe")
_JFIF_BYTES = 12


def _drawn_jpeg(body: memoryview, orientation: int) -> Parts:
    yield body[:2]
    at = 2
    while marker := _MARKER.search(body, at):
        kind, start = marker[1][0], marker.end()
        if kind in _WITHOUT_LENGTH:
            at = start
            if kind == _END:
                break
            continue
        at = start + int.from_bytes(body[start : start + 2], "big")
        data = body[start + 2 : at]
        if at > len(body):
            return
        if kind in _TABLES or _begins(kind, data, _ICC, _ADOBE):
            yield _segment(kind, data)
        elif _begins(kind, data, _JFIF):
            # Without the preview that may follow.
            yield _segment(kind, bytes(data[:_JFIF_BYTES]).ljust(_JFIF_BYTES, b"\0") + b"\0\0")
        elif _begins(kind, data, _EXIF) and orientation != 1:
            yield _segment(kind, _EXIF[1] + _exif(orientation))
            orientation = 1
        if kind == _SCAN:
            scanned = _MARKER_AFTER_SCAN.search(body, at)
            end = scanned.start() if scanned else len(body)
            yield body[at:end]
            at = end
    yield bytes((0xFF, _END))


def _begins(kind: int, data: memoryview, *known: tuple[int, bytes]) -> bool:
    return any(kind == each and data[: len(name)] == name for each, name in known)


def _segment(kind: int, data: bytes | memoryview) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data


# --- PNG (third edition, section 11) ---

_PNG_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)


def _drawn_png(body: memoryview, orientation: int) -> Parts:
    yield body[:8]
    at = 8
    while at + 12 <= len(body):
        length, name = struct.unpack_from(">I4s", body, at)
        end = at + 12 + length
        if name in _PNG_CHUNKS:
            yield body[at:end]
        elif name == b"eXIf" and orientation != 1:
            yield _png_chunk(name, _exif(orientation))
            orientation = 1
        if name == b"IEND":
            return
        at = end


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# --- WebP (RFC 9649, section 2) ---

_WEBP_CHUNKS = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _drawn_webp(body: memoryview, orientation: int) -> Parts:
    chunks = b"".join(_webp_chunks(body, orientation))
    if orientation != 1:
        exif = _exif(orientation)
        chunks += b"EXIF" + struct.pack("<I", len(exif)) + exif
    yield b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _webp_chunks(body: memoryview, orientation: int) -> Parts:
    at, last = 12, min(len(body), 8 + int.from_bytes(body[4:8], "little"))
    while at + 8 <= last:
        name, length = struct.unpack_from("<4sI", body, at)
        end = at + 8 + length + length % 2
        if name == b"VP8X" and length and at + 8 < len(body):
            flags = body[at + 8] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if orientation != 1 else 0)
            yield bytes(body[at : at + 8]) + bytes((flags,))
            yield body[at + 9 : end]
        elif name in _WEBP_CHUNKS:
            yield body[at:end]
        at = end


# --- GIF (89a, appendix A) ---

_IMAGE, _EXTENSION, _COMMENT, _APPLICATION = 0x2C, 0x21, 0xFE, 0xFF
# How often it moves, and its colours.
_APPLICATIONS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0", b"\x0bICCRGBG1012")


def _drawn_gif(body: memoryview, _orientation: int) -> Parts:
    at = 13 + _colours(body, 10)
    yield body[:at]
    while at + 2 < len(body) and body[at] in {_IMAGE, _EXTENSION}:
        label = body[at + 1]
        is_image = body[at] == _IMAGE
        end = _blocks_end(body, at + 11 + _colours(body, at + 9) if is_image else at + 2)
        is_known = body[at + 2 : at + 14] in _APPLICATIONS
        if is_image or (label != _COMMENT and (label != _APPLICATION or is_known)):
            yield body[at:end]
        at = end
    yield b";"


def _colours(body: memoryview, at: int) -> int:
    """The bytes of the table of colours whose description stands here."""
    flags = body[at] if at < len(body) else 0
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(body: memoryview, at: int) -> int:
    while at < len(body) and body[at]:
        at += body[at] + 1
    return min(at + 1, len(body))


_DRAWN: dict[str, Callable[[memoryview, int], Parts]] = {
    "image/gif": _drawn_gif,
    "image/jpeg": _drawn_jpeg,
    "image/png": _drawn_png,
    "image/webp": _drawn_webp,
}
CLEANED = frozenset(_DRAWN)
