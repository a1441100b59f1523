"""The statement behind T2, on real connections at once."""

import asyncio
import hashlib
import json

from app.contents import queries
from app.contents.queries import STORE, NewContent
from app.models import Prompt
from app.prompts import queries as prompt_queries
from tests.builders import a_content, a_prompt, ago, an_interval


def a_result(prompt_id=None, *, text="A text.", hist_id=""):
    digest = hashlib.sha256(f"{hist_id} {text}".encode()).digest() if hist_id else None
    return NewContent(prompt_id, "", str(prompt_id or ""), hist_id, "", text, None, digest)


async def store(database, new):
    async with database.driver() as connection:
        return await queries.store(connection, new)


async def find_prompt(database, prompt):
    async with database.session() as session:
        return await session.get(Prompt, prompt.id)


async def value(database, query, *arguments):
    async with database.driver() as connection:
        return await connection.fetchval(query, *arguments)


async def test_results_at_one_instant_each_take_one_count(database):
    prompt = await a_prompt(database, count=100)

    await asyncio.gather(*(store(database, a_result(prompt.id)) for _ in range(60)))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled) == (40, True)
    assert await value(database, "SELECT count(*) FROM gai_content WHERE prompt_id = $1", prompt.id) == 60


async def test_the_count_never_falls_below_nothing(database):
    prompt = await a_prompt(database, count=3)

    await asyncio.gather(*(store(database, a_result(prompt.id)) for _ in range(10)))

    after = await find_prompt(database, prompt)
    assert (after.count, after.is_enabled, after.is_exhausted) == (0, False, True)


async def test_one_submission_on_many_connections_is_stored_and_counted_once(database):
    prompt = await a_prompt(database, count=10)
    new = a_result(prompt.id, hist_id="L-1")

    rows = await asyncio.gather(*(store(database, new) for _ in range(20)))

    stored = [row["id"] for row in rows if row is not None]
    assert len(stored) == 1
    assert (await find_prompt(database, prompt)).count == 9
    async with database.driver() as connection:
        assert await queries.get_id_by_digest(connection, new.digest) == stored[0]


async def test_the_prompt_carries_the_last_result_that_was_stored(database):
    prompt = await a_prompt(database, count=100)

    rows = await asyncio.gather(*(store(database, a_result(prompt.id)) for _ in range(20)))

    assert (await find_prompt(database, prompt)).last_content_id in {row["id"] for row in rows}


async def test_an_unknown_prompt_links_nothing(database):
    row = await store(database, a_result(12345))

    assert await value(database, "SELECT prompt_id FROM gai_content WHERE id = $1", row["id"]) is None
    assert row["is_unscheduled"] is False


async def test_a_passed_interval_asks_for_a_new_instant(database, subtests):
    for next_at, is_unscheduled in [(ago(minutes=1), True), (None, True), (ago(minutes=-1), False)]:
        with subtests.test(next_at=next_at):
            interval = await an_interval(database, next_at=next_at)
            prompt = await a_prompt(database, interval_id=interval.id)

            row = await store(database, a_result(prompt.id))

            assert row["is_unscheduled"] is is_unscheduled
            assert (await find_prompt(database, prompt)).available_at == (None if is_unscheduled else next_at)


async def test_a_result_is_on_disk_although_the_claim_before_it_did_not_wait_for_it(database):
    prompt = await a_prompt(database)
    async with database.driver() as connection:
        await prompt_queries.claim(
            connection, token="t", filters=prompt_queries.ANY, lease_seconds=9, another=False
        )

        assert await connection.fetchval("SHOW synchronous_commit") == "on"
        await queries.store(connection, a_result(prompt.id))


async def test_the_order_of_work_with_a_claim_is_free_of_deadlocks(database):
    prompts = [await a_prompt(database, count=1000) for _ in range(3)]

    async def work(number):
        for step in range(8):
            prompt = prompts[(number + step) % 3]
            async with database.driver() as connection:
                await prompt_queries.claim(
                    connection, token=f"{number}", filters=prompt_queries.ANY, lease_seconds=9, another=True
                )
                await queries.store(connection, a_result(prompt.id))
                await prompt_queries.reset_used(connection, filters=prompt_queries.ANY, restore_count=False)

    await asyncio.gather(*(work(number) for number in range(8)))

    assert await value(database, "SELECT count(*) FROM gai_content") == 64


async def test_storing_reads_no_table_from_end_to_end(database):
    async with database.driver() as connection:
        await connection.execute(
            """INSERT INTO gai_content (external_id, hist_prompt_id, hist_id, cron_id, text)
               SELECT '', '', '', '', 'x' FROM generate_series(1, 2000);
               INSERT INTO gai_prompt (type, text) SELECT 'gentxt', 'x' FROM generate_series(1, 2000);
               ANALYZE"""
        )
        transaction = connection.transaction()
        await transaction.start()
        plan = await connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {STORE}", 1000, "", "1000", "L-1", "", "x", None, b"digest"
        )
        await transaction.rollback()

    nodes = list(nodes_of((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    assert ("Index Scan", "gai_prompt") in nodes
    assert not {("Seq Scan", "gai_prompt"), ("Seq Scan", "gai_content")} & set(nodes)


def nodes_of(plan):
    """Each step of a plan with the table it reads."""
    yield plan["Node Type"], plan.get("Relation Name")
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


async def test_what_became_of_a_content_is_found_by_index(database):
    content = await a_content(database)
    async with database.driver() as connection:
        await connection.execute("SET enable_seqscan = off")
        for table, index in [
            ("gai_content_file", "ix_gai_content_file_content_id"),
            ("gai_publish", "ix_gai_publish"),
        ]:
            plan = await connection.fetch(f"EXPLAIN SELECT * FROM {table} WHERE content_id = $1", content.id)
            assert index in str(plan)
        await connection.execute("RESET enable_seqscan")
