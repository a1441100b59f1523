"""The application: the one place that names every part."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

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
from app.access import service as access_service
from app.access.authenticator import Gate
from app.connector import ServiceConnector
from app.contents.files import FileCollector
from app.contents.waiting import PublicationWatch
from app.core import logging
from app.core.http import jsend, openapi, routing
from app.core.http.cors import JSendCORS
from app.core.http.middleware import Edge
from app.core.postgres.database import Database
from app.core.postgres.notifications import Notifications
from app.core.security import signing_secret
from app.core.settings import Settings
from app.core.storage import open_store
from app.host import ExtensionHost
from app.host.errors import HandlerFailed
from app.jobs.queue import JobName, JobRunner
from app.media.fetching import fetcher_of
from app.media.library import MediaLibrary
from app.prompts import schedule
from app.prompts.long_polling import WaitingRoom
from app.prompts.service import TaskDesk
from app.publishing.build.workshop import Workshop
from app.publishing.changes import Changes
from app.publishing.renewing import Renewing
from app.publishing.service import Publisher
from app.startup import opened_database

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

    The database must be migrated and an administrator must exist: `app.startup.prepare` sees to both.
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
    """Open every part in the order of need and close them in the reverse one."""
    settings: Settings = service.state.settings
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(opened_database(settings))
        await assemble(service, settings, database, stack)
        yield


async def assemble(service: FastAPI, settings: Settings, database: Database, stack: AsyncExitStack) -> None:
    state = service.state
    state.database = database
    state.secret = signing_secret(settings, may_make=False)
    state.notifications = Notifications(database)
    state.gate = Gate(database, state.notifications, secret=state.secret)
    state.waiting_room = WaitingRoom(database, state.notifications, lease_seconds=settings.lease_seconds)
    state.desk = TaskDesk(database, settings, state.waiting_room)
    state.publications = PublicationWatch(database, state.notifications)
    state.media = MediaLibrary(open_store(settings.media_location))
    fetcher = fetcher_of(settings)
    stack.push_async_callback(fetcher.aclose)
    workshop = Workshop(database, settings, state.media, fetcher)
    stack.push_async_callback(workshop.aclose)
    state.publisher = Publisher(workshop, state.extensions)
    state.extensions.bind(ServiceConnector(database, settings, state.publisher))
    await state.notifications.start()
    stack.push_async_callback(state.notifications.stop)
    stack.push_async_callback(state.waiting_room.close)
    stack.push_async_callback(state.extensions.aclose)
    await schedule.roll_forward(database)
    if settings.run_jobs:
        state.jobs = await run_jobs(state.publisher, stack)


async def run_jobs(publisher: Publisher, stack: AsyncExitStack) -> JobRunner:
    """Start working on the queue: within the service, or alone in a process of `pygai jobs run`."""
    shop = publisher.workshop
    database = shop.database
    runner = JobRunner(database)
    collector = FileCollector(database, shop.settings, shop.library, shop.fetcher)
    runner.handle(JobName.FETCH_FILE, collector.collect)
    runner.handle(JobName.PUBLISH_CONTENT, publisher.work)
    runner.handle(JobName.MEND_PAGE, Changes(publisher).mend)
    runner.handle(JobName.REBUILD_SITE, Renewing(shop).work)
    runner.every_minute("roll_intervals", lambda: schedule.roll_forward(database))
    runner.every_minute("forget_sign_ins", lambda: access_service.expire_throttles(database))
    runner.start()
    stack.push_async_callback(runner.stop)
    return runner
