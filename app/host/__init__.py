"""The host of extensions: finds, loads, chains and guards them."""

from app.host.errors import ExtensionError, HandlerFailed
from app.host.host import ExtensionHost
from app.host.records import LoadProblem

__all__ = ["ExtensionError", "ExtensionHost", "HandlerFailed", "LoadProblem"]
