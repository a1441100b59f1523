"""The contract test of extensions, for authors: `assert_extension(my_extension)` in a test of your own."""

import asyncio
import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import httpx
import structlog

from app.sdk.context import Connector, Context
from app.sdk.handlers import HandlerName
from app.sdk.shape import find_problems

__all__ = ["MemoryConnector", "a_context", "assert_extension", "check_extension"]

_HANDLER_WORDS = {name.lower() for name in HandlerName}


def check_extension(extension: object) -> list[str]:
    """List what is wrong with a module or object meant as an extension; empty when the host would load it.

    Stricter than the host in one thing: a name that looks like a misspelt handler (`publish_handler`) is listed.
    """
    return [*find_problems(extension), *_misspelt_handlers(extension)]


def assert_extension(extension: object) -> None:
    """Raise AssertionError naming everything `check_extension` finds."""
    problems = check_extension(extension)
    if problems:
        raise AssertionError("not a usable extension:\n" + "\n".join(f"- {problem}" for problem in problems))


class MemoryConnector:
    """A connector that keeps everything in dictionaries, to try a handler without a service."""

    def __init__(self, prompts: Mapping[int, dict[str, Any]] | None = None) -> None:
        self.prompts = dict(prompts or {})
        self.contents: dict[int, dict[str, Any]] = {}
        self.published: list[int] = []
        self.resets = 0

    async def read_prompt(self, prompt_id: int) -> dict[str, Any] | None:
        return self.prompts.get(prompt_id)

    async def read_content(self, content_id: int) -> dict[str, Any] | None:
        return self.contents.get(content_id)

    async def submit_content(self, data: dict[str, Any], *, publish: bool) -> int:
        number = len(self.contents) + 1
        self.contents[number] = {**data, "id": number}
        if publish:
            await self.publish_content(number, rewrite=False)
        return number

    async def publish_content(self, content_id: int, *, rewrite: bool) -> int | None:
        if content_id not in self.contents:
            return None
        if content_id not in self.published:
            self.published.append(content_id)
        return self.published.index(content_id) + 1

    async def reset_prompts(self) -> bool:
        self.resets += 1
        return True


def a_context(
    *,
    connector: Connector | None = None,
    settings: Mapping[str, Any] | None = None,
    http: httpx.AsyncClient | None = None,
) -> Context:
    """A context to call your handler with, made inside a running loop; `http` is yours to close."""
    return Context(
        log=structlog.get_logger("pygai.extension"),
        settings=MappingProxyType(dict(settings or {})),
        connector=connector or MemoryConnector(),
        open_http=functools.cache(lambda: http or httpx.AsyncClient()),
        loop=asyncio.get_running_loop(),
    )


def _misspelt_handlers(extension: object) -> list[str]:
    return [
        f"{name} looks like a handler but is not one of {', '.join(HandlerName)}"
        for name in dir(extension)
        if name not in list(HandlerName) and name.replace("_", "").lower() in _HANDLER_WORDS
    ]
