"""The four handlers an extension may carry (T3), under their documented names and signatures."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

Proceed = Callable[..., Any]
"""The rest of the chain; awaited by an async handler, simply called by a sync one."""


class HandlerName(StrEnum):
    """The names under which an extension carries its handlers."""

    PROMPT = "promptHandler"
    RESET = "resetHandler"
    CONTENT = "contentHandler"
    PUBLISH = "publishHandler"


ARGUMENT_TYPES: Mapping[HandlerName, tuple[type, ...]] = MappingProxyType(
    {
        HandlerName.PROMPT: (int, int, int, int),
        HandlerName.RESET: (),
        HandlerName.CONTENT: (str, bool, dict),
        HandlerName.PUBLISH: (int, bool),
    }
)
"""What each handler is called with, positionally and in this order."""

# Every handler may also declare `proceed` and `context`, which a Protocol cannot say: they are given by name.


class PromptHandler(Protocol):
    """T1: chooses a task. Filters are numbers, 0 where there is none; None or {} means nothing to do."""

    def __call__(
        self,
        promptId: int,  # noqa: N803
        intervalId: int,  # noqa: N803
        topicId: int,  # noqa: N803
        dirId: int,  # noqa: N803
        /,
    ) -> dict[str, Any] | Awaitable[dict[str, Any] | None] | None: ...


class ResetHandler(Protocol):
    """T4: makes used prompts available again; True (or None) when it did."""

    def __call__(self) -> bool | Awaitable[bool | None] | None: ...


class ContentHandler(Protocol):
    """T2: takes a submission (`inputData` is its `data` as sent) and returns the number of the content."""

    def __call__(
        self,
        text: str,
        writetofile: bool,
        inputData: dict[str, Any],  # noqa: N803
        /,
    ) -> int | Awaitable[int]: ...


class PublishHandler(Protocol):
    """T3: publishes a content and returns the number of the publication, None when there is none."""

    def __call__(
        self,
        contentId: int,  # noqa: N803
        reWrite: bool,  # noqa: N803
        /,
    ) -> int | Awaitable[int | None] | None: ...
