"""`data:` URLs (RFC 2397): a file that comes in the address itself."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from app.media.errors import FetchRefused

_SHAPE = re.compile(r"\s*data:([^,]*),", re.IGNORECASE)
_WHITE_SPACE = re.compile(rb"[\t\n\f\r ]+")


def is_data_url(url: str) -> bool:
    return url.lstrip()[:5].lower() == "data:"


def decode_data_url(url: str, max_bytes: int) -> tuple[bytes, str]:
    """The bytes and the media type that the sender claims ("" when it names none).

    Raises FetchRefused when it cannot be decoded or holds more than `max_bytes`.
    """
    shape = _SHAPE.match(url)
    if shape is None:
        raise FetchRefused("it is not a data: URL; a comma is missing")
    *parameters, last = [part.strip().lower() for part in shape[1].split(";")]
    is_base64 = last == "base64" and bool(parameters)
    media_type = parameters[0] if parameters else last
    # Even percent-encoded throughout, base64 is at most four characters per byte.
    if len(url) - shape.end() > max_bytes * 4 + 16:
        raise _too_large(max_bytes)
    # JSON can carry halves of characters; as bytes they are as good as any.
    payload = unquote_to_bytes(url[shape.end() :].encode("utf-8", "surrogatepass"))
    if is_base64:
        payload = _decode_base64(payload)
    if len(payload) > max_bytes:
        raise _too_large(max_bytes)
    return payload, media_type


def _decode_base64(text: bytes) -> bytes:
    compact = _WHITE_SPACE.sub(b"", text).rstrip(b"=")
    try:
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except binascii.Error as raised:
        raise FetchRefused("its base64 is broken") from raised


def _too_large(max_bytes: int) -> FetchRefused:
    return FetchRefused(f"it is larger than {max_bytes} bytes")
