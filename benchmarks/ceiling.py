"""The ceiling: a bare ASGI application with the same token check and the same SQL, and nothing else.

No framework, no validation, no log line, no metrics, no headers but the two that HTTP needs. What the service adds
to this is what it costs. Started by uvicorn as `benchmarks.ceiling:application`.
"""

import hashlib
import os
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from pydantic_core import from_json, to_json

from app.contents.queries import STORE
from app.core.security import read_jwt
from app.prompts.queries import claim_statement

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

SECRET = os.environ.get("PYGAI_SECRET", "")
DSN = os.environ.get("PYGAI_DATABASE_URL", "")
CLAIM = claim_statement(())
LEASE_SECONDS = 900
SUBMITTER = 1
POOL_SIZE = 20


class Ceiling:
    """Answers T1, T2 and `/jwtinfo` as fast as this stack can."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["path"] == "/healthz":
            await _answer(send, 200, {"alive": True})
            return
        claims = read_jwt(SECRET, _bearer_of(scope))
        if claims is None:
            await _answer(send, 401, {})
        elif scope["path"] == "/aiprompt/output/":
            await _answer(send, 200, await self._claim(claims, another=b"next=true" in scope["query_string"]))
        elif scope["path"] == "/aicontent/input/":
            await self._store(await _body_of(receive))
            await _answer(send, 200, {})
        else:
            await _answer(send, 200, claims)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        # All connections are open from the start, and none is reset by a round trip when it comes back.
        self._pool = await asyncpg.create_pool(DSN, min_size=POOL_SIZE, max_size=POOL_SIZE, reset=_leave_as_it_is)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _claim(self, claims: dict[str, Any], *, another: bool) -> dict[str, Any]:
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(CLAIM, claims["jti"], LEASE_SECONDS, another)
        if row is None or row["id"] is None:
            return {}
        return {"id": row["id"], "type": row["type"], "text": row["text"], "files": []}

    async def _store(self, body: bytes) -> None:
        data = from_json(body)["data"]
        digest = hashlib.sha256(body).digest()
        given = (data["id"], data["promptId"], data["histId"], data["cronId"], data["text"])
        async with self._pool.acquire() as connection:
            await connection.fetchrow(STORE, int(data["promptId"]), *given, SUBMITTER, digest)


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    return None


def _bearer_of(scope: dict[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value[7:], "latin-1")
    return ""


async def _body_of(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: int, data: dict[str, Any]) -> None:
    body = to_json({"status": "success", "data": data})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application = Ceiling()
