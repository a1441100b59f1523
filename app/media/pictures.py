"""The size of a picture, from its header alone."""

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
_LYING = {5, 6, 7, 8}


def dimensions_of(source: Path | bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height as shown, or None for what is no picture or a broken one. It blocks: for a thread."""
    reader = _READERS.get(media_type)
    if reader is None:
        return None
    try:
        with reader(BytesIO(source) if isinstance(source, bytes) else source) as picture:
            width, height = picture.size
            # Not `getexif`, which decodes a whole PNG to look behind it.
            exif = Image.Exif()
            exif.load(picture.info.get("exif", b""))
            is_lying = exif.get(_ORIENTATION) in _LYING
    except Exception:  # noqa: BLE001 -- hostile bytes make decoders raise whatever they like
        return None
    return (height, width) if is_lying else (width, height)
