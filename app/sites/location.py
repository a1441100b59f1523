"""Where sites are kept and shown, and that no two get in each other's way."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from obstore.store import ObjectStore
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors, locations
from app.core.locations import Location
from app.core.postgres import named_rows
from app.core.settings import Settings
from app.core.storage import open_store
from app.models import Directory
from app.sites import queries

MOST_NUMBERED = 100
ALLOWING = "PYGAI_SITES_ALLOWED_ROOTS"

# Between two sites of one process, the stores are shared: opening one may ask a cloud for credentials.
_stores: dict[str, ObjectStore] = {}


def site_url(settings: Settings, directory: Directory) -> str:
    """The site's public address, which ends in a slash: its own, or the one below this service."""
    return directory.base_url or f"{settings.base_url}/sites/{quote(directory.name, safe='')}/"


def location_of(settings: Settings, directory: Directory) -> str:
    """The folder or URL of a site. Raises Invalid where the operator has not allowed it."""
    return str(allowed_location(settings, directory.path))


def store_of(settings: Settings, directory: Directory) -> ObjectStore:
    """Raises Invalid for a place that is not allowed, StorageUnusable."""
    location = location_of(settings, directory)
    if location not in _stores:
        _stores[location] = open_store(location)
    return _stores[location]


def allowed_location(settings: Settings, path: str) -> Location:
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
    found = conflict(settings, directory, await named_rows.list_all(session, Directory))
    if found:
        raise found


def conflict(settings: Settings, directory: Directory, others: Iterable[Directory]) -> errors.Conflict | None:
    """What speaks against a site beside the others: no two may share a folder or have one within the other's.

    A web server in front looks for a site in the folder of its name, so that one counts as its own too.
    Raises Invalid for a place that is not allowed.
    """
    kept, named = allowed_location(settings, directory.path), _of_name(settings, directory.name)
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
