"""The plans that PostgreSQL makes for T1: what a claim reads does not grow with the number of prompts."""

import json

import pytest

from app.prompts import queries
from app.prompts.queries import claim_statement
from tests.db.test_claim import add_prompts, claim, value

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
        await connection.execute("VACUUM ANALYZE gai_prompt")

        await check_plans(connection, INDEXES)


async def test_a_claim_reads_a_few_pages_even_before_postgresql_has_looked_at_the_table(crowd):
    async with crowd.driver() as connection:
        by_order = {filters: index for filters, index in INDEXES.items() if filters != ("id",)}

        await check_plans(connection, by_order)


async def test_looking_for_the_next_moment_reads_a_few_pages_of_its_indexes(crowd):
    async with crowd.driver() as connection:
        await connection.execute("VACUUM ANALYZE gai_prompt")
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
        await connection.execute("VACUUM ANALYZE gai_prompt")
    first = await claim(crowd, "somebody")

    async with crowd.driver() as connection:
        plan = await plan_of(connection, (), plan_cache_mode="force_generic_plan")

    assert first % 2 == 0, "those that have lapsed stand at the head of the order"
    assert await value(crowd, "SELECT count(*) FROM gai_prompt WHERE leased_until IS NOT NULL") == 1
    assert all(scan["Node Type"] != "Seq Scan" for scan in scans_of_prompts(plan))
    assert buffers_of(plan) <= 10 * MOST_BUFFERS
