"""Running a command's work on the installation's database, whether or not the service runs as well."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.core.postgres.database import Database
    from app.core.settings import Settings
    from app.host import ExtensionHost
    from app.media.library import MediaLibrary
    from app.publishing.service import Publisher

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings and the database that they lead to."""

    settings: "Settings"
    database: "Database"

    def library(self) -> "MediaLibrary":
        from app.core.storage import open_store
        from app.media.library import MediaLibrary

        return MediaLibrary(open_store(self.settings.media_location))

    @asynccontextmanager
    async def publisher(self) -> "AsyncIterator[tuple[Publisher, ExtensionHost]]":
        """What publishes, with the extensions that take part in it."""
        from app.connector import ServiceConnector
        from app.host import ExtensionHost
        from app.media.fetching import fetcher_of
        from app.publishing.build.workshop import Workshop
        from app.publishing.service import Publisher

        async with AsyncExitStack() as stack:
            extensions = await asyncio.to_thread(ExtensionHost.load, self.settings)
            stack.push_async_callback(extensions.aclose)
            fetcher = fetcher_of(self.settings)
            stack.push_async_callback(fetcher.aclose)
            workshop = Workshop(self.database, self.settings, self.library(), fetcher)
            stack.push_async_callback(workshop.aclose)
            publisher = Publisher(workshop, extensions)
            extensions.bind(ServiceConnector(self.database, self.settings, publisher))
            yield publisher, extensions


def run(work: Callable[[Installation], Awaitable[Result]]) -> Result:
    """Do the work on a database that is there and of the newest schema."""

    async def prepared() -> Result:
        settings = read_settings()
        async with opened_database(settings) as database:
            return await work(Installation(settings, database))

    return asyncio.run(prepared())


def run_in_session(work: "Callable[[AsyncSession], Awaitable[Result]]") -> Result:
    """The same in one transaction."""

    async def in_session(here: Installation) -> Result:
        async with here.database.session() as session:
            return await work(session)

    return run(in_session)


def read_settings() -> "Settings":
    """The settings; a command's own lines are to be read, so it logs less unless asked for more."""
    import structlog

    from app.core import logging
    from app.core.settings import Settings

    settings = Settings()
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "WARNING"})
    if not structlog.is_configured():
        logging.configure(settings)
    return settings


@asynccontextmanager
async def opened_database(settings: "Settings") -> "AsyncIterator[Database]":
    """The settings' database, migrated first when it is empty or older."""
    from app import startup
    from app.core.postgres import migrations

    async with startup.opened_database(settings) as database:
        if await migrations.current_revision(database) != migrations.newest_revision():
            await migrations.migrate(database)
        yield database


def note(session: "AsyncSession", action: str, subject: str, **details: Any) -> None:
    """Write into the audit log what a command is about to change, in the same transaction."""
    from app.models import AuditEntry

    session.add(AuditEntry(actor=f"cli:{_os_user()}", action=action, subject=subject, details=details))


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number that has no name
        return str(os.getuid())
