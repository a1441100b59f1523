"""Where extensions stand in for T1 and T4 (T3: `promptHandler`, `resetHandler`)."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urljoin

from app.audit.service import Change, record_on
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.host import ExtensionHost
from app.prompts import service
from app.prompts.long_polling import Task
from app.prompts.queries import Filters
from app.prompts.service import TaskDesk, Wish


async def hand_out(host: ExtensionHost, desk: TaskDesk, settings: Settings, wish: Wish) -> Task | None:
    """T1 through the chain of `promptHandler`, the desk being its last link."""
    if not host.has("promptHandler"):
        return await desk.hand_out(wish)

    async def default(*ids: int) -> Task | None:
        return await desk.hand_out(replace(wish, filters=Filters(*ids)))

    wanted = wish.filters
    ids = (wanted.id, wanted.interval_id, wanted.topic_id, wanted.dir_id)
    return _completed(await host.run("promptHandler", ids, default), settings)


def _completed(task: Task | None, settings: Settings) -> Task | None:
    """What an extension gave as a task: without the least of keys it is none, and its files get addresses."""
    if not task or not {"id", "type", "text"} <= task.keys():
        return None
    given = task.get("files") or []
    return {**task, "files": [absolute_file(name, settings) for name in given]}


def absolute_file(name: Any, settings: Settings) -> str:
    """A bare name is one of our uploads, as in the original."""
    address = str(name)
    if "://" in address:
        return address
    return urljoin(f"{settings.base_url}/uploads/", quote(address.lstrip("/"), safe="/%"))


async def reset(
    host: ExtensionHost, database: Database, settings: Settings, *, filters: Filters, change: Change
) -> int | None:
    """T4 through the chain of `resetHandler`; how many prompts the default has reset, None when it did not run."""
    count: int | None = None

    async def default() -> bool:
        nonlocal count
        count = await service.reset(database, settings, filters=filters, change=change)
        return True

    await host.run("resetHandler", (), default)
    if count is None:
        async with database.transaction() as connection:
            await record_on(connection, change)
    return count
