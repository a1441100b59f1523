"""Log lines: for people on a terminal, JSON otherwise; each carries the request's id."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from app.core.settings import Settings


def configure(settings: Settings) -> None:
    as_json = settings.log_json if settings.log_json is not None else not sys.stderr.isatty()
    level = logging.getLevelNamesMapping()[settings.log_level]
    rendering = [
        # Without the frames' variables: they hold tokens, passwords and texts.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(
                rendering
                if as_json
                else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # Every request is logged once, with its id, by our own edge.
    logging.getLogger("uvicorn.access").disabled = True
