"""A database and a store that fail where a test wants it, once or for good, as after `kill -9`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import obstore
import pytest

from app.core.postgres.database import Database

FOLLOWED = ("put_async", "delete_async")


class CutOff(OSError):
    """What a step raises that fails."""


@dataclass
class Fault:
    """Counts the steps of some work: statements and changes of files. The step `at` fails, before it is done.

    With `is_final`, all after it fail as well: whatever the process would do to clean up is not done.
    """

    at: int | None = None
    is_final: bool = True
    steps: int = 0

    @property
    def has_struck(self) -> bool:
        return self.at is not None and self.steps >= self.at

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at or (self.is_final and self.has_struck):
            raise CutOff(f"cut off at step {self.steps}")


class FaultyDatabase(Database):
    """A database each of whose statements is a step, on connections of its own."""

    def __init__(self, dsn: str, fault: Fault) -> None:
        super().__init__(dsn, pool_size=4)
        self._fault = fault

    async def connect(self, **options: Any) -> asyncpg.Connection:
        return await super().connect(connection_class=_connection_class(self._fault), **options)


class FaultyStore:
    """Meanwhile, each file that is written or deleted is a step, in whichever store it is."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        # The store itself is not Python's.
        for name in FOLLOWED:
            self._patch.setattr(obstore, name, _stepping(getattr(obstore, name), self._fault))

    def __exit__(self, *_raised: object) -> None:
        self._patch.undo()


def _stepping(function: Callable[..., Awaitable[Any]], fault: Fault) -> Callable[..., Awaitable[Any]]:
    async def call(*arguments: Any, **options: Any) -> Any:
        fault.step()
        return await function(*arguments, **options)

    return call


def _connection_class(fault: Fault) -> type[asyncpg.Connection]:
    class FaultyConnection(asyncpg.Connection):
        pass

    for name in ("execute", "fetch", "fetchrow", "fetchval", "prepare"):
        setattr(FaultyConnection, name, _stepping(getattr(asyncpg.Connection, name), fault))
    return FaultyConnection
