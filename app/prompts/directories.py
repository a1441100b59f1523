"""What may be said of a site: its settings, where it is kept, and that no two get in each other's way."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import HttpUrl, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors, locations
from app.core.locations import Location
from app.core.settings import Settings
from app.models import Directory
from app.prompts import catalog_queries as queries

TEMPLATES = ("default", "mkdocs", "hugo")
LARGEST_PAGE = 100
MOST_NUMBERED = 100
ALLOWING = "PYGAI_SITES_ALLOWED_ROOTS"

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


def public_url(settings: Settings, *, name: str, base_url: str | None) -> str:
    """A site's own public address, which ends in a slash."""
    return base_url or f"{settings.base_url}/sites/{quote(name, safe='')}/"


def location_of(settings: Settings, path: str) -> Location:
    """Where a site of that path is kept. Raises Invalid where the operator has not allowed it."""
    try:
        wanted = _location(settings, path)
        root = _root(settings)
        allowed = [locations.parse(place) for place in settings.sites_allowed_roots]
    except ValueError as wrong:
        raise errors.Invalid({"path": str(wrong)}) from wrong
    is_below_root = root.holds(wanted) and wanted != root
    if not is_below_root and not any(place.holds(wanted) for place in allowed):
        raise errors.Invalid({"path": f"{wanted} is not below the sites root {root}; to allow it, {_how(wanted)}"})
    return wanted


def _how(wanted: Location) -> str:
    return f"add it, or a place above it, to {ALLOWING}: `{ALLOWING}={wanted}`"


def _location(settings: Settings, path: str) -> Location:
    """Where a path leads, allowed or not. Raises ValueError."""
    if "://" in path or path.startswith("/"):
        return locations.parse(path)
    folder = PurePosixPath(path.strip())
    if ".." in folder.parts or not folder.parts or not path.isprintable():
        raise ValueError(f"{path!r} must be a folder below the sites root, or {locations.FORMS}")
    return _root(settings).below(*folder.parts)


def _root(settings: Settings) -> Location:
    root = settings.sites_location
    return locations.parse(root if "://" in root else str(Path(root).expanduser().absolute()))


async def check_place(session: AsyncSession, settings: Settings, directory: Directory) -> None:
    """Whether a site may be kept where its path leads, under its name.

    Raises Invalid for a place that is not allowed, Conflict when another site is in the way. Until the
    transaction ends, no other site gets a place.
    """
    await queries.lock_places(session)
    found = conflict(settings, directory, await queries.list_named(session, Directory))
    if found:
        raise found


async def check_template(session: AsyncSession, directory: Directory) -> None:
    """Whether a site may get another kind of files. Raises Conflict once it has given addresses: they stay."""
    if await queries.has_pages(session, dir_id=directory.id):
        raise errors.Conflict(
            {
                "tmpl": "its articles have the addresses of the template that it has; add another directory and "
                "move them there with `pygai content move`"
            }
        )


def conflict(settings: Settings, directory: Directory, others: Iterable[Directory]) -> errors.Conflict | None:
    """What speaks against a site beside the others: no two may share a folder or have one within the other's.

    A web server in front looks for a site in the folder of its name, so that one counts as its own too.
    Raises Invalid for a place that is not allowed.
    """
    kept, named = location_of(settings, directory.path), _of_name(settings, directory.name)
    for other in others:
        # That two have one name is for the database to refuse.
        if other.name == directory.name or (other.id is not None and other.id == directory.id):
            continue
        theirs = _kept(settings, other)
        if theirs and theirs.overlaps(kept):
            return errors.Conflict({"path": f"the site {other.name!r} is kept in {theirs}, which is in the way"})
        looked_for = _of_name(settings, other.name)
        if looked_for and looked_for.overlaps(kept):
            return errors.Conflict({"path": f"{kept} is where the site {other.name!r} is looked for by its name"})
        if theirs and named and theirs.overlaps(named):
            return errors.Conflict(
                {"name": f"by its name it is looked for in {named}, where {other.name!r} is kept"}
            )
    return None


def take_free_path(settings: Settings, directory: Directory, others: Sequence[Directory]) -> None:
    """Put a number behind its path when another site has it. Raises Invalid, Conflict when that does not help."""
    wanted, number = directory.path, 1
    while found := conflict(settings, directory, others):
        if "name" in found.reasons or number == MOST_NUMBERED:
            raise found
        number += 1
        directory.path = f"{wanted}-{number}"


def _kept(settings: Settings, directory: Directory) -> Location | None:
    """None for what was written before there were rules."""
    try:
        return _location(settings, directory.path)
    except ValueError:
        return None


def _of_name(settings: Settings, name: str) -> Location | None:
    try:
        return _root(settings).below(name)
    except ValueError:
        return None
