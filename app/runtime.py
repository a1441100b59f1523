"""The parts of a connector, put together in one place: for the service, commands, job workers and rebuilds."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields

from app.access import service as access
from app.access.authenticator import Gate
from app.contents.files import FileCollector
from app.contents.jobs import FETCH_FILE, PUBLISH_CONTENT, REFRESH_PAGE
from app.contents.waiting import PublicationWatch
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.lifecycle import open_database
from app.core.postgres.notifications import Notifications
from app.core.security import SigningKey
from app.core.settings import Settings
from app.facade.base import Parts
from app.facade.connector import Connector
from app.facade.extensions import ExtensionConnector
from app.host import ExtensionHost
from app.jobs.runner import JobRunner
from app.media.fetching import Fetcher, fetcher_of
from app.media.library import MediaLibrary
from app.prompts import schedule
from app.prompts.long_polling import WaitingRoom
from app.prompts.service import TaskDesk
from app.publishing.build.workshop import Workshop
from app.publishing.changes import Changes
from app.publishing.renewing import Renewing
from app.publishing.service import Publisher
from app.sites.jobs import REBUILD_SITE
from app.sites.resolver import SiteLookup


@dataclass(frozen=True, slots=True)
class Runtime(Parts):
    """One connector over one database. `open_runtime` makes it and closes what it holds.

    What the facade stands on it has itself; the verbs are those of `connector`.
    """

    notifications: Notifications
    fetcher: Fetcher
    workshop: Workshop
    site_resolver: SiteLookup
    jobs: JobRunner
    connector: Connector


@asynccontextmanager
async def open_runtime(
    settings: Settings, extensions: ExtensionHost | None = None, *, migrates: bool = False
) -> AsyncIterator[Runtime]:
    """Open the database and put everything together over it; nothing listens and no job runs yet.

    Extensions are loaded when they are first asked for, unless they come loaded. A database that is empty or of
    an earlier release is migrated first when `migrates`.
    """
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings, migrates=migrates))
        yield await _assemble(settings, database, extensions or ExtensionHost(settings), stack)


@asynccontextmanager
async def open_workshop(settings: Settings) -> AsyncIterator[Workshop]:
    """What a process of a rebuild needs."""
    async with open_runtime(settings) as runtime:
        yield runtime.workshop


async def _assemble(
    settings: Settings, database: Database, extensions: ExtensionHost, stack: AsyncExitStack
) -> Runtime:
    notifications, fetcher = Notifications(database), fetcher_of(settings)
    stack.push_async_callback(fetcher.aclose)
    library = MediaLibrary(settings.media_location)
    workshop = Workshop(database, settings, library, fetcher, open_elsewhere=open_workshop)
    stack.push_async_callback(workshop.aclose)
    stack.push_async_callback(extensions.aclose)
    long_poller = WaitingRoom(database, notifications, lease_seconds=settings.lease_seconds)
    stack.push_async_callback(long_poller.close)
    parts = _parts(workshop, extensions, notifications, long_poller)
    connector = Connector(parts)
    extensions.bind(ExtensionConnector(connector))
    return Runtime(
        **{part.name: getattr(parts, part.name) for part in fields(parts)},
        notifications=notifications,
        fetcher=fetcher,
        workshop=workshop,
        site_resolver=SiteLookup(database, settings),
        jobs=_job_runner(parts.publisher, parts.changes),
        connector=connector,
    )


def _parts(
    workshop: Workshop, extensions: ExtensionHost, notifications: Notifications, long_poller: WaitingRoom
) -> Parts:
    database, settings = workshop.database, workshop.settings
    signing_key = SigningKey(settings)
    publisher = Publisher(workshop, extensions)
    return Parts(
        settings=settings,
        database=database,
        signing_key=signing_key,
        authenticator=Gate(database, notifications, signing_key=signing_key),
        library=workshop.library,
        extensions=extensions,
        dispatcher=TaskDesk(database, settings, long_poller),
        publication_watch=PublicationWatch(database, notifications),
        publisher=publisher,
        changes=Changes(publisher),
    )


def _job_runner(publisher: Publisher, changes: Changes) -> JobRunner:
    workshop = publisher.workshop
    database = workshop.database
    runner = JobRunner(database)
    collector = FileCollector(database, workshop.settings, workshop.library, workshop.fetcher)
    runner.handle(FETCH_FILE, collector.collect)
    runner.handle(PUBLISH_CONTENT, publisher.work)
    runner.handle(REFRESH_PAGE, changes.mend)
    runner.handle(REBUILD_SITE, Renewing(workshop).work)
    runner.every_minute("roll_intervals", lambda: schedule.roll_forward(database))
    runner.every_minute("catch_up_sites", changes.catch_up)
    runner.every_minute("forget_sign_ins", lambda: access.expire_throttles(database))
    return runner


@asynccontextmanager
async def serving(runtime: Runtime) -> AsyncIterator[None]:
    """Listen for notifications, and work on jobs where the settings say so.

    Raises SecretMissing, StorageUnusable.
    """
    runtime.signing_key.read()
    _ = runtime.library.store
    async with AsyncExitStack() as stack:
        await runtime.notifications.start()
        stack.push_async_callback(runtime.notifications.stop)
        if runtime.settings.run_jobs:
            await stack.enter_async_context(working(runtime))
        else:
            await schedule.roll_forward(runtime.database)
        yield


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    """Work on the queue."""
    await schedule.roll_forward(runtime.database)
    runtime.jobs.start()
    try:
        yield
    finally:
        await runtime.jobs.stop()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What had to be made up at a first start; the password is to be shown now and never again."""

    admin_email: str
    made_up_password: str | None


async def prepare(settings: Settings) -> Prepared:
    """Make what a first start needs and bring what is there up to date. Raises SecretMissing.

    On a public address nothing secret is made up: a second replica would make up another.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    SigningKey(settings).read(may_make=settings.is_on_loopback)
    async with open_database(settings) as database:
        await migrations.migrate(database)
        async with database.session() as session:
            made_up = await access.ensure_administrator(session, settings)
    return Prepared(settings.admin_email, made_up)
