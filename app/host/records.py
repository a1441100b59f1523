"""What the host knows about extensions, as plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter

from app.sdk import HandlerName, shape

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Origin:
    """Where an extension comes from."""

    name: str
    source: str
    version: str | None = None


@dataclass(frozen=True)
class Handler:
    """A callable of an extension and how it wants to be called."""

    extension: str
    name: str
    function: Callable[..., Any]
    is_async: bool
    by_name: frozenset[str]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, extension: str, name: str, function: Callable[..., Any], settings: Mapping[str, Any] = NOTHING
    ) -> "Handler":
        return cls(
            extension, name, function, shape.is_async(function), shape.parameters_by_name(function), settings
        )


@dataclass(frozen=True)
class Extension:
    """A loaded extension."""

    origin: Origin
    handlers: Mapping[HandlerName, Handler]
    listeners: tuple[tuple[str | None, Handler], ...] = ()
    router: APIRouter | None = None

    @property
    def name(self) -> str:
        return self.origin.name


@dataclass(frozen=True)
class LoadProblem:
    """Why an extension, or one file of the extension path, is not in use."""

    extension: str
    source: str
    reason: str


@dataclass(frozen=True)
class Failures:
    """What went wrong with an extension while the service ran, in this process."""

    count: int
    last_handler: str
    last_reason: str
    last_at: datetime


@dataclass(frozen=True)
class Discovery:
    """Everything found, everything loaded (in the order of the settings) and everything that would not load."""

    found: tuple[Origin, ...] = ()
    loaded: tuple[Extension, ...] = ()
    problems: tuple[LoadProblem, ...] = ()
