"""The driver's connection: alone, in a transaction, and as a snapshot."""

import asyncio

import asyncpg
import pytest

from app.core import errors

ADD = "INSERT INTO gai_topic (name) VALUES ($1)"
COUNT = "SELECT count(*) FROM gai_topic"
PLANS = "SHOW plan_cache_mode"


async def test_a_transaction_is_kept_whole_at_its_end(database):
    async with database.transaction() as connection:
        await connection.execute(ADD, "rain")
    async with database.driver() as connection:
        assert await connection.fetchval(COUNT) == 1


async def add(database, *names, then=None):
    async with database.transaction() as connection:
        for name in names:
            await connection.execute(ADD, name)
        if then is not None:
            raise then


async def test_an_error_takes_the_transaction_back_and_gives_the_connection_on(database):
    with pytest.raises(RuntimeError, match="half way"):
        await add(database, "rain", then=RuntimeError("half way"))
    async with database.driver() as connection:
        assert await connection.fetchval(COUNT) == 0


async def test_a_violated_constraint_becomes_the_refusal_that_its_name_spells(database):
    with pytest.raises(errors.Conflict, match="name: is taken already"):
        await add(database, "rain", "rain")


async def test_who_is_cancelled_twice_leaves_no_transaction_to_the_next(database):
    async def wait_within():
        async with database.transaction() as connection:
            await connection.execute("SELECT pg_sleep(30)")

    for _ in range(5):
        waiting = asyncio.create_task(wait_within())
        await asyncio.sleep(0.1)
        for _ in range(3):
            waiting.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(waiting, return_exceptions=True)
        async with database.driver() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_value_that_no_column_can_hold_is_refused(database):
    with pytest.raises(errors.Invalid, match="outside what can be stored"):
        async with database.transaction() as connection:
            await connection.fetchval("SELECT $1::bigint", 2**63)


async def test_a_snapshot_does_not_see_what_is_written_meanwhile(database):
    async with database.snapshot() as snapshot:
        before = await snapshot.fetchval(COUNT)
        async with database.transaction() as connection:
            await connection.execute(ADD, "rain")
        assert await snapshot.fetchval(COUNT) == before == 0
    async with database.snapshot() as snapshot:
        assert await snapshot.fetchval(COUNT) == 1


async def test_nothing_is_written_in_a_snapshot(database):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.snapshot() as snapshot:
            await snapshot.execute(ADD, "rain")


async def test_plans_are_made_as_ever_once_a_snapshot_is_over(database):
    async with database.snapshot() as snapshot:
        assert await snapshot.fetchval(PLANS) == "force_generic_plan"
    async with database.driver() as connection:
        assert await connection.fetchval(PLANS) == "auto"
