"""Running a command's work on the installation's database, whether or not the service runs as well."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.access.caller import Caller
    from app.core.settings import Settings
    from app.runtime import Runtime

Result = TypeVar("Result")


def run(work: "Callable[[Runtime], Awaitable[Result]]") -> Result:
    """Do the work on a database that is there and of the newest schema."""
    from app.runtime import open_runtime

    async def prepared() -> Result:
        async with open_runtime(read_settings(), migrates=True) as runtime:
            return await work(runtime)

    return asyncio.run(prepared())


def run_in_session(work: "Callable[[AsyncSession], Awaitable[Result]]") -> Result:
    """The same in one transaction."""

    async def in_session(runtime: "Runtime") -> Result:
        async with runtime.database.session() as session:
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


def operator() -> "Caller":
    """Whoever runs the command: they have the installation in their hands."""
    from app.access.caller import Caller

    return Caller.internal(f"cli:{_os_user()}")


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number that has no name
        return str(os.getuid())
