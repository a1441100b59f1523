"""How requests come off the wire."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Address and headers together, as other servers have it.
MOST_BYTES_OF_HEAD = 64 * 1024


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's own, which would keep a head of any length in memory, token or not."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._is_in_head = False
        self._head_bytes = 0

    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_in_head or self.transport.is_closing():
            return
        # Counted in pieces as they arrive: what comes in one piece is small enough to be let through.
        self._head_bytes += len(data)
        if self._head_bytes > MOST_BYTES_OF_HEAD:
            self.send_400_response(f"Address and headers may have at most {MOST_BYTES_OF_HEAD} bytes")
