"""T1 and T4: handing out tasks, keeping and giving back leases, resetting."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from weakref import WeakValueDictionary

import asyncpg

from app.audit.service import Change, record_on
from app.core import errors
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.prompts import queries
from app.prompts.errors import no_prompt
from app.prompts.long_polling import Claimed, Errand, Task, WaitingRoom
from app.prompts.queries import Filters


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for a task, and how."""

    token: str
    filters: Filters = queries.ANY
    wait_seconds: float = 0
    wants_another: bool = False


class TaskDesk:
    """Hands out tasks. One per process: it remembers who is waiting and who is being served."""

    def __init__(self, database: Database, settings: Settings, waiting_room: WaitingRoom) -> None:
        self._database = database
        self._lease_seconds = settings.lease_seconds
        self._uploads_url = f"{settings.base_url}/uploads"
        self._waiting_room = waiting_room
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def hand_out(self, wish: Wish) -> Task | None:
        """Lease the next available task to the asking token, or give it the one that it already holds.

        Waits up to `wait_seconds` for one to become available. None when there is nothing to do.
        """
        claimed = await self._look_for(wish)
        return None if claimed is None else claimed.task

    async def _look_for(self, wish: Wish) -> Claimed | None:
        if wish.wait_seconds <= 0:
            return await self._claim(wish)
        claimed = await self._claim_for_one_who_may_go(wish)
        if claimed is not None:
            return claimed
        errand = Errand(
            wish.token, wish.filters, lambda: self._claim(wish), lambda claimed: self._give_back(wish, claimed)
        )
        return await self._waiting_room.wait(errand, seconds=wish.wait_seconds)

    async def _claim_for_one_who_may_go(self, wish: Wish) -> Claimed | None:
        claiming = asyncio.ensure_future(self._claim(wish))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # Broken off half-way, nobody would know whether a task is leased to the client that has gone.
            await self._give_back(wish, await claiming)
            raise

    async def _claim(self, wish: Wish) -> Claimed | None:
        if wish.wants_another:
            return await self._claim_now(wish)
        # Two requests of one token at the same instant would otherwise both find that it holds nothing.
        async with self._turns.setdefault(wish.token, asyncio.Lock()):
            return await self._claim_now(wish)

    async def _claim_now(self, wish: Wish) -> Claimed | None:
        async with self._database.driver() as connection:
            row = await queries.claim(
                connection,
                token=wish.token,
                filters=wish.filters,
                lease_seconds=self._lease_seconds,
                another=wish.wants_another,
            )
        return None if row is None else Claimed(_task(row, self._uploads_url), row["is_new"])

    async def _give_back(self, wish: Wish, claimed: Claimed | None) -> None:
        if claimed is None or not claimed.is_new:
            return
        async with self._database.driver() as connection:
            await queries.clear_lease(connection, prompt_id=claimed.task["id"], token=wish.token)


async def find_task(database: Database, settings: Settings, *, prompt_id: int) -> Task | None:
    """A prompt as T1 shows it, without leasing it."""
    async with database.driver() as connection:
        row = await queries.find_task(connection, prompt_id=prompt_id)
    return None if row is None else _task(row, f"{settings.base_url}/uploads")


def _task(row: asyncpg.Record, uploads_url: str) -> Task:
    """A row as the seeds' payload: optional keys only when there is something to say."""
    task: Task = {"id": row["id"], "type": row["type"], "text": row["text"], "files": _files(row, uploads_url)}
    if row["inst_id"] is not None:
        task |= {"instId": row["inst_id"], "instName": row["inst_name"], "instText": row["inst_text"]}
    config = row["inst_config"] or row["config"]
    return {**task, "config": config} if config else task


def _files(row: asyncpg.Record, uploads_url: str) -> list[str]:
    return [url or attachment_url(uploads_url, media_hash, name) for media_hash, name, url in row["files"] or ()]


def attachment_url(uploads_url: str, media_hash: str, name: str) -> str:
    return f"{uploads_url}/{media_hash}/{quote(name, safe='')}"


async def extend_lease(database: Database, settings: Settings, *, prompt_id: int, token: str) -> Any:
    """Extend the token's own lease by a whole one; its new end. Raises NotFound, Conflict."""
    async with database.driver() as connection:
        leased_until = await queries.extend_lease(
            connection, prompt_id=prompt_id, token=token, lease_seconds=settings.lease_seconds
        )
        if leased_until is None:
            await _refuse_lease(connection, prompt_id)
    return leased_until


async def release(database: Database, *, prompt_id: int, token: str) -> None:
    """Give the token's own lease back; the prompt stands where it stood. Raises NotFound, Conflict."""
    async with database.driver() as connection:
        if not await queries.clear_lease(connection, prompt_id=prompt_id, token=token):
            await _refuse_lease(connection, prompt_id)


async def _refuse_lease(connection: asyncpg.Connection, prompt_id: int) -> None:
    if not await queries.exists(connection, prompt_id=prompt_id):
        raise no_prompt(prompt_id)
    raise errors.Conflict({"id": f"prompt {prompt_id} is not leased to this token"})


async def reset(database: Database, settings: Settings, *, filters: Filters, change: Change) -> int:
    """T4: make used prompts available at once; how many there were."""
    async with database.transaction() as connection:
        count = await queries.reset_used(connection, filters=filters, restore_count=settings.reset_restores_count)
        await record_on(connection, change)
        return count
