"""The outermost layer: request ids, limits, security headers, the log line, and no bare exception."""

import os
import re
import time
from collections.abc import Iterable
from functools import cache

import structlog
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import errors
from app.core.http import jsend
from app.core.postgres.database import is_unavailable
from app.core.storage import StorageUnusable

log = structlog.get_logger(__name__)

# Those that are counted by name; a client may make up more.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

# Headers as they go over the wire, because every answer gets them.
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

# Swagger UI writes its own script and styles into its page.
DOCS_POLICY = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
    ),
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
        limit = self._max_upload_bytes if exchange.is_upload else self._max_body_bytes
        try:
            exchange.check_declared_length(limit)
            await self._app(scope, _limited(receive, limit), exchange.send)
        except Exception as raised:  # noqa: BLE001 -- whatever it is, the caller gets an envelope and we get the trace
            await exchange.refuse(scope, receive, raised)


class Exchange:
    """One request and its answer, as the edge sees them."""

    def __init__(self, scope: Scope, send: Send) -> None:
        # Of a header given twice the first counts, as it does for everything behind.
        self._given: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        request_id = self._given.get(b"x-request-id", b"").decode("latin-1")
        self.request_id = request_id if REQUEST_ID.fullmatch(request_id) else os.urandom(16).hex()
        self.status = 0
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._with_ours(message["headers"])
        await self._send(message)

    def _with_ours(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """A part's own policy stands, but for the request id."""
        completed = [header for header in headers if header[0] != b"x-request-id"]
        if self._scope["path"].endswith("/docs"):
            completed.append(DOCS_POLICY)
        names = {name for name, _ in completed}
        completed += [header for header in SECURITY_HEADERS if header[0] not in names]
        completed.append((b"x-request-id", self.request_id.encode()))
        return completed

    @property
    def is_upload(self) -> bool:
        return self._given.get(b"content-type", b"").startswith(b"multipart/form-data")

    def check_declared_length(self, limit: int) -> None:
        """Raises BadRequest, TooLarge."""
        declared = self._given.get(b"content-length", b"0")
        if not declared.isdigit():
            raise errors.BadRequest({"Content-Length": "must be a whole number"})
        if int(declared) > limit:
            raise errors.TooLarge({"body": f"may have at most {limit} bytes"})

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
        _counter(method if method in METHODS else "other", path, self.status).inc()
        _timer(path).observe(seconds)
        log.info(
            "request",
            method=method,
            path=self._scope["path"],
            status=self.status,
            milliseconds=round(seconds * 1000, 2),
        )


@cache
def _counter(method: str, path: str, status: int) -> Counter:
    return requests_total.labels(method, path, status)


@cache
def _timer(path: str) -> Histogram:
    return request_seconds.labels(path)


def _answer_to(raised: Exception) -> Response:
    if isinstance(raised, errors.DomainError):
        return jsend.refusal(raised)
    if isinstance(raised, ClientDisconnect):
        # Nobody reads this; what counts is that it is no failure of ours.
        return jsend.fail({"body": "ended too early"}, status=400)
    if is_unavailable(raised):
        log.error("database away", reason=repr(raised))
        return jsend.error(503, "The database is away for a moment; try again", headers={"Retry-After": "1"})
    if isinstance(raised, StorageUnusable):
        log.error("storage unusable", reason=str(raised))
        return jsend.error(503, "The place of the files cannot be used now", headers={"Retry-After": "10"})
    log.exception("failed to answer", exc_info=raised)
    return jsend.error()


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
