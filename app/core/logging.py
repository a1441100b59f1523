"""Log lines: for people on a terminal, JSON otherwise; each carries the request's id."""

import json
import logging
import sys
from typing import Any

import structlog
from pydantic_core import PydanticSerializationError, to_json
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core.settings import Settings

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(settings: Settings) -> None:
    as_json = settings.log_json if settings.log_json is not None else not sys.stderr.isatty()
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        **(_for_programs() if as_json else _for_people()),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # Every request is logged once, with its id, by our own edge.
    logging.getLogger("uvicorn.access").disabled = True


def _for_people() -> dict[str, Any]:
    rendering = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return {"processors": [*SHARED, rendering], "logger_factory": structlog.PrintLoggerFactory(sys.stderr)}


def _for_programs() -> dict[str, Any]:
    # Without the frames' variables: they hold tokens, passwords and texts.
    exceptions = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return {
        "processors": [*SHARED, exceptions, _as_json],
        "logger_factory": structlog.BytesLoggerFactory(sys.stderr.buffer),
    }


def _as_json(_logger: WrappedLogger, _name: str, event: EventDict) -> bytes:
    try:
        return to_json(event, fallback=repr)
    except PydanticSerializationError:
        # Bytes or text that is no Unicode, such as half a surrogate pair: told in escapes.
        return json.dumps(event, default=repr).encode()
