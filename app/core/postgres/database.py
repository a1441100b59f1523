"""The database: one engine, one way to open a session, one place that commits."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic_core import from_json
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core import errors

# What a driver or the pool raises when the server is away, as opposed to a statement being wrong.
UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,
    # The server has said goodbye on a connection whose socket is not closed yet.
    asyncpg.InternalClientError,
    PoolTimeout,
    OSError,
)


class Database:
    """Connections to one PostgreSQL; made once and handed to whoever needs them."""

    def __init__(self, dsn: str, *, pool_size: int = 20, timeout_seconds: float = 30) -> None:
        self.dsn = dsn
        self._timeout_seconds = timeout_seconds
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self.connect,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=timeout_seconds,
            json_deserializer=from_json,
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_dead_connection)
        self._sessions = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)

    async def connect(self, **options: Any) -> asyncpg.Connection:
        """A connection outside the pool; the caller closes it."""
        settings = {"application_name": "pygai", "timezone": "UTC", "jit": "off"}
        return await asyncpg.connect(
            self.dsn, server_settings=settings, command_timeout=self._timeout_seconds, timeout=10, **options
        )

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session with one transaction: committed at the end, rolled back on any error."""
        async with self._sessions() as session:
            with translating_violations():
                yield session
                await session.commit()

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's own connection, from the same pool, in autocommit: for the hot statements."""
        pooled = await self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            yield connection
        finally:
            if not connection.is_closed() and connection.is_in_transaction():
                # Who was cancelled twice could not roll back, and the next one would be in the middle of it.
                connection.terminate()
            pooled.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """The same with one transaction: committed at the end, rolled back on any error."""
        with translating_violations():
            async with self.driver() as connection, connection.transaction():
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[asyncpg.Connection]:
        """The same at one moment, only to read, by plans made once: for what costs more to plan than to run."""
        async with self.driver() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            yield connection

    async def dispose(self) -> None:
        await self.engine.dispose()


def _refuse_dead_connection(connection: Any, _record: Any, _proxy: Any) -> None:
    # A ping per checkout would cost a round trip; the driver knows when its socket has closed.
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the connection was closed by the server")


class translating_violations:  # noqa: N801 -- reads as a statement: `with translating_violations():`
    """Turns a violated constraint into the refusal that its name spells."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, raised: BaseException | None, _trace: object) -> None:
        of_driver = driver_error(raised)
        if isinstance(of_driver, asyncpg.IntegrityConstraintViolationError):
            raise _refusal_of(of_driver) from raised
        if isinstance(of_driver, asyncpg.DataError):
            raise errors.Invalid({"body": "a value is outside what can be stored"}) from raised


def driver_error(raised: BaseException | None) -> BaseException | None:
    """What the driver raised, without what SQLAlchemy wraps around it."""
    return getattr(raised.orig, "__cause__", None) if isinstance(raised, DBAPIError) else raised


def _refusal_of(raised: asyncpg.IntegrityConstraintViolationError) -> errors.DomainError:
    name = getattr(raised, "constraint_name", None) or ""
    kind, _, rest = name.partition("_")
    column = re.sub(r"^(gai_\w+?|user_account|access_token|media_file)_(?=[a-z])", "", rest) or "body"
    if kind == "uq":
        return errors.Conflict({column: "is taken already"})
    if kind == "fk":
        return errors.Conflict({column: "names nothing that exists, or is still in use"})
    return errors.Invalid({column: "is outside what is allowed"})


def is_unavailable(raised: BaseException | None) -> bool:
    """Whether an error says that the database cannot be reached."""
    while raised is not None:
        if isinstance(raised, UNAVAILABLE) or getattr(raised, "connection_invalidated", False):
            return True
        raised = raised.__cause__ or getattr(raised, "orig", None)
    return False
