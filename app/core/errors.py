"""What can go wrong, as classes.

DomainError            a refusal the caller can understand; carries its HTTP status
├── BadRequest         400  the bytes cannot be read
├── Unauthorized       401  no valid token
├── Forbidden          403  a valid token that may not do this
├── NotFound           404
├── Conflict           409  the state of things forbids it
├── TooLarge           413
├── UnsupportedType    415
├── Invalid            422  a field has the wrong shape
└── TooMany            429  asked too often
"""

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """A refusal: `reasons` says, field by field, what the caller can mend."""

    status = 400
    headers: Mapping[str, str] = {}

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in reasons.items()))
        self.reasons = dict(reasons)

    def __reduce__(self) -> tuple[Any, ...]:
        # From one process to another it is made again from what it was made of.
        return type(self), (self.reasons,)


class BadRequest(DomainError):
    status = 400


class Unauthorized(DomainError):
    status = 401
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(DomainError):
    status = 403


class NotFound(DomainError):
    status = 404


class Conflict(DomainError):
    status = 409


class TooLarge(DomainError):
    status = 413


class UnsupportedType(DomainError):
    status = 415


class Invalid(DomainError):
    status = 422


class TooMany(DomainError):
    """Asked too often; `retry_after_seconds` is sent as Retry-After."""

    status = 429

    def __init__(self, reasons: Mapping[str, str], *, retry_after_seconds: int) -> None:
        super().__init__(reasons)
        self.headers = {"Retry-After": str(max(1, retry_after_seconds))}
