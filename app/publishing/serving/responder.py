"""What a reader gets for an address below a site: a file, a folder's page, or word that there is none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from obstore.store import ObjectStore
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core import errors
from app.media.errors import nothing_here
from app.media.serving import serve
from app.publishing.addresses import INDEX, NOT_FOUND
from app.publishing.serving.media_types import media_type_of

GONE = "gone.html"

# Each page narrows this further by its own `<meta>`.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; media-src 'self'; "
    "script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
FRESH = "public, max-age=60"
# For what carries a digest of its content in its name.
FOR_GOOD = "public, max-age=31536000, immutable"
NOT_KEPT = "no-store"

_DIGESTED = re.compile(r"assets/.+\.[0-9a-f]{8,64}\.[a-z0-9]+", re.ASCII)
# Hidden files, half-written ones, and ways out of the folder.
_ODD = re.compile(r"(^|/)\.|//|#|^/|\x00")
_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Visit:
    """One question for a path of a site. `address` is the site's own, below which the path is."""

    store: ObjectStore
    address: str
    path: str
    request: Request

    async def answer(self) -> Response:
        """Raises NotFound where the caller would not know what to do with the site's own page about it."""
        if _ODD.search(self.path):
            return await self._missing()
        if self.path.endswith("/") or not self.path:
            found = await self._file(self.path + INDEX) or await self._left(self.path + GONE, 410, FRESH)
        else:
            found = await self._file(self.path) or await self._folder()
        return found or await self._missing()

    async def _file(
        self, path: str, *, request: Request | None = None, cached: str | None = None
    ) -> Response | None:
        try:
            return await serve(
                self.store,
                path,
                request or self.request,
                media_type=media_type_of(path),
                cache_control=cached or (FOR_GOOD if _DIGESTED.fullmatch(path) else FRESH),
                extra_headers=HEADERS,
            )
        except errors.NotFound:
            return None

    async def _left(self, path: str, status: int, cached: str) -> Response | None:
        """A page about there being no page: whole, whatever part of it was asked for."""
        page = await self._file(path, request=self._bare(self.request.method), cached=cached)
        if page is not None:
            page.status_code = status
            for name in ("ETag", "Accept-Ranges"):
                del page.headers[name]
        return page

    async def _folder(self) -> Response | None:
        """Links within a page need the slash behind its folder."""
        if "." in self.path.rpartition("/")[2]:
            return None
        for page in (INDEX, GONE):
            if await self._file(f"{self.path}/{page}", request=self._bare("HEAD")):
                query = self.request.url.query
                where = f"{self.address}{quote(self.path)}/" + (f"?{query}" if query else "")
                return RedirectResponse(where, status_code=308)
        return None

    async def _missing(self) -> Response:
        if prefers_html(self.request.headers.get("Accept", "")):
            page = await self._left(NOT_FOUND, 404, NOT_KEPT)
            if page is not None:
                return page
        raise nothing_here()

    def _bare(self, method: str) -> Request:
        return Request({**self.request.scope, "method": method, "headers": []})


def prefers_html(accept: str) -> bool:
    """Whether somebody asks for pages by name, and not rather for JSON (RFC 9110, 12.5.1)."""
    weights = _weights(accept)
    html = weights.get("text/html", 0.0)
    return html > 0 and html >= weights.get("application/json", 0.0)


def _weights(accept: str) -> Mapping[str, float]:
    weights = {}
    for entry in accept.lower().split(","):
        media_type, *parameters = entry.split(";")
        given = [float(found[1]) for parameter in parameters if (found := _WEIGHT.fullmatch(parameter))]
        weights[media_type.strip()] = given[0] if given else 1.0
    return weights
