"""How routes are added, and those so hot that FastAPI's care for them would cost more than their work."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class HotRoute(APIRoute):
    """A route whose endpoint is given the bare request, and reads and refuses for itself.

    What it declares beyond that, its dependencies included, is for the OpenAPI document and never run.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await cast(Endpoint, self.endpoint)(Request(scope, receive, send))
        await response(scope, receive, send)


def hot_router(*, documented_dependencies: Sequence[Depends] = (), **options: Any) -> APIRouter:
    """A router of hot routes. The dependencies are for the OpenAPI document: none of them guards anything."""
    return APIRouter(route_class=HotRoute, dependencies=documented_dependencies, **options)


def install(app: FastAPI, router: APIRouter) -> None:
    """Add the routes themselves: `include_router` would have each request look for its route twice over."""
    app.router.routes.extend(router.routes)
