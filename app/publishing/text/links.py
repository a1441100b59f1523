"""Addresses a text links to: written as the standard for URLs wants them, or not at all."""

import re

_USUAL = re.compile(r"https?://(?:[a-z][a-z0-9]*\.)+[a-z]{2,9}(?:/[A-Za-z0-9_~.!$&'()*+,;=:@/?-]*)?")
_NOT_IN_URL = re.compile(r"[\x00-\x20\"<>\[\\\]^`{|}\x7f-\xa0]|%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WITH_HOST = re.compile(r"(?:https?:)?//([^/?#]*)", re.IGNORECASE)
_LABEL = r"(?!xn--)(?:[a-z0-9_]|[^\x00-\x7f])(?:[a-z0-9_-]|[^\x00-\x7f])*"
_ENCODED_LABEL = r"xn--[a-z0-9-]*[a-z0-9]{2}"
_HOST = re.compile(
    rf"((?:{_LABEL}|{_ENCODED_LABEL})(?:\.(?:{_LABEL}|{_ENCODED_LABEL}))*\.?)(?::(\d{{0,5}}))?", re.IGNORECASE
)
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE)
_FOUR_NUMBERS = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
_HIGHEST_PORT = 65_535


def valid_link(address: str) -> str | None:
    """The address with each character that may not be in one encoded, or None where that does not help.

    An address with a user's name is refused too: it is made to look like that of another host.
    """
    if _USUAL.fullmatch(address):
        return address
    written = _NOT_IN_URL.sub(lambda found: _encoded(found[0]), address.strip())
    path, mark, fragment = written.partition("#")
    written = f"{path}{mark}{fragment.replace('#', '%23')}"
    host = _WITH_HOST.match(written)
    if host:
        return written if _is_host(host[1]) else None
    scheme = _SCHEME.match(written)
    return None if scheme and scheme[1].lower() in {"http", "https"} else written


def _is_host(host: str) -> bool:
    found = _HOST.fullmatch(host)
    if not found or int(found[2] or 0) > _HIGHEST_PORT:
        return False
    return not _NUMERIC.fullmatch(found[1]) or bool(_FOUR_NUMBERS.fullmatch(found[1]))


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
