"""Published sites, for those who have no web server of their own in front."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from app.api.dependencies import runtime_of
from app.core.http import jsend
from app.core.http.routing import hot_router
from app.publishing.serving.responder import Visit

SiteName = Annotated[str, Path(description="The site's name (gaiDirectory.name).", examples=["MyWebSite"])]
PagePath = Annotated[str, Path(description="The page below the site.", examples=["2026/11/rain-on-the-window/"])]


def page_address(name: SiteName, path: PagePath) -> None:
    """For the document alone: a hot route reads its address itself."""


router = hot_router(tags=["Sites"], documented_dependencies=[Depends(page_address)])


@router.api_route("/sites/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def site_without_slash(request: Request) -> Response:
    """Relative links need the slash."""
    return RedirectResponse(_address(request), status_code=308)


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
        308: {"description": "A folder without its slash: `Location` has it with one"},
        410: {
            "description": "The page was taken down",
            "content": {"text/html": {"example": "<!doctype html><title>No longer here</title>"}},
        },
        **jsend.documents(404, 416, 503),
    },
)
async def page(request: Request) -> Response:
    """A file of a published site; a folder shows its `index.html`.

    What is not there is told by the site's own page to those who ask for `text/html`, in JSend to all others.
    """
    store = await runtime_of(request).site_resolver.get_store(request.path_params["name"])
    return await Visit(store, _address(request), request.path_params["path"], request).answer()


def _address(request: Request) -> str:
    """Of the site, below the prefix that a proxy may show it at."""
    prefix = runtime_of(request).settings.path_prefix
    return f"{prefix}/sites/{quote(request.path_params['name'], safe='')}/"
