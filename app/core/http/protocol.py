"""How requests come off the wire, and how much of what is no body a client may send."""

import asyncio
from collections import deque
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.core.http import jsend
from app.core.http.middleware import SECURITY_HEADERS

# Address and headers together, as other servers have it; so much, too, may stand around a body and behind it.
MOST_BYTES_OF_HEAD = 64 * 1024
MOST_HEADERS = 256
# Requests that wait on one connection until those before them are answered.
MOST_WAITING_REQUESTS = 128
# Of a body whose answer has left already: closing sooner could take the answer from whoever is still sending.
MOST_UNREAD_BYTES = 128 * 1024 * 1024
# How long a refusal has to reach its client, who may be sending still, before the connection is closed.
LAST_SECONDS = 1.0
# A byte of a body makes up for so many around it, so that small chunks are no offence.
BYTES_AROUND_ONE = 8

TOO_LONG = {"headers": f"address and headers may have at most {MOST_BYTES_OF_HEAD} bytes"}
TOO_MANY = {"headers": f"there may be at most {MOST_HEADERS}"}
TOO_MUCH_AROUND = {"body": f"chunk extensions and trailers may have at most {MOST_BYTES_OF_HEAD} bytes"}
TOO_MANY_WAITING = {"request": f"at most {MOST_WAITING_REQUESTS} may wait on one connection"}
UNREADABLE = {"request": "is not valid HTTP"}


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's own, which would take headers, trailers, chunk extensions and waiting requests without end.

    What arrives is counted by the piece, so that a request in one piece costs next to nothing; a piece has at most
    256 KiB. `_room` is how much may still come that is no body before the message ends.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Nothing of ours speaks WebSocket: whoever asks for it is answered in HTTP.
        self.ws_protocol_class = None
        self._room = MOST_BYTES_OF_HEAD
        self._unread_bytes = 0
        self._is_in_body = False
        self._is_refused = False
        self._reasons = UNREADABLE
        self._answered: RequestResponseCycle | None = None
        # Of the piece that is being read.
        self._bytes = 0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = OrderlyFlow(transport, self.pipeline)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._tell_disconnected()

    def data_received(self, data: bytes) -> None:
        self._bytes = len(data)
        self._body_bytes = 0
        super().data_received(data)
        room = self._room + BYTES_AROUND_ONE * self._body_bytes - (self._bytes - self._body_bytes)
        self._room = min(room, MOST_BYTES_OF_HEAD)
        if room < MOST_BYTES_OF_HEAD or self._is_in_body:
            self._check_unfinished()

    def on_headers_complete(self) -> None:
        if len(self.headers) > MOST_HEADERS or len(self.url) > MOST_BYTES_OF_HEAD or self.pipeline:
            self._check_head()
        super().on_headers_complete()
        self._is_in_body = True
        # Where a part ends within a piece is not known: the piece is held against neither it nor the next.
        self._room = MOST_BYTES_OF_HEAD + self._bytes
        self._body_bytes = self._unread_bytes = 0
        # The request has its headers; what trails the body is none of them and goes nowhere.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._is_in_body = False
        self._room = MOST_BYTES_OF_HEAD + self._bytes
        self._body_bytes = 0

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, _msg: str) -> None:
        self._refuse(400, self._reasons)

    def _check_head(self) -> None:
        if len(self.url) > MOST_BYTES_OF_HEAD:
            self._break_off(TOO_LONG)
        if len(self.headers) > MOST_HEADERS:
            self._break_off(TOO_MANY)
        if len(self.pipeline) >= MOST_WAITING_REQUESTS:
            self._break_off(TOO_MANY_WAITING)

    def _break_off(self, reasons: dict[str, str]) -> None:
        self._reasons = reasons
        raise httptools.HttpParserError

    def _check_unfinished(self) -> None:
        """Of a message that goes on in the next piece."""
        if self._is_refused or self.transport.is_closing():
            return
        if len(self.headers or ()) > MOST_HEADERS:
            self._refuse(400, TOO_MANY)
        elif self._room < 0 and self._is_in_body:
            self._refuse(413, TOO_MUCH_AROUND)
        elif self._room < 0:
            self._refuse(400, TOO_LONG)
        elif self.cycle is not None and self.cycle.response_complete:
            self._unread_bytes += self._bytes
            if self._unread_bytes > MOST_UNREAD_BYTES:
                self.transport.close()

    def _refuse(self, status: int, reasons: dict[str, str]) -> None:
        """Answer, unless that would be taken for the answer to another request, and close."""
        self._is_refused = True
        may_answer = self._may_answer()
        self._tell_disconnected()
        if not may_answer:
            self.transport.close()
            return
        answer = jsend.fail(reasons, status=status)
        headers = [*self.server_state.default_headers, *answer.raw_headers, *SECURITY_HEADERS]
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(
            b"".join([STATUS_LINE[status], *lines, b"connection: close\r\n\r\n", bytes(answer.body)])
        )
        # Closed with something unread, it would be reset, and the answer could be lost on its way.
        self.flow.pause_reading()
        self.loop.call_later(LAST_SECONDS, self.transport.close)

    def _tell_disconnected(self) -> None:
        # uvicorn tells the request that came last, which need not be the one that is being answered.
        cycle = self._answered
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()

    def _may_answer(self) -> bool:
        if self.cycle is None:
            return True
        if self._is_in_body:
            return not self.cycle.response_started and not self.pipeline
        return self.cycle.response_complete


class OrderlyFlow(FlowControl):
    """Reads nothing more while requests wait: the one that is being answered has come in as a whole then."""

    def __init__(self, transport: asyncio.Transport, waiting: deque[Any]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting and not self._transport.is_closing():
            super().resume_reading()
