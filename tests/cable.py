"""A way to the database that can be cut, as a network is."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import unquote


@asynccontextmanager
async def a_cable(dsn: str) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """An address of the same database over TCP, and the function that cuts every connection to it."""
    database = dsn.split("?")[0].rsplit("/", 1)[1]
    user, socket = (re.search(pattern, dsn)[1] for pattern in (r"//([^@/]+)@", r"host=([^&]+)"))
    open_ends: set[asyncio.StreamWriter] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(f"{unquote(socket)}/.s.PGSQL.5432")
        open_ends.update({writer, there_writer})
        ways = (_pump(reader, there_writer), _pump(there_reader, writer))
        await asyncio.gather(*ways, return_exceptions=True)

    server = await asyncio.start_server(forward, "127.0.0.1", 0)

    def cut() -> None:
        server.close()
        for end in open_ends:
            end.transport.abort()

    port = server.sockets[0].getsockname()[1]
    try:
        yield f"postgresql://{user}@127.0.0.1:{port}/{database}?sslmode=disable", cut
    finally:
        cut()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()
