"""Adding, changing and looking up websites (directories)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.core.postgres import named_rows
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.models import Directory
from app.sites import location, queries, rebuilds, validation
from app.sites.errors import no_site

# Changing one of these moves a site to where another one may be.
_PLACING = frozenset({"name", "path"})
# What is written about a site by itself.
_NOT_SETTINGS = frozenset({"id", "rebuilt_as", "rebuilt_parts", "created_at", "modified_at"})


def settings_of(directory: Directory) -> tuple[object, ...]:
    """All that an operator sets of a site: with any of it, its pages or their place change."""
    return tuple(getattr(directory, name) for name in type(directory).model_fields if name not in _NOT_SETTINGS)


async def get_by_name(database: Database, name: str) -> Directory:
    """Raises NotFound."""
    async with database.session() as session:
        directory = await named_rows.find_by_name(session, Directory, name)
    if directory is None:
        raise no_site(name)
    return directory


async def add(session: AsyncSession, settings: Settings, directory: Directory) -> Directory:
    """Raises Invalid, and Conflict when its name or place is taken."""
    _check(directory)
    await location.check_place(session, settings, directory)
    session.add(directory)
    await session.flush()
    await rebuilds.request(session, [directory.id])
    await session.refresh(directory)
    return directory


async def edit(
    session: AsyncSession, settings: Settings, directory: Directory, changes: Mapping[str, Any]
) -> Directory:
    """Change columns; the site is rebuilt after the commit. Raises Invalid, Conflict."""
    was = {name: getattr(directory, name) for name in changes}
    for name, value in changes.items():
        setattr(directory, name, value)
    _check(directory)
    changed = {name for name, value in was.items() if getattr(directory, name) != value}
    if changed & _PLACING:
        await location.check_place(session, settings, directory)
    if "tmpl" in changed:
        await _check_template(session, directory)
    session.add(directory)
    await session.flush()
    if changed:
        await rebuilds.request(session, [directory.id])
    await session.refresh(directory)
    return directory


async def _check_template(session: AsyncSession, directory: Directory) -> None:
    """Raises Conflict for a site that has given addresses, which stay."""
    if await queries.has_pages(session, dir_id=directory.id):
        raise errors.Conflict(
            {
                "tmpl": "its articles have the addresses of the template that it has; add another directory and "
                "move them there with `pygai content move`"
            }
        )


def _check(directory: Directory) -> None:
    named_rows.check_name(directory)
    validation.check(directory)
