"""A real web server on loopback that answers as a test wants it."""

import http.server
import threading
from collections.abc import Iterable

Answer = tuple[int, dict[str, str], bytes]


class FileServer:
    """Answers each path with its list, one after the other, the last one for ever."""

    def __init__(self) -> None:
        answers: dict[str, list[Answer]] = {}
        self.held = 0
        self._released = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/slow/"):
                    server.held += 1
                    server._released.wait(60)
                planned = answers.get(self.path, [(404, {}, b"none")])
                status, headers, body = planned.pop(0) if len(planned) > 1 else planned[0]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._answers = answers
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def serves(
        self,
        path: str,
        body: bytes,
        *,
        status: int = 200,
        media_type: str = "image/png",
        first: Iterable[int] = (),
    ) -> str:
        """The address of a file; the first requests get these statuses instead."""
        failures: list[Answer] = [(failure, {}, b"not now") for failure in first]
        self._answers[path] = [*failures, (status, {"Content-Type": media_type}, body)]
        return self.origin + path

    def redirects(self, path: str, *, to: str) -> str:
        self._answers[path] = [(302, {"Location": to}, b"")]
        return self.origin + path

    def holds(self, name: str) -> str:
        """An address that answers when the server closes, and not before; `held` counts the requests for such."""
        return f"{self.origin}/slow/{name}"

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
