"""The outermost layer: request ids, limits, security headers, the log line, and no bare exception."""

import re
import time
import uuid

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import errors, jsend
from app.core.db import is_unavailable
from app.core.storage import StorageUnusable

log = structlog.get_logger(__name__)

# Those that are counted by name; a client may make up more.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# Swagger UI writes its own script and styles into its page.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)

requests_total = Counter("pygai_requests_total", "Requests answered", ["method", "route", "status"])
request_seconds = Histogram("pygai_request_seconds", "Time from request to the end of the answer", ["route"])


class Edge:
    """Pure ASGI, so that it costs little and sees every byte."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, max_upload_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            await self._answer(scope, receive, exchange)
        finally:
            exchange.finish()
            structlog.contextvars.unbind_contextvars("request_id")

    async def _answer(self, scope: Scope, receive: Receive, exchange: "Exchange") -> None:
        limit = self._max_upload_bytes if _is_upload(scope) else self._max_body_bytes
        try:
            _check_declared_length(scope, limit)
            await self._app(scope, _limited(receive, limit), exchange.send)
        except Exception as raised:  # noqa: BLE001 -- whatever it is, the caller gets an envelope and we get the trace
            await exchange.refuse(scope, receive, raised)


class Exchange:
    """One request and its answer, as the edge sees them."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        self.status = 0
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message["headers"])
            headers["X-Request-ID"] = self.request_id
            if self._scope["path"].endswith("/docs"):
                headers["Content-Security-Policy"] = DOCS_POLICY
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            message["headers"] = headers.raw
        await self._send(message)

    async def refuse(self, scope: Scope, receive: Receive, raised: Exception) -> None:
        if self.status:
            # The answer has begun: it cannot be taken back, only broken off.
            log.exception("failed while answering")
            raise raised
        await _answer_to(raised)(scope, receive, self.send)

    def finish(self) -> None:
        seconds = time.perf_counter() - self._began
        route = self._scope.get("route")
        path = getattr(route, "path", "unmatched")
        method = self._scope["method"]
        requests_total.labels(method if method in METHODS else "other", path, self.status).inc()
        request_seconds.labels(path).observe(seconds)
        log.info(
            "request",
            method=method,
            path=self._scope["path"],
            status=self.status,
            milliseconds=round(seconds * 1000, 2),
        )


def _answer_to(raised: Exception) -> Response:
    if isinstance(raised, errors.DomainError):
        return jsend.refusal(raised)
    if is_unavailable(raised):
        log.error("database away", reason=repr(raised))
        return jsend.error(503, "The database is away for a moment; try again", headers={"Retry-After": "1"})
    if isinstance(raised, StorageUnusable):
        log.error("storage unusable", reason=str(raised))
        return jsend.error(503, "The place of the files cannot be used at the moment", headers={"Retry-After": "10"})
    log.exception("failed to answer", exc_info=raised)
    return jsend.error()


def _is_upload(scope: Scope) -> bool:
    return Request(scope).headers.get("content-type", "").startswith("multipart/form-data")


def _check_declared_length(scope: Scope, limit: int) -> None:
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdecimal():
        raise errors.BadRequest({"Content-Length": "must be a whole number"})
    if int(declared) > limit:
        raise errors.TooLarge({"body": f"may have at most {limit} bytes"})


def _limited(receive: Receive, limit: int) -> Receive:
    """`receive` that counts, for bodies that do not declare their length."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            # The framework takes any other class for a body that cannot be parsed, and answers 400.
            raise HTTPException(413, f"may have at most {limit} bytes")
        return message

    return counted
