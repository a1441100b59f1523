"""What an extension may import. Nothing here changes under an extension without a new major version."""

from app.sdk.context import Connector, Context
from app.sdk.handlers import (
    ContentHandler,
    HandlerName,
    Proceed,
    PromptHandler,
    PublishHandler,
    ResetHandler,
)

__all__ = [
    "Connector",
    "ContentHandler",
    "Context",
    "HandlerName",
    "Proceed",
    "PromptHandler",
    "PublishHandler",
    "ResetHandler",
]
