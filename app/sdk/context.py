"""What a handler that declares `context` is given."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx
from structlog.typing import FilteringBoundLogger

Result = TypeVar("Result")


class Connector(Protocol):
    """Reading and writing through the service's own logic; every call is a transaction of its own.

    Refusals are raised as the service raises them: an unknown number, a wrong shape.
    """

    async def read_prompt(self, prompt_id: int) -> dict[str, Any] | None:
        """The prompt as T1 shows it, without leasing it; None when there is none."""
        ...

    async def read_content(self, content_id: int) -> dict[str, Any] | None:
        """The content as `GET /aicontent/{id}/` shows it; None when there is none."""
        ...

    async def submit_content(self, data: dict[str, Any], *, publish: bool) -> int:
        """Store a submission shaped like T2's `data` by the default logic and return its number."""
        ...

    async def publish_content(self, content_id: int, *, rewrite: bool) -> int | None:
        """Publish by the default logic and return the publication's number."""
        ...

    async def reset_prompts(self) -> bool:
        """Make every used prompt available again, as T4 does by default."""
        ...


@dataclass(frozen=True)
class Context:
    """The service as one handler sees it during one call."""

    log: FilteringBoundLogger
    """A logger that names the extension and the handler."""
    settings: Mapping[str, Any]
    """The values of the extension's own `Settings`, read-only; empty when it has none."""
    connector: Connector
    """Reading and writing through the service."""
    open_http: Callable[[], httpx.AsyncClient]
    loop: asyncio.AbstractEventLoop

    @property
    def http(self) -> httpx.AsyncClient:
        """A client for the outside world, made at its first use and closed by the service."""
        return self.open_http()

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run `work` on the service's loop and return its result: the way of a sync handler to `connector`.

        Raises RuntimeError on the loop itself, where an async handler awaits instead.
        """
        return wait_from_thread(work, self.loop)


def wait_from_thread(work: Coroutine[Any, Any, Result], loop: asyncio.AbstractEventLoop) -> Result:
    """Run `work` on `loop` and block this thread until it is done.

    Raises RuntimeError on a loop's own thread, where waiting could never end, and when `loop` is closed.
    """
    if loop.is_closed() or _is_on_a_loop():
        work.close()
        raise RuntimeError("only a sync handler may wait, and only while the service runs; await instead")
    return asyncio.run_coroutine_threadsafe(work, loop).result()


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
