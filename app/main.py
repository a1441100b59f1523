"""The application: the routes, what stands around them, and the runtime behind them."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from starlette.responses import Response

import app.api.access
import app.api.contents
import app.api.health
import app.api.media
import app.api.prompts
import app.api.sites
from app import __version__
from app.core import logging
from app.core.http import jsend, openapi, routing
from app.core.http.cors import JSendCORS
from app.core.http.middleware import Edge
from app.core.settings import Settings
from app.host import ExtensionHost
from app.host.errors import HandlerFailed
from app.runtime import open_runtime, serving

# A request looks for its route in this order.
ROUTERS = (
    app.api.prompts.hot,
    app.api.contents.hot,
    app.api.access.hot,
    app.api.access.router,
    app.api.prompts.router,
    app.api.contents.router,
    app.api.media.router,
    app.api.sites.router,
    app.api.health.router,
)


def create_app(settings: Settings) -> FastAPI:
    """The service over the settings' database, or over the embedded one when they name none.

    The database must be migrated and an administrator must exist: `app.runtime.prepare` sees to both.
    """
    extensions = ExtensionHost.load(settings)
    service = FastAPIOffline(
        title="PyGai Connector",
        version=__version__,
        summary="Hands AI tasks to clients, takes their results and turns them into live websites.",
        description=openapi.DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    # Said to the server instead, as FastAPI would have it, the prefix would have to be in every path it receives.
    service.root_path = settings.path_prefix
    service.state.settings = settings
    service.state.extensions = extensions
    jsend.install(service)
    service.add_exception_handler(HandlerFailed, _handler_failed)
    openapi.install(service)
    for router in ROUTERS:
        routing.install(service, router)
    for name, router in extensions.routers():
        service.include_router(router, prefix=f"/extensions/{name}", tags=[f"Extension {name}"])
    _add_layers(service, settings)
    return service


def create_app_from_environment() -> FastAPI:
    """What uvicorn's worker processes call."""
    settings = Settings()
    logging.configure(settings)
    service = create_app(settings)
    # What is there by now stays: to look through all of it for garbage would hold up every request for 0.1 s.
    gc.collect()
    gc.freeze()
    return service


async def _handler_failed(_request: Request, failed: Exception) -> Response:
    return jsend.error(502, failed.message if isinstance(failed, HandlerFailed) else "An extension failed")


def _add_layers(service: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        service.add_middleware(
            JSendCORS,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["Content-Location", "X-Request-ID", "Retry-After"],
        )
    service.add_middleware(
        Edge, max_body_bytes=settings.max_body_bytes, max_upload_bytes=settings.max_upload_bytes
    )


@asynccontextmanager
async def lifespan(service: FastAPI) -> AsyncIterator[None]:
    """Open the runtime, and have it listen and work while the service answers."""
    async with open_runtime(service.state.settings, service.state.extensions) as runtime:
        service.state.runtime = runtime
        async with serving(runtime):
            yield
