"""The statement behind T1, on real connections at once, and the plans that PostgreSQL makes for it."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import pytest

from app.contents import queries as content_queries
from app.contents.queries import NewContent
from app.prompts import queries
from app.prompts.queries import ANY, Filters, claim_statement
from tests.builders import a_prompt, a_topic, ago

CONNECTIONS = 16


async def add_prompts(database, number, **columns):
    """Many available prompts at once, the longest available first."""
    given = {"available_at": "now() - make_interval(hours => 9) + make_interval(secs => number)"} | columns
    async with database.driver() as connection:
        await connection.execute(
            f"""INSERT INTO gai_prompt (type, text, {", ".join(given)})
                SELECT 'gentxt', 'Write.', {", ".join(given.values())} FROM generate_series(1, {number}) number"""
        )


async def claim(database, token, *, filters=ANY, another=True):
    async with database.driver() as connection:
        row = await queries.claim(connection, token=token, filters=filters, lease_seconds=900, another=another)
    return None if row is None else row["id"]


async def claim_all(database, token, *, filters=ANY):
    claimed = []
    while (prompt_id := await claim(database, token, filters=filters)) is not None:
        claimed.append(prompt_id)
    return claimed


async def claim_at_once(database, *, filters=ANY):
    """What each of many tokens got that claimed until there was nothing left."""
    claims = (claim_all(database, f"token-{number}", filters=filters) for number in range(CONNECTIONS))
    return await asyncio.gather(*claims)


async def value(database, query, *arguments):
    async with database.driver() as connection:
        return await connection.fetchval(query, *arguments)


async def test_many_connections_claim_each_prompt_exactly_once(database):
    await add_prompts(database, 200)

    claimed = await claim_at_once(database)

    times = Counter(prompt_id for ids in claimed for prompt_id in ids)
    assert len(times) == 200
    assert set(times.values()) == {1}
    assert sum(bool(ids) for ids in claimed) > 1


async def test_each_connection_claims_in_order(database):
    await add_prompts(database, 200)

    claimed = await claim_at_once(database)

    assert all(ids == sorted(ids) for ids in claimed)


async def test_prompts_whose_lease_has_lapsed_are_claimed_exactly_once_too(database):
    await add_prompts(
        database,
        200,
        leased_to="CASE WHEN number % 2 = 0 THEN 'gone' END",
        leased_until="CASE WHEN number % 2 = 0 THEN now() - make_interval(secs => 1) END",
    )

    first = await asyncio.gather(*(claim(database, f"first-{number}") for number in range(CONNECTIONS)))
    claimed = await claim_at_once(database)

    times = Counter([*first, *(prompt_id for ids in claimed for prompt_id in ids)])
    assert None not in first
    assert len(times) == 200
    assert set(times.values()) == {1}


async def test_claims_and_results_at_once_lose_nothing_and_repeat_nothing(database):
    await add_prompts(database, 200, count="5")

    async def take_and_return(token):
        done = []
        while (prompt_id := await claim(database, token, another=False)) is not None:
            await give_result(database, prompt_id)
            done.append(prompt_id)
        return done

    done = await asyncio.gather(*(take_and_return(f"token-{number}") for number in range(CONNECTIONS)))

    times = Counter(prompt_id for ids in done for prompt_id in ids)
    assert len(times) == 200
    assert set(times.values()) == {1}
    assert await value(database, "SELECT count(*) FROM gai_content") == 200
    assert await value(database, "SELECT min(count) = 4 AND max(count) = 4 FROM gai_prompt")
    assert await value(database, "SELECT count(*) FROM gai_prompt WHERE leased_to IS NOT NULL") == 0


async def test_a_prompt_is_never_claimed_after_a_late_result_for_it(database):
    await add_prompts(database, 200)

    async def return_late(first):
        for prompt_id in range(first, 201, 8):
            await give_result(database, prompt_id)

    claims = [claim_all(database, f"token-{number}") for number in range(8)]
    claimed = await asyncio.gather(*claims, *(return_late(first) for first in range(1, 9)))

    times = Counter(prompt_id for ids in claimed[:8] for prompt_id in ids)
    assert set(times.values()) <= {1}
    assert await value(database, "SELECT count(*) FROM gai_prompt WHERE leased_to IS NOT NULL") == 0
    assert await value(database, "SELECT count(*) FROM gai_prompt WHERE last_content_id IS NULL") == 0


async def give_result(database, prompt_id):
    new = NewContent(prompt_id, "", str(prompt_id), "", "", "A text.", None, None)
    async with database.driver() as connection:
        await content_queries.store(connection, new)


async def test_a_prompt_that_another_transaction_is_changing_is_passed_over(database):
    changing = await a_prompt(database, available_at=ago(hours=2))
    free = await a_prompt(database, available_at=ago(hours=1))
    async with database.driver() as connection, connection.transaction():
        await connection.execute("UPDATE gai_prompt SET is_enabled = false WHERE id = $1", changing.id)

        claimed = [await claim(database, "token"), await claim(database, "token")]

    assert claimed == [free.id, None]


async def test_a_prompt_that_was_disabled_meanwhile_is_never_claimed(database):
    await add_prompts(database, 300)

    # The memo keeps who held the prompt when it was disabled.
    await asyncio.gather(claim_at_once(database), change_each(database, 300, "is_enabled = false"))

    wrongly = "SELECT count(*) FROM gai_prompt WHERE NOT is_enabled AND memo IS NULL AND leased_to IS NOT NULL"
    assert await value(database, wrongly) == 0
    assert await value(database, "SELECT count(*) FROM gai_prompt WHERE NOT is_enabled") == 300


async def test_a_prompt_that_was_moved_meanwhile_is_never_claimed_for_its_old_topic(database):
    old, new = await a_topic(database), await a_topic(database)
    await add_prompts(database, 300, topic_id=str(old.id))

    await asyncio.gather(
        claim_at_once(database, filters=Filters(topic_id=old.id)),
        change_each(database, 300, f"topic_id = {new.id}"),
    )

    wrongly = "SELECT count(*) FROM gai_prompt WHERE topic_id = $1 AND memo IS NULL AND leased_to IS NOT NULL"
    assert await value(database, wrongly, new.id) == 0


async def change_each(database, number, change):
    """From the end of the order, so that claims and changes meet."""
    async with database.driver() as connection:
        for prompt_id in range(number, 0, -1):
            await connection.execute(f"UPDATE gai_prompt SET {change}, memo = leased_to WHERE id = $1", prompt_id)


async def test_a_claim_waits_for_whoever_clears_lapsed_leases(database):
    lapsed = await a_prompt(database, leased_to="gone", leased_for=timedelta(seconds=-1))
    async with database.driver() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await queries.expire_leases(connection)
        claiming = asyncio.create_task(claim(database, "token"))
        await asyncio.sleep(0.2)
        is_waiting = not claiming.done()
        await transaction.commit()

    assert is_waiting
    assert await claiming == lapsed.id


CROWD = 20_000
INDEXES = {
    (): "ix_gai_prompt_claim",
    ("id",): "pk_gai_prompt",
    ("interval_id",): "ix_gai_prompt_claim_interval",
    ("topic_id",): "ix_gai_prompt_claim_topic",
    ("dir_id",): "ix_gai_prompt_claim_dir",
}
MOST_BUFFERS = 60
"""Of 20,000 prompts on some 800 pages: a few pages of each index that a lease changes."""


@pytest.fixture
async def crowd(database):
    """Half of the prompts are not available, and 5,000 leases run at the head of the order."""
    async with database.driver() as connection:
        for columns, values in {
            "gai_topic (name)": "n",
            "gai_directory (name, path)": "n, n",
            "gai_interval (name, expression)": "n, '* * * * *'",
        }.items():
            await connection.execute(f"INSERT INTO {columns} SELECT {values} FROM generate_series(1, 20) n")
    is_on_lease = "number <= 10000 AND number % 2 = 0"
    await add_prompts(
        database,
        CROWD,
        is_enabled="number % 6 <> 1",
        count="CASE WHEN number % 6 = 3 THEN 0 ELSE 10 END",
        # In no order on the disk, as in a table that has been used for long.
        available_at=f"""CASE WHEN number % 6 <> 5
            THEN now() - make_interval(secs => CASE WHEN {is_on_lease} THEN 100000 ELSE 0 END
                                               + number * 7919 % {CROWD} + 1) END""",
        topic_id="1 + number / 2 % 20",
        dir_id="1 + number / 3 % 20",
        interval_id="1 + number / 5 % 20",
        leased_to=f"CASE WHEN {is_on_lease} THEN 'token-' || number END",
        leased_at=f"CASE WHEN {is_on_lease} THEN now() END",
        leased_until=f"CASE WHEN {is_on_lease} THEN now() + make_interval(mins => 10) END",
    )
    return database


async def plan_of(connection, filters, *, plan_cache_mode):
    """What one claim really did; it is rolled back."""
    types = ", ".join(["text", "float8", "bool", *("bigint" for _ in filters)])
    values = ", ".join(["'newcomer'", "900", "false", *("7" if name != "id" else "15000" for name in filters)])
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"SET LOCAL plan_cache_mode = {plan_cache_mode}")
    await connection.execute(f"PREPARE claim ({types}) AS {claim_statement(filters)}")
    explained = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE claim ({values})")
    await connection.execute("DEALLOCATE claim")
    await transaction.rollback()
    return (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]


def nodes_of(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes_of(child)


def scans_of_prompts(plan):
    return [
        node
        for node in nodes_of(plan)
        if node.get("Relation Name") == "gai_prompt" and "Scan" in node["Node Type"]
    ]


def buffers_of(plan):
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def claim_part_of(plan):
    return next(node for node in nodes_of(plan) if node.get("Subplan Name") == "CTE chosen")


async def check_plans(connection, indexes):
    for plan_cache_mode in ("force_custom_plan", "force_generic_plan"):
        for filters, index in indexes.items():
            plan = await plan_of(connection, filters, plan_cache_mode=plan_cache_mode)

            circumstances = (plan_cache_mode, filters, plan)
            scans = scans_of_prompts(plan)
            assert [scan.get("Index Name") for scan in scans_of_prompts(claim_part_of(plan))] == [index], (
                circumstances
            )
            assert all(scan["Node Type"] != "Seq Scan" for scan in scans), circumstances
            assert all(scan["Actual Rows"] <= 1 for scan in scans), circumstances
            assert buffers_of(plan) <= MOST_BUFFERS, circumstances
            assert plan["Actual Rows"] == 1, circumstances


async def test_a_claim_reads_a_few_pages_of_its_index(crowd):
    async with crowd.driver() as connection:
        await connection.execute("ANALYZE gai_prompt")

        await check_plans(connection, INDEXES)


async def test_a_claim_reads_a_few_pages_even_before_postgresql_has_looked_at_the_table(crowd):
    async with crowd.driver() as connection:
        by_order = {filters: index for filters, index in INDEXES.items() if filters != ("id",)}

        await check_plans(connection, by_order)


async def test_looking_for_the_next_moment_reads_a_few_pages_of_its_indexes(crowd):
    async with crowd.driver() as connection:
        await connection.execute("ANALYZE gai_prompt")
        explained = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {queries.NEXT_MOMENT}")
        plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]

    assert {scan.get("Index Name") for scan in scans_of_prompts(plan)} <= {
        "ix_gai_prompt_claim",
        "ix_gai_prompt_leased_until",
    }
    assert buffers_of(plan) <= MOST_BUFFERS


async def test_a_claim_stays_cheap_after_thousands_of_leases_have_lapsed(crowd):
    async with crowd.driver() as connection:
        await connection.execute(
            "UPDATE gai_prompt SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL"
        )
        await connection.execute("ANALYZE gai_prompt")
    first = await claim(crowd, "somebody")

    async with crowd.driver() as connection:
        plan = await plan_of(connection, (), plan_cache_mode="force_generic_plan")

    assert first % 2 == 0, "those that have lapsed stand at the head of the order"
    assert await value(crowd, "SELECT count(*) FROM gai_prompt WHERE leased_until IS NOT NULL") == 1
    assert all(scan["Node Type"] != "Seq Scan" for scan in scans_of_prompts(plan))
    assert buffers_of(plan) <= 10 * MOST_BUFFERS
