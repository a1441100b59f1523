"""What a site is to those who make its pages, and where the files of it are: one object store per directory."""

import obstore
from obstore.store import ObjectStore

from app.core.settings import Settings
from app.core.storage import open_store
from app.models import Directory
from app.prompts import directories
from app.publishing.model import Site

# What is written about a site by itself.
_KEPT_OF_A_SITE = frozenset({"id", "rebuilt_as", "rebuilt_parts", "created_at", "modified_at"})
# Between two sites of one process, the stores are shared: opening one may ask a cloud for credentials.
_stores: dict[str, ObjectStore] = {}


def site_of(settings: Settings, directory: Directory) -> Site:
    """The site as its pages show it."""
    return Site(
        name=directory.name,
        title=directory.title or directory.name,
        url=site_url(settings, directory),
        description=directory.description or "",
        about=directory.about or "",
        language=directory.language,
        author=directory.author or "",
        time_zone=directory.time_zone,
        page_size=directory.page_size,
        discloses_ai=directory.discloses_ai,
    )


def settings_of(directory: Directory) -> tuple[object, ...]:
    """All that an operator sets of a site: with any of it, its pages or their place change."""
    return tuple(getattr(directory, name) for name in type(directory).model_fields if name not in _KEPT_OF_A_SITE)


def site_url(settings: Settings, directory: Directory) -> str:
    """The site's public address, which ends in a slash: its own, or the one below this service."""
    return directories.public_url(settings, name=directory.name, base_url=directory.base_url)


def location_of(settings: Settings, directory: Directory) -> str:
    """The folder or URL of a site. Raises Invalid where the operator has not allowed it."""
    return str(directories.location_of(settings, directory.path))


def store_of(settings: Settings, directory: Directory) -> ObjectStore:
    """Raises Invalid for a place that is not allowed, StorageUnusable."""
    location = location_of(settings, directory)
    if location not in _stores:
        _stores[location] = open_store(location)
    return _stores[location]


async def write(store: ObjectStore, path: str, content: bytes) -> None:
    """Put a file there whole: readers see the old one or the new one."""
    await obstore.put_async(store, path, content)
