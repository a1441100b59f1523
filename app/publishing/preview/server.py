"""Pages in a theme that is being written: on 127.0.0.1, each made when it is asked for, or in a folder."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.core import errors
from app.core.http import sockets
from app.core.http.protocol import BoundedHttpProtocol
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.publishing import addresses
from app.publishing.pages.theme import Theme, ThemeError, find_theme
from app.publishing.pages.theme_files import files_of, folders_of, get_theme
from app.publishing.preview.sources import Exhibit, SampleExhibit, site_exhibit
from app.publishing.serving.media_types import media_type_of
from app.publishing.serving.responder import HEADERS
from app.sites import service as sites

HOST = "127.0.0.1"
SAMPLE_URL = "https://sample.example/"
LINES_AROUND = 4

# What stands in the way of a theme's pages, in the theme itself.
_FAILURES = (ThemeError, UnicodeDecodeError, OSError)
_PLACE = re.compile(r" failed in (.+?), line (\d+): ")
_NEVER_KEPT = {"Cache-Control": "no-store"}
_TROUBLE_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", **_NEVER_KEPT}
_TROUBLE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>The theme failed</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>
body {{ margin: 3rem auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.5rem; }}
pre {{ padding: 1rem 0; overflow-x: auto; border-block: 1px solid; line-height: 1.6; tab-size: 4; }}
mark {{ display: block; }}
</style></head>
<body><main><h1>The theme failed</h1><p>{reason}</p>{source}<p>Mend it and load this page again.</p></main></body>
</html>
"""


OpenDatabase = Callable[[], AbstractAsyncContextManager[Database]]


@dataclass(frozen=True)
class Preview:
    """A theme, and what is shown in it: the sample, or the site of that name. The sample opens no database."""

    settings: Settings
    theme: str
    site: str | None
    open_database: OpenDatabase

    def serve(self, port: int, *, announce: Callable[[str], None]) -> None:
        """Serve pages until stopped; `announce` is told their address. Raises Invalid, NotFound, CannotListen."""
        get_theme(self.theme, self.settings.themes_folder)
        with sockets.listen(HOST, port) as listener, suppress(KeyboardInterrupt):
            asyncio.run(self._serve(listener, announce))

    def write(self, folder: Path) -> int:
        """Write all pages; how many files. Raises Invalid, NotFound, Conflict where the folder is not empty."""
        theme = get_theme(self.theme, self.settings.themes_folder)
        if folder.exists() and any(folder.iterdir()):
            raise errors.Conflict({"once": f"{folder} is not empty"})
        return asyncio.run(self._write(theme, folder))

    async def _serve(self, listener: socket.socket, announce: Callable[[str], None]) -> None:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"
        async with self._exhibit(url) as exhibit:
            announce(url)
            app = preview_app(self.settings, self.theme, exhibit)
            config = uvicorn.Config(app, http=BoundedHttpProtocol, log_level="warning", access_log=False)
            await uvicorn.Server(config).serve([listener])

    async def _write(self, theme: Theme, folder: Path) -> int:
        async with self._exhibit(SAMPLE_URL) as exhibit:
            try:
                # All of them first: a theme that fails leaves no half of a site.
                files = [file async for file in exhibit.all(theme)]
            except (ThemeError, UnicodeDecodeError) as wrong:
                raise errors.Invalid({"theme": str(wrong)}) from wrong
        await asyncio.to_thread(_put, folder, {file.path: file.body for file in files})
        return len(files)

    @asynccontextmanager
    async def _exhibit(self, url: str) -> AsyncIterator[Exhibit]:
        if self.site is None:
            yield SampleExhibit(url)
            return
        async with self.open_database() as database:
            directory = await sites.get_by_name(database, self.site)
            yield site_exhibit(self.settings, database, directory, url)


def preview_app(settings: Settings, name: str, exhibit: Exhibit) -> Starlette:
    """Pages for browsers of this machine, in the theme as it is at each request."""
    visit = _Visit(
        partial(find_theme, name, settings.themes_folder), exhibit, folders_of(name, settings.themes_folder)
    )
    return Starlette(
        routes=[Route("/{path:path}", visit.answer)],
        # Another site may not have its name resolve to us, and read along.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
    )


@dataclass(frozen=True)
class _Visit:
    find_theme: Callable[[], Theme]
    exhibit: Exhibit
    folders: Sequence[Path]

    async def answer(self, request: Request) -> Response:
        try:
            return await self._page(request.path_params["path"], self.find_theme())
        except _FAILURES as failure:
            return HTMLResponse(trouble(str(failure), self.folders), status_code=500, headers=_TROUBLE_POLICY)

    async def _page(self, path: str, theme: Theme) -> Response:
        wanted = path + addresses.INDEX if path.endswith("/") or not path else path
        body = await self.exhibit.find(wanted, theme)
        if body is not None:
            return _shown(wanted, body)
        if wanted != path:
            body = await self.exhibit.find(path + addresses.GONE, theme)
            if body is not None:
                return _shown(addresses.GONE, body, status=410)
        elif await self.exhibit.find(f"{path}/{addresses.INDEX}", theme) is not None:
            return RedirectResponse(f"/{path}/", headers=_NEVER_KEPT)
        return _shown(addresses.NOT_FOUND, await self.exhibit.find(addresses.NOT_FOUND, theme) or b"", status=404)


def _shown(path: str, body: bytes, *, status: int = 200) -> Response:
    headers = {**HEADERS, **_NEVER_KEPT, "Content-Type": media_type_of(path)}
    return Response(body, status_code=status, headers=headers)


def trouble(reason: str, folders: Sequence[Path]) -> str:
    """A page about why there is none, with the lines of the template around the one that failed."""
    place = _PLACE.search(reason)
    source = _lines(files_of(folders).get(place[1]), int(place[2])) if place else ""
    return _TROUBLE.format(reason=escape(reason), source=source)


def _lines(file: Path | None, line: int) -> str:
    if file is None:
        return ""
    first = max(line - LINES_AROUND, 1)
    lines = file.read_text("utf-8", errors="replace").splitlines()[first - 1 : line + LINES_AROUND]
    shown = [
        f"<mark>{number:4}  {escape(text)}</mark>" if number == line else f"{number:4}  {escape(text)}\n"
        for number, text in enumerate(lines, first)
    ]
    return f"<p>{escape(str(file))}</p><pre>{''.join(shown)}</pre>"


def _put(folder: Path, bodies: dict[str, bytes]) -> None:
    for path, body in bodies.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
