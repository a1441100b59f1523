"""The one module that builds answer bodies."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from app.core import errors
from schemas import jsend as envelopes

NO_STORE = {"Cache-Control": "no-store"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

Responses = dict[int | str, dict[str, Any]]


class JSendResponse(Response):
    """A JSend body as UTF-8 JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return to_json(content)


def success(data: Any = None, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return JSendResponse({"status": "success", "data": {} if data is None else data}, status, headers)


def fail(reasons: Mapping[str, str], *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSendResponse({"status": "fail", "data": dict(reasons)}, status, headers)


def error(
    status: int = 500,
    message: str = "The service failed to answer; the request id finds the cause in its log",
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return JSendResponse({"status": "error", "message": message, "code": status}, status, headers)


def refusal(refused: errors.DomainError) -> Response:
    return fail(refused.reasons, status=refused.status, headers=refused.headers)


def documents(*statuses: int) -> Responses:
    """The `responses=` of a route: the envelope of each status it can answer with."""
    return {
        status: {
            "model": envelopes.Error if status >= 500 else envelopes.Fail,
            "description": _MEANING[status],
            "content": {"application/json": {"example": _example(status)}},
        }
        for status in statuses
    }


def _example(status: int) -> dict[str, Any]:
    if status >= 500:
        return {"status": "error", "message": _EXAMPLES[status], "code": status}
    field, reason = _EXAMPLES[status].split(": ", 1)
    return {"status": "fail", "data": {field: reason}}


_EXAMPLES = {
    400: "body: is not valid JSON in UTF-8",
    401: "Authorization: the token is unknown, expired or revoked",
    403: "Authorization: only an administrator may do this",
    404: "id: there is no content 12",
    409: "id: prompt 1 is not leased to this token",
    413: "body: may have at most 16777216 bytes",
    415: "Content-Type: must be application/json",
    416: "Range: there are 68 bytes",
    422: "id: must be a whole number, 0 or more",
    429: "username: too many failed sign-ins; wait",
    500: "The service failed to answer; the request id finds the cause in its log",
    502: "An extension of this service failed",
    503: "The database is away for a moment; try again",
}

_MEANING = {
    400: "The body cannot be read",
    401: "No valid token",
    403: "The token may not do this",
    404: "There is no such thing",
    409: "The state of things forbids it",
    413: "Too large",
    415: "The content type is not supported",
    416: "There is no such part of it",
    422: "A field has the wrong shape",
    429: "Asked too often; Retry-After says when to come back",
    500: "The service failed",
    502: "An extension of the service failed",
    503: "The service is not ready",
}

# What the framework refuses by itself: the field that is at fault, and the reason if its own words do not say it.
_FIELDS = {400: "body", 404: "path", 405: "method", 413: "body"}
_REASONS = {400: "cannot be read", 404: "there is nothing here", 405: "not allowed here"}


def install(app: FastAPI) -> None:
    """Make every answer of the application JSend, the framework's own refusals included."""

    @app.exception_handler(errors.DomainError)
    async def domain_error(_: Request, refused: errors.DomainError) -> Response:
        return refusal(refused)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, refused: RequestValidationError) -> Response:
        return fail(reasons_of(refused.errors()), status=422)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, refused: HTTPException) -> Response:
        if refused.status_code >= 500:
            return error(refused.status_code, str(refused.detail))
        field = _FIELDS.get(refused.status_code, "request")
        reason = _REASONS.get(refused.status_code, str(refused.detail))
        headers = {"Allow": _methods_of(request)} if refused.status_code == 405 else refused.headers
        return fail({field: reason}, status=refused.status_code, headers=headers)


def _methods_of(request: Request) -> str:
    """Every method of a path: the framework names only those of the first route that has the path."""

    def is_understood(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(is_understood, METHODS))


def reasons_of(problems: Any) -> dict[str, str]:
    """Pydantic's list of errors as JSend reasons, keyed by the innermost field's path."""
    reasons: dict[str, str] = {}
    for problem in problems:
        place = [str(part) for part in problem["loc"] if part not in {"query", "path", "body", "header"}]
        message = str(problem["msg"]).removeprefix("Value error, ")
        reasons.setdefault(".".join(place) or "body", message)
    return reasons
