"""The host: everything the service asks of its extensions."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property
from typing import Any, TypeVar

import httpx
import structlog
from fastapi import APIRouter

from app.core.settings import Settings
from app.host import chain
from app.host.discovery import discover
from app.host.errors import ExtensionError
from app.host.records import Discovery, Handler, LoadProblem
from app.host.registry import Roster
from app.sdk import Connector, Context, HandlerName

Result = TypeVar("Result")


class ExtensionHost:
    """Loaded once per process; safe to use from any number of requests at once."""

    def __init__(self, settings: Settings, connector: Connector | None = None) -> None:
        self.on_error = settings.extension_on_error
        self._settings = settings
        self._connector = connector
        self._http = _LazyClient(settings.extension_timeout_seconds)

    @classmethod
    def load(cls, settings: Settings, connector: Connector | None = None) -> "ExtensionHost":
        """A host whose extensions are loaded. Raises ExtensionError as `roster` does."""
        host = cls(settings, connector)
        _ = host.roster
        return host

    @classmethod
    def empty(cls, settings: Settings) -> "ExtensionHost":
        """A host that always runs the default."""
        host = cls(settings)
        host.roster = Roster(Discovery())
        return host

    @cached_property
    def roster(self) -> Roster:
        """What the settings enable, found and loaded at its first use.

        Executes the extensions' own code, so not on a busy loop. Raises ExtensionError if something would not
        load and `strict_extensions` is set.
        """
        settings = self._settings
        discovery = discover(settings.extensions, settings.ext_path)
        if discovery.problems and settings.strict_extensions:
            raise ExtensionError(discovery.problems)
        return Roster(discovery, settings.extensions, settings.extension_timeout_seconds)

    def bind(self, connector: Connector) -> None:
        """Give handlers the way back into the service, which is made after its host."""
        self._connector = connector

    def has(self, handler_name: str) -> bool:
        """Whether any extension carries the handler; cheap enough to ask on each request."""
        return self.roster.has(handler_name)

    async def run(
        self, handler_name: str, arguments: tuple[Any, ...], default: Callable[..., Awaitable[Result]]
    ) -> Result:
        """Run the chain of the handler in front of `default`, which takes and returns the documented types.

        `default` runs at most once. What it raises comes through; HandlerFailed when a handler fails and
        `extension_on_error` is `fail`.
        """
        name = HandlerName(handler_name)
        guards = self.roster.chain(name)
        if not guards:
            return await default(*arguments)
        result: Result = await chain.call(self, name, guards, arguments, default)
        return result

    async def tell(self, event: str, payload: dict[str, Any]) -> None:
        """Tell the listeners, all at once, and wait for them; never raises because of one."""
        listeners = self.roster.listeners(event)
        if listeners:
            await asyncio.gather(*(chain.tell(self, one, event, payload) for one in listeners))

    def describe(self) -> list[dict[str, Any]]:
        """Every extension, enabled or merely found, ready for JSON."""
        return [line.as_dict() for line in self.roster.extensions]

    @property
    def problems(self) -> tuple[LoadProblem, ...]:
        """What would not load."""
        return self.roster.problems

    def routers(self) -> Iterator[tuple[str, APIRouter]]:
        """The routers to mount, with the extension's name."""
        return self.roster.routers()

    def record(self, extension: str, handler: str, reason: str) -> None:
        self.roster.record(extension, handler, reason)

    def context_for(self, handler: Handler) -> Context:
        if self._connector is None:
            raise RuntimeError("bind() a connector before running handlers that declare `context`")
        return Context(
            log=structlog.get_logger("pygai.extension").bind(extension=handler.extension, handler=handler.name),
            settings=handler.settings,
            connector=self._connector,
            open_http=self._http.open,
            loop=asyncio.get_running_loop(),
        )

    async def aclose(self) -> None:
        """Close what was opened for the handlers."""
        await self._http.aclose()


class _LazyClient:
    """An HTTP client made at its first use, which may be in a handler's thread."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._client: httpx.AsyncClient | None = None
        self._lock = threading.Lock()

    def open(self) -> httpx.AsyncClient:
        with self._lock:
            if self._client is None:
                self._client = httpx.AsyncClient(timeout=self._timeout_seconds)
            return self._client

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()
