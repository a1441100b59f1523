"""Opening a picture by what it is, and its size from the header alone."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

# By type and not through `Image.open`, which tries every format there is and judges the size of the picture,
# when all that is wanted is to know it.
_READERS: dict[str, Callable[[Any], ImageFile]] = {
    "image/avif": AvifImageFile,
    "image/bmp": BmpImageFile,
    "image/gif": GifImageFile,
    "image/jpeg": JpegImageFile,
    "image/png": PngImageFile,
    "image/webp": WebPImageFile,
}
_ORIENTATION = 0x0112
# What brings a picture upright, by the orientation that its camera wrote down (Exif 2.3, tag 0x0112).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = {5, 6, 7, 8}


def open_picture(source: Path | bytes, media_type: str) -> ImageFile:
    """The picture with its header read, its pixels not yet. Hostile bytes make it raise whatever they like."""
    return _READERS[media_type](BytesIO(source) if isinstance(source, bytes) else source)


def dimensions_of(source: Path | bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height as shown, or None for what is no picture or a broken one. It blocks: for a thread."""
    if media_type not in _READERS:
        return None
    try:
        with open_picture(source, media_type) as picture:
            width, height = picture.size
            is_lying = orientation_of(picture) in _LYING
    except Exception:  # noqa: BLE001 -- hostile bytes make decoders raise whatever they like
        return None
    return (height, width) if is_lying else (width, height)


def orientation_of(picture: ImageFile) -> int:
    """How it lies, 1 to 8; to be asked before the pixels are read, when `dimensions_of` asks as well."""
    # Not `getexif`, which decodes a whole PNG to look behind it.
    exif = Image.Exif()
    exif.load(picture.info.get("exif", b""))
    found = exif.get(_ORIENTATION)
    return found if found in _UPRIGHT else 1


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is shown."""
    turn = _UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)
