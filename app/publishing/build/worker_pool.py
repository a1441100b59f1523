"""Slices of a site, worked on side by side: in this process, in processes of their own, or both."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import Connection

from pydantic import SecretStr

from app.core.settings import Settings
from app.publishing.build.batches import Findings, Mode, start_worker, work_in_worker, work_on
from app.publishing.build.parts import Part
from app.publishing.build.workshop import Workshop

Work = Callable[[Sequence[Part], Mode], "asyncio.Future[Findings]"]


class Pool:
    """Workers, of which this process is one and each other one is a process of its own.

    A gentle one has a single process, which gives way to all others, or with `others=0` only this one.
    """

    def __init__(self, workshop: Workshop, dir_id: int, *, others: int, is_gentle: bool = False) -> None:
        self._workshop = workshop
        self._dir_id = dir_id
        self._is_busy = is_gentle
        self._own: set[asyncio.Future[Findings]] = set()
        self._others: set[asyncio.Future[Findings]] = set()
        self._executor: ProcessPoolExecutor | None = None
        self._ends: tuple[Connection, ...] = ()
        if others:
            lifeline, held = multiprocessing.Pipe(duplex=False)
            self._ends = (held, lifeline)
            self._executor = ProcessPoolExecutor(
                others,
                mp_context=_processes(others, workshop.open_elsewhere.__module__),
                initializer=start_worker,
                initargs=(workshop.open_elsewhere, _settings_of_worker(workshop), is_gentle, lifeline),
            )

    async def __aenter__(self) -> Work:
        return self._work

    async def __aexit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        if isinstance(raised, asyncio.CancelledError):
            self._cut_off()
        try:
            # A slice that is under way ends whole, whatever has happened to the others.
            await asyncio.gather(*self._own, return_exceptions=True)
            if self._executor is not None:
                await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)
        finally:
            self._let_go()

    def _cut_off(self) -> None:
        """Who is told to stop does not wait for a turn at the site: what is made half is made again."""
        for work in (*self._own, *self._others):
            work.cancel()
        self._let_go()

    def _let_go(self) -> None:
        for end in self._ends:
            end.close()

    def _work(self, parts: Sequence[Part], mode: Mode) -> "asyncio.Future[Findings]":
        if self._executor is None or not self._is_busy:
            self._is_busy = True
            own = asyncio.ensure_future(self._work_here(parts, mode))
            return _kept(own, self._own)
        loop = asyncio.get_running_loop()
        other = loop.run_in_executor(self._executor, work_in_worker, self._dir_id, parts, mode)
        return _kept(other, self._others)

    async def _work_here(self, parts: Sequence[Part], mode: Mode) -> Findings:
        try:
            return await work_on(self._workshop, self._dir_id, parts, mode)
        finally:
            self._is_busy = False


def _kept(work: "asyncio.Future[Findings]", among: "set[asyncio.Future[Findings]]") -> "asyncio.Future[Findings]":
    among.add(work)
    work.add_done_callback(among.discard)
    return work


async def in_order(
    work: Work, slices: Sequence[Sequence[Part]], mode: Mode, *, start: int = 0, ahead: int
) -> AsyncIterator[tuple[int, Findings]]:
    """The findings of each slice with the number of slices done, in order; `ahead` are under way at a time."""
    under_way: list[asyncio.Future[Findings]] = []
    following = start
    for finished in range(start, len(slices)):
        while following < len(slices) and len(under_way) < ahead:
            under_way.append(work(slices[following], mode))
            following += 1
        yield finished + 1, await under_way.pop(0)


def _settings_of_worker(workshop: Workshop) -> Settings:
    """Over the same database, which may be an embedded one, with few connections."""
    dsn = SecretStr(workshop.database.dsn)
    return workshop.settings.model_copy(update={"database_url": dsn, "database_pool_size": 2})


def _processes(number: int, opening: str) -> multiprocessing.context.BaseContext:
    """Workers share what one process has loaded for them, where the system knows how.

    A single one has nobody to share with, and leaves no such process behind in a service that goes on.
    """
    if number == 1 or "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([opening, "app.publishing.build.preload"])
    return processes
