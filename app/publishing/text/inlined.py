"""Files that a text carries in itself although they were handed in beside it."""

import hashlib
import re
from collections.abc import Mapping

from app.media.data_urls import decode_data_url
from app.media.errors import FetchRefused

# As long as one that an article about such URLs may show.
LONGEST_QUOTED = 1000
EMPTY = "data:,"

_DATA_URL = re.compile(r"""\bdata:[^\s"'()<>]+""", re.IGNORECASE)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The text with names of files, by the SHA-256 of their bytes, in the place of `data:` URLs of the same.

    Others that are long are emptied: no page shows them, and nobody has looked at what is in them.
    """
    if "data:" not in text.lower():
        return text
    return _DATA_URL.sub(lambda url: _named(url[0], names), text)


def _named(url: str, names: Mapping[str, str]) -> str:
    name = names.get(_digest(url)) if names else None
    return name or (url if len(url) <= LONGEST_QUOTED else EMPTY)


def _digest(url: str) -> str:
    try:
        content, _ = decode_data_url(url, len(url))
    except FetchRefused:
        return ""
    return hashlib.sha256(content).hexdigest()
