"""One call of a handler: the chain of extensions in front of the service's own logic.

Each link, the default at the end included, runs at most once per call and keeps its result. So nothing is stored
twice, whatever the handlers before it do: call `proceed` again, raise after it, or run out of time.
"""

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Literal, Protocol

import anyio
import structlog

from app.host import metrics, results
from app.host.errors import Failure, HandlerFailed, Outcome
from app.host.records import Handler
from app.host.runner import Clock, Guard, Raised
from app.sdk import Context, HandlerName
from app.sdk.context import wait_from_thread

Default = Callable[..., Awaitable[Any]]

log = structlog.get_logger("pygai.extensions")


class Service(Protocol):
    """What a call needs of its host."""

    on_error: Literal["default", "fail"]

    def context_for(self, handler: Handler) -> Context: ...

    def record(self, extension: str, handler: str, reason: str) -> None: ...


async def call(
    service: Service, name: HandlerName, chain: Sequence[Guard], arguments: tuple[Any, ...], default: Default
) -> Any:
    """The result of the chain; whatever `default` raises comes through unchanged."""
    running = _Call(service, name, chain, default)
    try:
        return await running.link(0, arguments)
    finally:
        await running.end()


async def tell(service: Service, listener: Guard, event: str, payload: dict[str, Any]) -> None:
    """Run one listener; it can neither fail the caller nor change the payload."""
    handler = listener.handler
    extras = {"context": service.context_for(handler)} if "context" in handler.by_name else {}
    started = time.perf_counter()
    try:
        returned = await listener.run((event, copy.deepcopy(payload)), extras, listener.clock())
        if isinstance(returned, Raised):
            raise _raised(returned)
    except Failure as failure:
        _observe(service, handler, started, failure)
        return
    _observe(service, handler, started)


class _Call:
    """The links of one call, each a task that is started once."""

    def __init__(self, service: Service, name: HandlerName, chain: Sequence[Guard], default: Default) -> None:
        self._service = service
        self._name = name
        self._chain = chain
        self._default = default
        self._links: dict[int, asyncio.Task[Any]] = {}
        self._has_ended = False

    async def link(self, position: int, arguments: tuple[Any, ...]) -> Any:
        """The result of the link at `position`, which runs now if it has not run yet."""
        if self._has_ended:
            raise RuntimeError("proceed was called after the call had ended")
        if position not in self._links:
            self._links[position] = asyncio.create_task(self._start(position, arguments))
        # Shielded: a handler that gives up waiting must not cut off the default in its writing.
        return await asyncio.shield(self._links[position])

    async def end(self) -> None:
        """Stop the links that still run, and wait until they have: they use what belongs to the request."""
        self._has_ended = True
        running = [task for task in self._links.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            with anyio.CancelScope(shield=True):
                await asyncio.wait(running)

    async def _start(self, position: int, arguments: tuple[Any, ...]) -> Any:
        if position == len(self._chain):
            return await self._default(*arguments)
        guard = self._chain[position]
        started = time.perf_counter()
        try:
            result = await self._run(guard, position, arguments)
        except Failure as failure:
            _observe(self._service, guard.handler, started, failure)
            if self._service.on_error == "fail":
                raise HandlerFailed(guard.handler.extension, failure.reason) from failure
            return await self.link(position + 1, arguments)
        _observe(self._service, guard.handler, started)
        return result

    async def _run(self, guard: Guard, position: int, arguments: tuple[Any, ...]) -> Any:
        # A copy: what the handler does to its arguments must not reach whoever stands in for it.
        own = copy.deepcopy(arguments)
        clock = guard.clock()
        returned = await guard.run(own, self._by_name(guard.handler, position, own, clock), clock)
        if not isinstance(returned, Raised):
            return results.conforming(self._name, returned)
        if returned.error is self._error_at(position + 1):
            raise returned.error  # the default's own refusal, passed on: not this handler's failure
        raise _raised(returned)

    def _by_name(
        self, handler: Handler, position: int, arguments: tuple[Any, ...], clock: Clock
    ) -> dict[str, Any]:
        extras: dict[str, Any] = {}
        if "proceed" in handler.by_name:
            proceed = partial(self._proceed, position + 1, arguments, clock)
            extras["proceed"] = proceed if handler.is_async else _blocking(proceed)
        if "context" in handler.by_name:
            extras["context"] = self._service.context_for(handler)
        return extras

    async def _proceed(self, position: int, arguments: tuple[Any, ...], clock: Clock, /, *replaced: Any) -> Any:
        following = results.replaced(self._name, arguments, replaced)
        with clock.standing_still():
            return await self.link(position, following)

    def _error_at(self, position: int) -> BaseException | None:
        task = self._links.get(position)
        return task.exception() if task and task.done() and not task.cancelled() else None


def _blocking(proceed: Callable[..., Any]) -> Callable[..., Any]:
    loop = asyncio.get_running_loop()

    def proceed_and_wait(*replaced: Any) -> Any:
        return wait_from_thread(proceed(*replaced), loop)

    return proceed_and_wait


def _raised(returned: Raised) -> Failure:
    failure = Failure(Outcome.RAISED, f"{type(returned.error).__name__}: {returned.error}")
    failure.__cause__ = returned.error
    return failure


def _observe(service: Service, handler: Handler, started: float, failure: Failure | None = None) -> None:
    seconds = time.perf_counter() - started
    outcome = failure.outcome if failure else Outcome.DONE
    metrics.calls.labels(handler.extension, handler.name, outcome).inc()
    metrics.seconds.labels(handler.extension, handler.name).observe(seconds)
    details = {"extension": handler.extension, "handler": handler.name, "seconds": round(seconds, 4)}
    if failure is None:
        log.debug("extension handler ran", **details)
        return
    service.record(handler.extension, handler.name, failure.reason)
    log.warning(
        "extension handler failed",
        outcome=str(outcome),
        reason=failure.reason,
        exc_info=failure.__cause__,
        **details,
    )
