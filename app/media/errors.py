"""Why a file could not be had: from elsewhere, and of our own.

FetchError            `reason` in plain words, fit to be shown to whoever named the file
├── FetchRefused      for good: trying again cannot help
└── FetchFailed       for now: trying again later may help
"""

from app.core.errors import NotFound


class FetchError(Exception):
    """`reason` is shown to the submitter, so it holds no internals."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FetchRefused(FetchError):
    """The address is not allowed, the file is too large, or the server says that it is not there."""


class FetchFailed(FetchError):
    """The network, the name service or the server had a bad moment."""


def no_file() -> NotFound:
    return NotFound({"hash": "there is no such file"})


def nothing_here() -> NotFound:
    return NotFound({"path": "there is nothing here"})
