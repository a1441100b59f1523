"""Whether an object is shaped as an extension. The host asks when it loads one, authors in their tests."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.sdk.handlers import ARGUMENT_TYPES, HandlerName

BY_NAME = ("proceed", "context")
PARTS = (*HandlerName, "router", "listeners", "Settings", "migrations", "admin")

_NAMED = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


def find_problems(extension: object) -> Iterator[str]:
    """Say, one sentence each, what keeps `extension` from being used."""
    if isinstance(extension, type):
        yield f"{extension.__name__} is a class; name an instance of it, or a module"
        return
    carried = [part for part in PARTS if getattr(extension, part, None) is not None]
    if not carried:
        yield f"it carries none of {', '.join(PARTS)}"
    for name in HandlerName:
        if hasattr(extension, name):
            yield from handler_problems(name, getattr(extension, name))
    yield from _other_problems(extension)


def handler_problems(name: HandlerName, function: object) -> Iterator[str]:
    """Say what is wrong with the handler `name`: not callable, a generator, other parameters."""
    if not callable(function):
        yield f"{name} is not callable"
        return
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        yield f"{name} is a generator; return the result instead"
        return
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        yield f"{name} has no readable signature"
        return
    try:
        signature.bind(*ARGUMENT_TYPES[name], **dict.fromkeys(parameters_by_name(function)))
    except TypeError as error:
        count = len(ARGUMENT_TYPES[name])
        yield f"{name}{signature} cannot be called with {count} positional arguments: {error}"


def parameters_by_name(function: Callable[..., Any]) -> frozenset[str]:
    """Which of `proceed` and `context` the function declares."""
    parameters = inspect.signature(function).parameters
    return frozenset(name for name in BY_NAME if name in parameters and parameters[name].kind in _NAMED)


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await; true of an object with an async `__call__` as well."""
    call = getattr(function, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)


def listeners_of(extension: object) -> tuple[tuple[str | None, Callable[..., Any]], ...]:
    """The listeners with the event each wants; None stands for every event."""
    carried = getattr(extension, "listeners", None) or ()
    if not isinstance(carried, Mapping):
        return tuple((None, listener) for listener in carried)
    return tuple((event, one) for event, some in carried.items() for one in _as_many(some))


def _as_many(listeners: Any) -> Iterable[Callable[..., Any]]:
    return (listeners,) if callable(listeners) else listeners


def _other_problems(extension: object) -> Iterator[str]:
    router = getattr(extension, "router", None)
    if router is not None and not isinstance(router, APIRouter):
        yield "router is not a fastapi.APIRouter"
    settings = getattr(extension, "Settings", None)
    if settings is not None and not (isinstance(settings, type) and issubclass(settings, BaseModel)):
        yield "Settings is not a pydantic-settings class"
    try:
        wrong = [listener for _, listener in listeners_of(extension) if not callable(listener)]
    except TypeError:
        yield "listeners is neither a mapping of events to callables nor a list of callables"
        return
    for listener in wrong:
        yield f"listener {listener!r} is not callable"
