"""T1: which prompts the four filters leave, and which values they refuse."""

import pytest

from app.models import Prompt
from tests.builders import a_prompt, a_site, a_token, a_topic, ago, an_interval
from tests.conftest import a_client
from tests.envelopes import failed, succeeded

PATH = "/aiprompt/output/"
FILTERS = ("id", "intervalId", "topicId", "dirId")

NO_WHOLE_NUMBERS = [
    "abc", "1.5", "1.0", "", " ", " 1", "1 ", "+1", "-1", "-0", "1_0", "²", "١", "0x1", "1e3", "1,2", "true",
    "null", "None", "NaN", "[1]", "1\x00", "9223372036854775808", "99999999999999999999", "1" * 5000, "1;--",
]  # fmt: skip


async def fetch(client, **params):
    return succeeded(await client.get(PATH, params=params))


async def two_of_each(database):
    """Two prompts that differ in everything; the first is the longest available."""
    prompts = []
    for hours in (2, 1):
        interval, topic, site = await an_interval(database), await a_topic(database), await a_site(database)
        prompt = await a_prompt(
            database, interval_id=interval.id, topic_id=topic.id, dir_id=site.id, available_at=ago(hours=hours)
        )
        prompts.append(prompt)
    return prompts


async def test_each_filter_alone_leaves_only_what_it_names(client, database):
    _, second = await two_of_each(database)

    tasks = [
        await fetch(client, id=second.id),
        await fetch(client, intervalId=second.interval_id),
        await fetch(client, topicId=second.topic_id),
        await fetch(client, dirId=second.dir_id),
    ]

    assert [task["id"] for task in tasks] == [second.id] * 4


async def test_filters_are_combined_with_and(client, database):
    first, second = await two_of_each(database)
    all_of_second = {
        "id": second.id,
        "intervalId": second.interval_id,
        "topicId": second.topic_id,
        "dirId": second.dir_id,
    }
    of_first = {"id": first.id, "intervalId": first.interval_id, "topicId": first.topic_id, "dirId": first.dir_id}

    mixed = [await fetch(client, **(all_of_second | {name: of_first[name]})) for name in FILTERS]
    together = await fetch(client, **all_of_second)

    assert mixed == [{}] * 4
    assert together["id"] == second.id


async def test_zero_and_absence_mean_no_filter(client, database):
    first, _ = await two_of_each(database)

    task = await fetch(client, id=0, intervalId="0", topicId="00", dirId=0)

    assert task["id"] == first.id


async def test_a_filter_never_finds_a_prompt_that_has_none_of_the_kind(client, database):
    await a_prompt(database)

    tasks = [await fetch(client, **{name: 1}) for name in ("intervalId", "topicId", "dirId")]

    assert tasks == [{}] * 3


async def test_a_filter_that_names_nothing_finds_nothing(client, database):
    await two_of_each(database)

    tasks = [await fetch(client, **{name: 2**63 - 1}) for name in FILTERS]

    assert tasks == [{}] * 4


async def test_a_filter_does_not_make_available_what_is_not(client, database):
    prompt = await a_prompt(database, is_enabled=False)

    task = await fetch(client, id=prompt.id)

    assert task == {}


@pytest.mark.parametrize("path", [PATH, "/aiprompt/reset/"])
async def test_anything_but_a_whole_number_is_refused_naming_the_field(client, database, path):
    prompt = await a_prompt(database)

    for name in FILTERS:
        for value in NO_WHOLE_NUMBERS:
            answer = await client.get(path, params={name: value})
            assert failed(answer, 422).keys() == {name}, (name, value)

    async with database.session() as session:
        assert (await session.get(Prompt, prompt.id)).leased_to is None


async def test_every_wrong_filter_is_named_at_once(client):
    answer = await client.get(PATH, params={"id": "x", "topicId": "-1", "dirId": "1"})

    assert failed(answer, 422).keys() == {"id", "topicId"}


async def test_leading_zeros_do_no_harm(client, database):
    _, second = await two_of_each(database)

    task = await fetch(client, id=f"00{second.id}")

    assert task["id"] == second.id


async def test_the_filters_are_the_same_for_every_token(service, database):
    first, second = await two_of_each(database)

    async with (
        a_client(service, await a_token(service)) as one,
        a_client(service, await a_token(service)) as other,
    ):
        tasks = [await fetch(one, topicId=first.topic_id), await fetch(other, topicId=first.topic_id)]
        rest = await fetch(other)

    assert [task.get("id") for task in tasks] == [first.id, None]
    assert rest["id"] == second.id
