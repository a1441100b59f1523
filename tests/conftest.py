"""Fixtures: a real PostgreSQL, a migrated template, a clone per test, the service on it."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core import logging
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres
from app.core.settings import Settings
from app.main import create_app
from app.runtime import Runtime, open_runtime
from tests import databases
from tests.builders import a_token

SECRET = "a secret for tests that is long enough to sign with"
TEMPLATE = "pygai_template"

_numbers = itertools.count(1)
_execute = databases.execute


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Whoever runs the tests may have PYGAI_* variables or a .env of their own."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYGAI_")}
    Settings.model_config["env_file"] = None
    logging.configure(Settings(log_level="ERROR"))
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the session (one per worker when they run in parallel)."""
    with tempfile.TemporaryDirectory(prefix="pygai-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        yield server
        server.release()


@pytest.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> str:
    """A database that Alembic migrated, to be cloned."""
    # Clones by the hundred need no disk to survive a power cut; tests of crashes have servers of their own.
    for name in ("fsync", "full_page_writes"):
        await _execute(postgres.dsn, f"ALTER SYSTEM SET {name} = off")
    await _execute(postgres.dsn, "SELECT pg_reload_conf()")
    await _execute(postgres.dsn, f"CREATE DATABASE {TEMPLATE}")
    database = Database(dsn_of(postgres, TEMPLATE))
    await migrations.migrate(database)
    await database.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
async def shape(postgres: EmbeddedPostgres, template: str) -> str:
    """How a migrated database looks that nobody has changed."""
    return await databases.shape_of(dsn_of(postgres, template))


@pytest.fixture
async def dsn(postgres: EmbeddedPostgres, template: str, shape: str) -> AsyncIterator[str]:
    """The address of a database of the test's own."""
    async with databases.a_database(postgres.dsn, template, shape) as address:
        yield address


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    database = Database(dsn)
    yield database
    await database.dispose()


@pytest.fixture
def make_settings(dsn: str, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for the test's database and folder; keywords change single ones."""

    def make(**changes: Any) -> Settings:
        given: dict[str, Any] = {
            "data_dir": tmp_path / "data",
            "database_url": dsn,
            "database_pool_size": 10,
            "secret": SECRET,
            "public_url": "http://test",
            "ext_path": tmp_path / "pygaiext",
            "run_jobs": False,
            "log_level": "ERROR",
        }
        return Settings(**(given | changes))

    return make


@pytest.fixture
async def runtime(make_settings: Callable[..., Settings]) -> AsyncIterator[Runtime]:
    """The connector's parts over the test's database, with nothing listening or working."""
    async with open_runtime(make_settings()) as runtime:
        yield runtime


Starter = Callable[..., Any]


@pytest.fixture
async def start(make_settings: Callable[..., Settings]) -> AsyncIterator[Starter]:
    """Start the service in this process; keywords are settings."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> FastAPI:
            app = create_app(make_settings(**changes))
            await stack.enter_async_context(app.router.lifespan_context(app))
            return app

        yield start


@pytest.fixture
async def service(start: Starter) -> FastAPI:
    """The service without a job runner."""
    app: FastAPI = await start()
    return app


@pytest.fixture
async def working_service(start: Starter) -> FastAPI:
    """The service with its job runner."""
    app: FastAPI = await start(run_jobs=True)
    return app


@asynccontextmanager
async def a_client(app: FastAPI, token: str | None = None, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of a service in this process, with or without a token."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app, client=(options.pop("address", "192.0.2.1"), 4711))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers, timeout=30, **options
    ) as client:
        yield client


@pytest.fixture
async def client(service: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in client (role `client`) of the service without jobs."""
    token = await a_token(service)
    async with a_client(service, token) as client:
        yield client


@pytest.fixture
async def administrator(service: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    token = await a_token(service, email="admin@example.com", role="admin")
    async with a_client(service, token) as client:
        yield client


@pytest.fixture
async def stranger(service: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with a_client(service) as client:
        yield client


def dsn_of(postgres: EmbeddedPostgres, name: str) -> str:
    return databases.address_of(postgres.dsn, name)


async def eventually(condition: Callable[[], Any], *, seconds: float = 15) -> Any:
    """The first true value of an asynchronous condition; fails when there is none in time."""
    async with asyncio.timeout(seconds):
        while True:
            if value := await condition():
                return value
            await asyncio.sleep(0.02)
