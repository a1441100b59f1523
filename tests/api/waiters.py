"""Clients that wait for a task."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

from tests.builders import a_token_of, a_user
from tests.conftest import a_client, eventually
from tests.envelopes import succeeded

PATH = "/aiprompt/output/"
LONG = 20
"""Longer than any of these tests: whoever is answered, is answered by an event and not by the end of the wait."""


async def fetch(client, **params):
    return succeeded(await client.get(PATH, params=params))


async def until_waiting(service, number=1):
    async def are_waiting():
        return len(service.state.runtime.dispatcher._waiting_room._waiters) == number

    await eventually(are_waiting)


@asynccontextmanager
async def waiting(service, *clients, **params):
    """Requests that wait for a task, in this order; who still waits at the end is sent away."""
    requests = []
    try:
        for client in clients:
            requests.append(asyncio.create_task(fetch(client, **({"wait": LONG} | params))))
            await until_waiting(service, len(requests))
        yield requests
    finally:
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)


async def answers_of(requests, *, expected):
    """One per request, None for who still waits when the expected number has been answered, and a moment later."""

    async def are_answered():
        return sum(request.done() for request in requests) >= expected

    await eventually(are_answered)
    await asyncio.sleep(0.3)
    return [request.result() if request.done() else None for request in requests]


@asynccontextmanager
async def many_clients(service, number):
    """Clients with a token each."""
    user = await a_user(service.state.runtime.database)
    async with AsyncExitStack() as stack:
        tokens = [await a_token_of(service, user) for _ in range(number)]
        yield [await stack.enter_async_context(a_client(service, token)) for token in tokens]


@asynccontextmanager
async def a_waiting_client(service, client, **params):
    async with waiting(service, client, **params) as (request,):
        yield request


async def soon(request):
    return await asyncio.wait_for(request, 5)


async def nobody_uses(database):
    return database.engine.pool.checkedout() == 0
