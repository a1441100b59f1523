"""A folder of pages, shown as the service shows published sites."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core import errors
from app.core.storage import open_store
from app.publishing.serving.responder import Visit


@contextmanager
def shown(folder: Path) -> Iterator[str]:
    """The address of the folder while it is shown."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(_showing(folder), log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


def _showing(folder: Path) -> Starlette:
    store = open_store(str(folder))

    async def show(request: Request) -> Response:
        try:
            return await Visit(store, "/", request.path_params["path"], request).answer()
        except errors.NotFound:
            return Response(status_code=404)

    return Starlette(routes=[Route("/{path:path}", show)])
