"""T1: which prompts are available, and in which order they are handed out."""

from datetime import timedelta

from sqlalchemy import null

from app.models import Prompt
from app.prompts import schedule
from schemas.prompt import GenerationType
from tests.builders import a_content, a_prompt, a_submission, a_token, ago, ahead, an_interval
from tests.conftest import a_client
from tests.envelopes import succeeded

PATH = "/aiprompt/output/"
ONCE_A_YEAR = "0 0 29 2 *"


async def fetch(client, **params):
    return succeeded(await client.get(PATH, params=params))


async def order_of(client):
    """The numbers in which one client after the other would be served."""
    numbers = []
    while task := await fetch(client, next="true"):
        numbers.append(task["id"])
    return numbers


async def submit(client, prompt, **data):
    answer = await client.post("/aicontent/input/", json=a_submission(promptId=str(prompt.id), **data))
    assert succeeded(answer) == {}


async def row_of(database, prompt):
    async with database.session() as session:
        return await session.get(Prompt, prompt.id)


async def a_returned_prompt(database, *, returned_at, **columns):
    """Returned, and not yet looked at by the schedule."""
    content = await a_content(database)
    # With None, the column's default would be taken.
    return await a_prompt(
        database, available_at=null(), last_content_id=content.id, last_content_at=returned_at, **columns
    )


async def test_a_disabled_prompt_is_not_available(client, database):
    await a_prompt(database, is_enabled=False)

    assert await fetch(client) == {}


async def test_a_prompt_without_count_left_is_not_available(client, database):
    await a_prompt(database, count=0)

    assert await fetch(client) == {}


async def test_a_prompt_that_carries_return_data_is_not_available(client, database):
    await a_returned_prompt(database, returned_at=ago(days=300))

    assert await fetch(client) == {}


async def test_a_prompt_is_not_handed_out_again_after_its_result(client, database):
    prompt = await a_prompt(database, count=2)
    first = await fetch(client)
    await submit(client, prompt)

    second = await fetch(client)

    assert first["id"] == prompt.id
    assert second == {}


async def test_a_result_puts_the_prompt_off_until_its_interval_comes_due(client, database):
    interval = await an_interval(database, expression="0 * * * *")
    await schedule.roll_forward(database)
    prompt = await a_prompt(database, interval_id=interval.id)
    await submit(client, prompt)

    task = await fetch(client)

    assert task == {}
    due_at = (await row_of(database, prompt)).available_at
    assert due_at.minute == due_at.second == 0
    assert ahead() < due_at <= ahead(hours=1)


async def test_a_prompt_is_available_once_its_interval_came_due_again(start, database):
    interval = await an_interval(database, expression="* * * * *")
    prompt = await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(minutes=2))
    service = await start()

    async with a_client(service, await a_token(service)) as client:
        task = await fetch(client)

    assert task["id"] == prompt.id


async def test_a_prompt_waits_as_long_as_its_interval_has_not_come_due_since_the_return(start, database):
    interval = await an_interval(database, expression=ONCE_A_YEAR)
    await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(seconds=1))
    service = await start()

    async with a_client(service, await a_token(service)) as client:
        task = await fetch(client)

    assert task == {}


async def test_a_due_interval_does_not_bring_back_what_is_disabled_or_used_up(start, database):
    interval = await an_interval(database, expression="* * * * *")
    await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(minutes=2), is_enabled=False)
    await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(minutes=2), count=0)
    service = await start()

    async with a_client(service, await a_token(service)) as client:
        task = await fetch(client)

    assert task == {}


async def test_a_prompt_that_was_never_returned_does_not_wait_for_its_interval(client, database):
    interval = await an_interval(database, expression=ONCE_A_YEAR)
    prompt = await a_prompt(database, interval_id=interval.id)

    task = await fetch(client)

    assert task["id"] == prompt.id


async def test_an_interval_that_never_comes_due_harms_no_other(start, database):
    never = await an_interval(database, expression="0 0 30 2 *")
    nonsense = await an_interval(database, expression="every now and then", time_zone="Nowhere/Land")
    always = await an_interval(database, expression="* * * * *")
    for interval in (never, nonsense):
        await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(minutes=9))
    prompt = await a_returned_prompt(database, interval_id=always.id, returned_at=ago(minutes=2))
    service = await start()

    async with a_client(service, await a_token(service)) as client:
        numbers = await order_of(client)

    assert numbers == [prompt.id]


async def test_the_longest_available_prompt_comes_first(client, database):
    hours = {hour: (await a_prompt(database, available_at=ago(hours=hour))).id for hour in (1, 3, 2)}

    numbers = await order_of(client)

    assert numbers == [hours[3], hours[2], hours[1]]


async def test_of_equally_long_available_prompts_the_lowest_number_comes_first(client, database):
    since = ago(hours=1)
    prompts = [await a_prompt(database, id=number, available_at=since) for number in (30, 10, 20)]

    numbers = await order_of(client)

    assert numbers == sorted(prompt.id for prompt in prompts)


async def test_image_prompts_get_no_privilege(client, database):
    text = await a_prompt(database, available_at=ago(hours=3))
    image = await a_prompt(database, available_at=ago(hours=2), type=GenerationType.IMAGE)
    last = await a_prompt(database, available_at=ago(hours=1))

    numbers = await order_of(client)

    assert numbers == [text.id, image.id, last.id]


async def test_a_prompt_that_came_due_stands_where_its_instant_puts_it(start, database):
    interval = await an_interval(database, expression="* * * * *")
    came_due = await a_returned_prompt(database, interval_id=interval.id, returned_at=ago(minutes=30))
    longer = await a_prompt(database, available_at=ago(minutes=40))
    shorter = await a_prompt(database, available_at=ago(minutes=5))
    service = await start()

    async with a_client(service, await a_token(service)) as client:
        numbers = await order_of(client)

    assert numbers == [longer.id, came_due.id, shorter.id]


async def test_a_prompt_of_the_future_is_not_available_yet(client, database):
    await a_prompt(database, available_at=ahead(minutes=1))

    assert await fetch(client) == {}


async def test_intervals_are_read_in_their_time_zone(client, database):
    interval = await an_interval(database, expression="30 4 * * *", time_zone="Asia/Kolkata")
    await schedule.roll_forward(database)
    prompt = await a_prompt(database, interval_id=interval.id)

    await submit(client, prompt)

    due_at = (await row_of(database, prompt)).available_at
    assert (due_at.hour, due_at.minute) == (23, 0)
    assert due_at - ahead() <= timedelta(days=1)
