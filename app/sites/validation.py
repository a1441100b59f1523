"""What may be said of a site, in the form in which it is kept."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import HttpUrl, TypeAdapter, ValidationError

from app.core import errors
from app.models import Directory

TEMPLATES = ("default", "mkdocs", "hugo")
LARGEST_PAGE = 100

_NO_NAME = re.compile(r"^\.|[/\\\x00-\x1f\x7f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_LONGEST_LANGUAGE = 35
_THEME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_WEB_ADDRESS = TypeAdapter(HttpUrl)


def check(directory: Directory) -> None:
    """Put what a person wrote into its usual form. Raises Invalid, with every reason."""
    reasons: dict[str, str] = {}
    for column, checked in _CHECKS.items():
        try:
            setattr(directory, column, checked(getattr(directory, column)))
        except ValueError as wrong:
            reasons[column] = str(wrong)
    if reasons:
        raise errors.Invalid(reasons)


def _name(name: str) -> str:
    if not name.strip():
        raise ValueError("must not be empty")
    if _NO_NAME.search(name):
        raise ValueError("must have no slash and not begin with a dot: it is a part of addresses")
    return name


def _language(tag: str) -> str:
    tag = tag.strip()
    if len(tag) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{tag!r} is no language tag such as `en`, `zh-Hans` or `pt-BR`")
    first, *others = tag.split("-")
    return "-".join([first.lower(), *map(_subtag, others)])


def _subtag(subtag: str) -> str:
    """As RFC 5646 (2.1.1) spells scripts and regions."""
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag.lower()


def _template(name: str) -> str:
    if name not in TEMPLATES:
        raise ValueError(f"{name!r} is none of {', '.join(TEMPLATES)}")
    return name


def _theme(name: str) -> str:
    if not _THEME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a theme: letters, digits, `-` and `_`")
    return name


def _page_size(size: int) -> int:
    if not 1 <= size <= LARGEST_PAGE:
        raise ValueError(f"must be from 1 to {LARGEST_PAGE} articles")
    return size


def _time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError(f"{name!r} is not a time zone such as `UTC` or `Europe/Berlin`") from unknown


def _base_url(address: str | None) -> str | None:
    """In ASCII and with a final slash, as everything that is made from it needs it."""
    if not address:
        return None
    problem = f"{address!r} is no address such as https://example.org/blog/"
    try:
        parts = urlsplit(str(_WEB_ADDRESS.validate_python(address.strip())))
    except (ValidationError, ValueError) as wrong:
        raise ValueError(problem) from wrong
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{problem}, without user, query and fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "path": str.strip,
    "language": _language,
    "tmpl": _template,
    "theme": _theme,
    "page_size": _page_size,
    "time_zone": _time_zone,
    "base_url": _base_url,
}
