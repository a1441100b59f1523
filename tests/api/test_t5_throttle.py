"""T5: how many failures a sign-in is allowed, per account and per address, across processes."""

import asyncio

from sqlalchemy import update

from app.access import service as access
from app.models import SignInThrottle
from tests.builders import PASSWORD, a_user, ago
from tests.conftest import a_client
from tests.envelopes import failed, succeeded


async def sign_in(client, username, password="wrong"):
    return await client.post("/signin", data={"username": username, "password": password})


def throttled(answer):
    failed(answer, 429, "username")
    assert 0 < int(answer.headers["Retry-After"]) <= 900


async def test_an_account_is_paused_after_too_many_failures(start):
    service = await start(signin_attempts=3)
    user, other = await a_user(service.state.runtime.database), await a_user(service.state.runtime.database)
    async with a_client(service) as client:
        for _ in range(3):
            failed(await sign_in(client, user.email), 401)

        throttled(await sign_in(client, user.email))
        throttled(await sign_in(client, user.email.upper(), PASSWORD))
        succeeded(await sign_in(client, other.email, PASSWORD))


async def test_an_account_is_paused_from_every_address(start):
    service = await start(signin_attempts=3)
    user = await a_user(service.state.runtime.database)
    for number in range(3):
        async with a_client(service, address=f"192.0.2.{number}") as client:
            failed(await sign_in(client, user.email), 401)

    async with a_client(service, address="192.0.2.99") as client:
        throttled(await sign_in(client, user.email, PASSWORD))


async def test_an_unknown_account_is_paused_like_a_known_one(start):
    service = await start(signin_attempts=2)
    async with a_client(service) as client:
        for _ in range(2):
            failed(await sign_in(client, "nobody@example.com"), 401)

        throttled(await sign_in(client, "nobody@example.com"))


async def has_failed(database, times):
    """As if the one address that is known had failed so often."""
    rows = update(SignInThrottle).where(SignInThrottle.key.startswith("address:"))
    async with database.session() as session:
        await session.execute(rows.values(failures=times))


async def test_an_address_is_paused_after_ten_times_as_many(start):
    service = await start(signin_attempts=2)
    user = await a_user(service.state.runtime.database)
    async with a_client(service, address="192.0.2.7") as client:
        failed(await sign_in(client, "nobody@example.com"), 401)
        await has_failed(service.state.runtime.database, 19)
        failed(await sign_in(client, "nobody@example.com"), 401)

        throttled(await sign_in(client, user.email, PASSWORD))
    async with a_client(service, address="192.0.2.8") as client:
        succeeded(await sign_in(client, user.email, PASSWORD))


async def test_what_a_paused_address_tries_counts_against_no_account(start):
    service = await start(signin_attempts=2)
    user = await a_user(service.state.runtime.database)
    async with a_client(service, address="192.0.2.7") as client:
        failed(await sign_in(client, "nobody@example.com"), 401)
        await has_failed(service.state.runtime.database, 20)
        for _ in range(5):
            throttled(await sign_in(client, user.email))

    async with a_client(service, address="192.0.2.8") as client:
        succeeded(await sign_in(client, user.email, PASSWORD))


async def test_one_customer_of_ipv6_is_one_address(start):
    service = await start()
    async with a_client(service, address="2001:db8:1:2::1") as client:
        failed(await sign_in(client, "nobody@example.com"), 401)
    await has_failed(service.state.runtime.database, 100)

    async with a_client(service, address="2001:db8:1:2:ffff::1") as client:
        throttled(await sign_in(client, "somebody@example.com"))
    async with a_client(service, address="2001:db8:1:3::1") as client:
        failed(await sign_in(client, "somebody@example.com"), 401)


async def test_the_pause_holds_in_every_process(start):
    services = [await start(signin_attempts=4), await start(signin_attempts=4)]
    user = await a_user(services[0].state.runtime.database)
    for number in range(4):
        async with a_client(services[number % 2]) as client:
            failed(await sign_in(client, user.email), 401)

    for service in services:
        async with a_client(service) as client:
            throttled(await sign_in(client, user.email, PASSWORD))


async def test_a_crowd_at_one_instant_gets_no_more_tries(start):
    service = await start(signin_attempts=3)
    user = await a_user(service.state.runtime.database)
    async with a_client(service) as client:
        answers = await asyncio.gather(*(sign_in(client, user.email) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 7


async def test_a_good_sign_in_starts_the_count_anew(start):
    service = await start(signin_attempts=3)
    user = await a_user(service.state.runtime.database)
    async with a_client(service) as client:
        for _ in range(2):
            failed(await sign_in(client, user.email), 401)
            failed(await sign_in(client, user.email), 401)
            succeeded(await sign_in(client, user.email, PASSWORD))


async def test_the_pause_ends_with_its_window(start):
    service = await start(signin_attempts=1)
    database = service.state.runtime.database
    user = await a_user(database)
    async with a_client(service) as client:
        failed(await sign_in(client, user.email), 401)
        throttled(await sign_in(client, user.email, PASSWORD))
        async with database.session() as session:
            await session.execute(update(SignInThrottle).values(window_ends_at=ago(seconds=1)))

        succeeded(await sign_in(client, user.email, PASSWORD))


async def test_failures_whose_window_is_over_are_forgotten(start):
    service = await start(signin_attempts=1)
    database = service.state.runtime.database
    async with a_client(service) as client:
        failed(await sign_in(client, "nobody@example.com"), 401)
    async with database.session() as session:
        await session.execute(update(SignInThrottle).values(window_ends_at=ago(seconds=1)))

    await access.expire_throttles(database)

    async with database.session() as session:
        assert (await session.execute(SignInThrottle.__table__.select())).all() == []


async def test_what_is_kept_of_a_failure_names_nobody(start):
    service = await start()
    async with a_client(service) as client:
        failed(await sign_in(client, "my password by mistake"), 401)

    async with service.state.runtime.database.session() as session:
        rows = (await session.execute(SignInThrottle.__table__.select())).all()
    assert "mistake" not in str(rows)
