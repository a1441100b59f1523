"""What all work on sites shares: the database, the files, the turns, and an editor for each site."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from app.core.postgres.database import Database
from app.core.settings import Settings
from app.media.fetching import Fetcher
from app.media.library import MediaLibrary
from app.models import Directory
from app.publishing.build.site_locks import Turns
from app.publishing.build.writer import Editor

OpenWorkshop = Callable[[Settings], "AbstractAsyncContextManager[Workshop]"]


class Workshop:
    """One per process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        library: MediaLibrary,
        fetcher: Fetcher,
        *,
        open_elsewhere: "OpenWorkshop",
    ) -> None:
        """`open_elsewhere` opens another one over the same settings, in a process of a rebuild."""
        self.open_elsewhere = open_elsewhere
        self.database = database
        self.settings = settings
        self.library = library
        self.fetcher = fetcher
        self.turns = Turns(database)
        self._dressed: dict[int, str] = {}

    def editor(self, directory: Directory) -> Editor:
        return Editor(self.database, self.settings, self.library, directory)

    async def dress(self, directory: Directory, editor: Editor) -> None:
        """Have the theme's files and the fixed pages in place; once until settings or theme change."""
        outfit = hashlib.sha256(repr((editor.renderer, editor.press.site)).encode()).hexdigest()
        if self._dressed.get(directory.id) == outfit and await editor.is_dressed():
            return
        await editor.dress()
        self._dressed[directory.id] = outfit

    async def aclose(self) -> None:
        await self.turns.aclose()
