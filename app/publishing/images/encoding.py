"""Making smaller copies of a picture: upright, in sRGB, with nothing in them but what is seen.

What a camera or a generator wrote into a picture (places, names, prompts) stays out of its copies.
"""

import contextlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import structlog
from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from app.media.pictures import open_picture, orientation_of, upright
from app.media.recognition import HEAD_BYTES, recognise
from app.publishing.model import File, Variant

log = structlog.get_logger(__name__)

# Rises with every change that makes other copies of the same picture.
ENCODING = 1

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
COPIED = frozenset({JPEG, PNG, WEBP})

# A picture is copied only if that takes less, by what each format was measured to take at its worst.
MOST_MEMORY = 256 * 1024 * 1024
_BYTES_PER_PIXEL = {JPEG: 7, PNG: 14, WEBP: 22}
# All of its coefficients are kept until the last scan, at whatever size it is decoded.
_BYTES_PER_PROGRESSIVE_PIXEL = 10
# Each goes over the whole picture again, and takes its sender only a few bytes; cameras write up to a dozen.
MOST_SCANS = 100
_START_OF_SCAN = b"\xff\xda"
LARGEST_PROFILE_BYTES = 4 * 1024 * 1024

# A copy that saves less than a tenth of the bytes is not worth what encoding once more takes from the picture.
LARGEST_COPY = 0.9
# Drawings and screenshots come in far fewer bytes per pixel than photographs do.
_DRAWN_BYTES_PER_PIXEL = 0.25

_ENCODERS: dict[str, tuple[str, dict[str, Any]]] = {
    # Not progressive, which would keep every other thread waiting while the whole picture is encoded.
    JPEG: ("JPEG", {"quality": 80, "optimize": True}),
    PNG: ("PNG", {}),
    WEBP: ("WEBP", {"quality": 80}),
}


class NotCopied(Exception):
    """The picture moves, or would take too much to decode."""


def make_variants(body: bytes, variants: Sequence[Variant]) -> list[File]:
    """Those of the variants that save bytes, each the whole file. It blocks: for a thread.

    None of a picture that moves, cannot be decoded or would take too much memory.
    """
    media_type = recognise(body[:HEAD_BYTES])
    if media_type not in COPIED or not variants:
        return []
    try:
        made = list(_encoded(body, media_type, variants))
    except Exception as raised:  # noqa: BLE001 -- hostile bytes make decoders raise whatever they like
        log.info("picture not copied", media_type=media_type, reason=f"{type(raised).__name__}: {raised}"[:200])
        return []
    return _worth_keeping(made, media_type, len(body))


def _worth_keeping(made: Sequence[tuple[Variant, bytes]], media_type: str, original_bytes: int) -> list[File]:
    """All that save bytes; WebP in another format's place only if it does so at full width as well.

    A browser that takes WebP would otherwise never get to see the picture at its best.
    """
    saving = [(variant, body) for variant, body in made if len(body) <= original_bytes * LARGEST_COPY]
    widest = max((variant.width for variant, _ in made if variant.media_type == WEBP), default=0)
    if media_type != WEBP and (widest, WEBP) not in {(each.width, each.media_type) for each, _ in saving}:
        saving = [(variant, body) for variant, body in saving if variant.media_type != WEBP]
    return [File(variant.path, body) for variant, body in saving]


def _encoded(body: bytes, media_type: str, variants: Sequence[Variant]) -> Iterator[tuple[Variant, bytes]]:
    widths = sorted({variant.width for variant in variants}, reverse=True)
    widest = _decoded(body, media_type, widths[0])
    is_drawn = media_type == PNG and len(body) < widest.width * widest.height * _DRAWN_BYTES_PER_PIXEL
    for width in widths:
        scaled = _scaled(widest, width)
        for variant in variants:
            if variant.width == width:
                yield variant, _encode(scaled, variant.media_type, is_drawn=is_drawn)


def _encode(picture: Image.Image, media_type: str, *, is_drawn: bool) -> bytes:
    encoder, options = _ENCODERS[media_type]
    if media_type == WEBP and is_drawn:
        options = options | {"lossless": True}
    buffer = BytesIO()
    picture.save(buffer, encoder, **options)
    return buffer.getvalue()


# --- decoding ---


def _decoded(body: bytes, media_type: str, width: int) -> Image.Image:
    """The picture as it is shown and at most `width` wide, RGB or RGBA, with no metadata."""
    with open_picture(body, media_type) as picture:
        if getattr(picture, "is_animated", False):
            raise NotCopied("it moves")
        orientation = orientation_of(picture)
        shown_width = picture.width if orientation <= 4 else picture.height
        size = _fitting(picture.size, min(1.0, width / shown_width))
        if isinstance(picture, JpegImageFile):
            _refuse_endless(picture, body)
            # It can be decoded at a half, a quarter or an eighth of its size, which takes that much less.
            picture.draft(None, size)
        _refuse_large(picture, _BYTES_PER_PIXEL[media_type])
        picture.load()
        shown = upright(_resized(_in_whole_colours(picture), size), orientation)
    shown = _opaque_if_possible(_in_srgb(shown))
    shown.info.clear()
    return shown


def _refuse_endless(picture: JpegImageFile, body: bytes) -> None:
    is_progressive = "progressive" in picture.info
    if is_progressive and body.count(_START_OF_SCAN) > MOST_SCANS:
        raise NotCopied("it is made of too many scans")
    _refuse_large(picture, _BYTES_PER_PROGRESSIVE_PIXEL if is_progressive else 1)


def _refuse_large(picture: ImageFile, bytes_per_pixel: int) -> None:
    if picture.width * picture.height * bytes_per_pixel > MOST_MEMORY:
        raise NotCopied(f"{picture.width} x {picture.height} pixels take too much memory")


def _in_whole_colours(picture: Image.Image) -> Image.Image:
    """Eight bits per channel and no palette, so that pixels can be mixed."""
    if picture.mode.startswith("I"):
        # `convert` would cut off what is above 255.
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in {"L", "RGB", "CMYK"} else picture.convert("RGB")


def _in_srgb(picture: Image.Image) -> Image.Image:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    profile = picture.info.get("icc_profile") or b""
    if 0 < len(profile) <= LARGEST_PROFILE_BYTES:
        # A profile that is broken, or of another kind of picture, counts as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, given, srgb, outputMode=mode) or picture.convert(mode)
    return picture.convert(mode)


def _opaque_if_possible(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        return picture.convert("RGB")
    return picture


# --- scaling ---


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    return _resized(picture, _fitting(picture.size, min(1.0, width / picture.width)))


def _fitting(size: tuple[int, int], factor: float) -> tuple[int, int]:
    width, height = size
    return max(1, round(width * factor)), max(1, round(height * factor))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
