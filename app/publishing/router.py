"""Published sites, for those who have no web server of their own in front."""

import mimetypes
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from app.core import errors, jsend
from app.core.db import DatabaseDep
from app.media.serving import serve
from app.publishing import service, sites

router = APIRouter(tags=["Sites"])

SITE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
FRESH = "public, max-age=60"

SiteName = Annotated[str, Path(description="The site's name (gaiDirectory.name).", examples=["MyWebSite"])]
PagePath = Annotated[str, Path(description="The page below the site.", examples=["2026/11/rain-on-the-window/"])]


@router.api_route("/sites/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def site_without_slash(request: Request, name: str) -> Response:
    """Relative links need the slash."""
    del name
    prefix = request.app.state.settings.path_prefix
    return RedirectResponse(f"{prefix}{request.url.path.removeprefix(prefix)}/", status_code=308)


@router.head("/sites/{name}/{path:path}", include_in_schema=False)
@router.get(
    "/sites/{name}/{path:path}",
    summary="Read a published page",
    response_class=Response,
    responses={
        200: {
            "description": "The page, or a file that it shows",
            "content": {
                "text/html": {"example": "<!doctype html><title>Rain on the window</title>"},
                "*/*": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        206: {"description": "The part that `Range` asked for"},
        304: {"description": "The caller has it already"},
        **jsend.documents(404, 416, 503),
    },
)
async def page(request: Request, database: DatabaseDep, name: SiteName, path: PagePath) -> Response:
    """A file of a published site; a folder shows its `index.html`."""
    settings = request.app.state.settings
    directory = await service.get_directory(database, name)
    if path.endswith("/") or not path:
        path += "index.html"
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise errors.NotFound({"path": "there is nothing here"})
    return await serve(
        sites.store_of(settings, directory),
        path,
        request,
        media_type=media_type_of(path),
        filename=None,
        inline=True,
        cache_control=FRESH,
        extra_headers=SITE_HEADERS,
    )


def media_type_of(path: str) -> str:
    """By the name's ending, as any web server in front would do it; the names are ours."""
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
