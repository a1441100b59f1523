"""Files that a text carries in itself although they were handed in beside it."""

import hashlib
import re
from collections.abc import Mapping

from app.media.data_urls import decode_data_url
from app.media.errors import FetchRefused

_DATA_URL = re.compile(r"""\bdata:[^\s"'()<>]+""", re.IGNORECASE)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The text with names of files, by the SHA-256 of their bytes, in the place of `data:` URLs of the same."""
    if not names or "data:" not in text.lower():
        return text
    return _DATA_URL.sub(lambda url: names.get(_digest(url[0]), url[0]), text)


def _digest(url: str) -> str:
    try:
        content, _ = decode_data_url(url, len(url))
    except FetchRefused:
        return ""
    return hashlib.sha256(content).hexdigest()
