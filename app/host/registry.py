"""Which handlers are in use, in which order, and what went wrong with whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from app.host.records import Discovery, Extension, Failures, LoadProblem
from app.host.runner import Guard
from app.sdk import HandlerName


@dataclass(frozen=True)
class Description:
    """One line of `pygai extension list`."""

    name: str
    source: str
    version: str | None
    enabled: bool
    handlers: tuple[str, ...] = ()
    problem: str | None = None
    failures: Failures | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same, ready for JSON."""
        line = asdict(self) | {"handlers": list(self.handlers)}
        if self.failures:
            line["failures"]["last_at"] = self.failures.last_at.isoformat()
        return line


class Roster:
    """The extensions of one service."""

    def __init__(self, discovery: Discovery, enabled: Sequence[str] = (), timeout_seconds: float = 30) -> None:
        self._discovery = discovery
        self._enabled = tuple(dict.fromkeys(enabled))
        self._failures: dict[str, Failures] = {}
        chains = {
            name: tuple(
                Guard(extension.handlers[name], timeout_seconds)
                for extension in discovery.loaded
                if name in extension.handlers
            )
            for name in HandlerName
        }
        self._chains: dict[str, tuple[Guard, ...]] = {name: chain for name, chain in chains.items() if chain}
        self._listeners = tuple(
            (event, Guard(listener, timeout_seconds))
            for extension in discovery.loaded
            for event, listener in extension.listeners
        )

    def has(self, handler_name: str) -> bool:
        """Whether an extension carries this handler; one look into a dictionary."""
        return handler_name in self._chains

    def chain(self, handler_name: str) -> tuple[Guard, ...]:
        """The handlers of this name in the order of the settings."""
        return self._chains.get(HandlerName(handler_name), ())

    def listeners(self, event: str) -> tuple[Guard, ...]:
        return tuple(listener for wanted, listener in self._listeners if wanted in {None, event})

    def routers(self) -> Iterator[tuple[str, APIRouter]]:
        for extension in self._discovery.loaded:
            if extension.router is not None:
                yield extension.name, extension.router

    @property
    def problems(self) -> tuple[LoadProblem, ...]:
        return self._discovery.problems

    @property
    def failures(self) -> Mapping[str, Failures]:
        """What went wrong at run time in this process, by extension."""
        return dict(self._failures)

    def record(self, extension: str, handler: str, reason: str) -> None:
        """Note a failure against the extension's name."""
        latest = Failures(1, handler, reason, datetime.now(UTC))
        before = self._failures.get(extension)
        self._failures[extension] = replace(latest, count=before.count + 1) if before else latest

    @property
    def extensions(self) -> tuple[Description, ...]:
        """Enabled ones first, in their order, then whatever else was found."""
        found = {origin.name: origin for origin in reversed(self._discovery.found)}
        loaded = {extension.name: extension for extension in self._discovery.loaded}
        absent = {problem.extension for problem in self.problems}
        names = [name for name in self._enabled if name in found or name in absent]
        names += [name for name in sorted(found) if name not in self._enabled]
        return tuple(self._describe(name, found.get(name), loaded.get(name)) for name in names)

    def _describe(self, name: str, origin: Any, extension: Extension | None) -> Description:
        problems = [problem for problem in self.problems if problem.extension == name]
        return Description(
            name=name,
            source=origin.source if origin else problems[0].source,
            version=origin.version if origin else None,
            enabled=name in self._enabled,
            handlers=tuple(extension.handlers) if extension else (),
            problem="; ".join(problem.reason for problem in problems) or None,
            failures=self._failures.get(name),
        )
