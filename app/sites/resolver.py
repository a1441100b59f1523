"""Finding the files of a site by its name, without asking the database for every page."""

import time
from dataclasses import dataclass

import structlog
from obstore.store import ObjectStore

from app.core import errors
from app.core.postgres import named_rows
from app.core.postgres.database import Database, is_unavailable
from app.core.settings import Settings
from app.models import Directory
from app.sites import location

log = structlog.get_logger(__name__)

# A site that was moved or removed is still shown as it was for so long.
HELD_SECONDS = 1.0
# What is written for others to build pages from is no page.
SERVED = "default"


@dataclass(frozen=True, slots=True)
class _Held:
    store: ObjectStore
    until: float


class SiteLookup:
    """Sites by name, each held for a moment. One per process; it holds sites that there are, and nothing else."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._held: dict[str, _Held] = {}

    async def get_store(self, name: str) -> ObjectStore:
        """Raises NotFound, also for a site in a place that is not allowed any more, and StorageUnusable."""
        held, now = self._held.get(name), time.monotonic()
        if held is None:
            return await self._looked_up(name)
        if now < held.until:
            return held.store
        # One request asks; those that come meanwhile get what was known.
        self._held[name] = _Held(held.store, now + HELD_SECONDS)
        return await self._looked_up_again(name, held.store)

    async def _looked_up_again(self, name: str, known: ObjectStore) -> ObjectStore:
        try:
            return await self._looked_up(name)
        except Exception as raised:
            if is_unavailable(raised):
                # Pages need no database: readers are not to notice that it is away.
                log.warning("site not looked up again", site=name, reason=repr(raised))
                return known
            self._held.pop(name, None)
            raise

    async def _looked_up(self, name: str) -> ObjectStore:
        async with self._database.session() as session:
            found = await named_rows.find_by_name(session, Directory, name)
        if found is None or found.tmpl != SERVED:
            raise _no_site_here()
        try:
            store = location.store_of(self._settings, found)
        except errors.Invalid as refused:
            log.warning("site kept where it may not be", site=name, reason=str(refused))
            raise _no_site_here() from refused
        self._held[name] = _Held(store, time.monotonic() + HELD_SECONDS)
        return store


def _no_site_here() -> errors.NotFound:
    return errors.NotFound({"path": "there is no such site here"})
