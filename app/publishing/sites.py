"""Where the files of a site are: one object store per directory."""

from pathlib import PurePosixPath
from urllib.parse import quote

import obstore
from obstore.store import ObjectStore

from app.core import errors
from app.core.settings import Settings
from app.core.storage import open_store
from app.models import Directory

# Between two sites of one process, the stores are shared: opening one may ask a cloud for credentials.
_stores: dict[str, ObjectStore] = {}


def location_of(settings: Settings, directory: Directory) -> str:
    """The folder or URL of a site: its own URL, or its path below the sites root. Raises Invalid."""
    if "://" in directory.path:
        return directory.path
    path = PurePosixPath(directory.path.strip())
    if path.is_absolute() or ".." in path.parts or not path.parts or "\x00" in directory.path:
        raise errors.Invalid({"path": f"{directory.path!r} must be a folder below the sites root, or a URL"})
    return f"{settings.sites_location.rstrip('/')}/{path}"


def store_of(settings: Settings, directory: Directory) -> ObjectStore:
    location = location_of(settings, directory)
    if location not in _stores:
        _stores[location] = open_store(location)
    return _stores[location]


async def write(store: ObjectStore, path: str, content: bytes) -> None:
    """Put a file there whole: readers see the old one or the new one."""
    await obstore.put_async(store, path, content)


def site_url(settings: Settings, directory: Directory) -> str:
    return f"{settings.base_url}/sites/{quote(directory.name, safe='')}/"
