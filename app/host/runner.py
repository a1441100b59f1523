"""Runs one handler of an extension so that nothing it does can hurt the service.

An async handler runs in a task of its own, a sync one in a thread of its own. Both are waited for and never waited
out: past its time a run is abandoned. Whatever a handler raises, SystemExit included, comes back as `Raised`.
"""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from app.host.errors import Failure, Outcome
from app.host.records import Handler

MOST_AT_ONCE = 32
"""Threads of one sync handler. Each handler has its own, so handlers of a chain never wait for each other's."""
MOST_ABANDONED = 8
"""Abandoned runs of one handler still going on, above which it is not called any more."""


@dataclass(frozen=True)
class Raised:
    """What a handler raised; kept as a value, since SystemExit must not travel through a task."""

    error: BaseException


class Clock:
    """A handler's own time, in seconds: it stands still while the rest of the chain runs."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._pauses = 0
        self._timeout: asyncio.Timeout | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Raise TimeoutError in the body once the time is over."""
        try:
            async with asyncio.timeout(self._left) as self._timeout:
                yield
        finally:
            self._timeout = None

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        if self._pauses == 0:
            self._left = self._left_now()
            self._reschedule(None)
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
            if self._pauses == 0:
                self._reschedule(asyncio.get_running_loop().time() + self._left)

    def _left_now(self) -> float:
        when = self._timeout.when() if self._timeout else None
        return self._left if when is None else when - asyncio.get_running_loop().time()

    def _reschedule(self, when: float | None) -> None:
        if self._timeout and not self._timeout.expired():
            self._timeout.reschedule(when)


class Guard:
    """One handler with its limits and its abandoned runs."""

    def __init__(self, handler: Handler, seconds: float) -> None:
        self.handler = handler
        self._seconds = seconds
        self._threads = asyncio.Semaphore(MOST_AT_ONCE)
        self._abandoned: set[asyncio.Future[Any]] = set()

    def clock(self) -> Clock:
        return Clock(self._seconds)

    async def run(self, arguments: tuple[Any, ...], by_name: Mapping[str, Any], clock: Clock) -> Any:
        """The handler's result, or `Raised`; Failure when it is out of time or too many runs are stuck."""
        if self.handler.is_async:
            return await self._run(arguments, by_name, clock)
        async with self._threads:
            return await self._run(arguments, by_name, clock)

    async def _run(self, arguments: tuple[Any, ...], by_name: Mapping[str, Any], clock: Clock) -> Any:
        if len(self._abandoned) >= MOST_ABANDONED:
            raise Failure(Outcome.STUCK, f"{MOST_ABANDONED} earlier runs have still not ended")
        run = self._start(arguments, by_name)
        try:
            async with clock.running():
                result = await asyncio.shield(run)
                if inspect.isawaitable(result):
                    run = asyncio.create_task(_contained(result))
                    result = await asyncio.shield(run)
        except TimeoutError:
            raise Failure(Outcome.TIMED_OUT, f"no result after {self._seconds:g} seconds") from None
        finally:
            self._abandon(run)
        return result

    def _start(self, arguments: tuple[Any, ...], by_name: Mapping[str, Any]) -> asyncio.Future[Any]:
        function = self.handler.function
        if self.handler.is_async:
            return asyncio.create_task(_contained(_called(function, arguments, by_name)))
        return _in_thread(lambda: function(*arguments, **by_name), self.handler)

    def _abandon(self, run: asyncio.Future[Any]) -> None:
        if run.done():
            return
        self._abandoned.add(run)
        run.add_done_callback(self._abandoned.discard)
        if isinstance(run, asyncio.Task):
            run.cancel()


async def _called(function: Callable[..., Any], arguments: tuple[Any, ...], by_name: Mapping[str, Any]) -> Any:
    return await function(*arguments, **by_name)


async def _contained(work: Awaitable[Any]) -> Any:
    try:
        return await work
    except KeyboardInterrupt:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        return Raised(error)
    except BaseException as error:  # noqa: BLE001 - a handler that exits must not end the service
        return Raised(error)


def _in_thread(call: Callable[[], Any], handler: Handler) -> asyncio.Future[Any]:
    """Start `call` in a thread; the future is done when the thread is.

    The thread is a daemon, which neither anyio's nor asyncio's are: a handler stuck for an hour must not keep
    the service from stopping.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def work() -> None:
        try:
            result = context.run(call)
        except BaseException as error:  # noqa: BLE001 - as above
            result = Raised(error)
        with suppress(RuntimeError):  # the loop has gone, and nobody waits any more
            loop.call_soon_threadsafe(_settle, done, result)

    threading.Thread(target=work, name=f"{handler.extension}.{handler.name}", daemon=True).start()
    return done


def _settle(done: asyncio.Future[Any], result: Any) -> None:
    if not done.done():
        done.set_result(result)
