"""The statement behind T1, on real connections at once."""

import asyncio
from collections import Counter
from datetime import timedelta

from app.contents import queries as content_queries
from app.contents.queries import NewContent
from app.prompts import queries
from app.prompts.queries import ANY, Filters
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
