"""`pygai topic`, `interval`, `config`, `instruction`, `directory`: add, list, show, edit, remove."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.catalog.cron import next_due
from app.models import AuditEntry, Interval, Prompt, Topic
from tests.builders import a_content, a_prompt, a_topic, ago, ahead, an_interval

NOUNS = {
    "topic": (["add", "First", "--memo", "a note"], ["--memo", ""], {"memo": None}),
    "interval": (["add", "First", "*/5 * * * *"], ["--time-zone", "Asia/Tokyo"], {"time_zone": "Asia/Tokyo"}),
    "config": (["add", "First", "--text", '{"b": 1, "a": 2}'], ["--text", '{"c": 3}'], {"text": {"c": 3}}),
    "instruction": (["add", "First", "--text", "Be kind."], ["--config", '{"a": 1}'], {"config": {"a": 1}}),
    "directory": (["add", "First", "--title", "A site"], ["--path", "elsewhere"], {"path": "elsewhere"}),
}


async def audited(database):
    async with database.session() as session:
        return (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_thing_is_added_listed_shown_edited_and_removed(pygai, noun):
    adding, editing, edited = NOUNS[noun]

    added = (await pygai(noun, *adding, "--json")).data
    listed = (await pygai(noun, "list", "--json")).data
    shown = (await pygai(noun, "show", "First", "--json")).data
    changed = (await pygai(noun, "edit", added["id"], "--name", "Second", *editing, "--json")).data
    removed = await pygai(noun, "remove", "Second")
    left = (await pygai(noun, "list", "--json")).data

    assert [row["id"] for row in listed] == [added["id"]]
    assert shown["name"] == "First"
    assert changed == changed | edited | {"name": "Second"}
    assert removed.code == 0
    assert left == []


@pytest.mark.parametrize("noun", NOUNS)
async def test_a_table_shows_what_was_added(pygai, noun):
    await pygai(noun, *NOUNS[noun][0])

    listed = await pygai(noun, "list")
    shown = await pygai(noun, "show", "First")

    assert "First" in listed.printed
    assert "First" in shown.printed


async def test_a_name_that_is_taken_is_refused_in_words(pygai, database):
    await a_topic(database, name="Rain")

    answer = await pygai("topic", "add", "Rain")

    assert answer.code == 1
    assert "name: is taken already" in answer.complaints


async def test_what_does_not_exist_is_told_in_words(pygai):
    answer = await pygai("topic", "show", "Nowhere")

    assert answer.code == 1
    assert "there is no topic 'Nowhere'" in answer.complaints


async def test_a_name_of_digits_wins_over_a_number(pygai, database):
    numbered = await a_topic(database)
    named = await a_topic(database, name=str(numbered.id))

    shown = (await pygai("topic", "show", named.name, "--json")).data

    assert shown["id"] == named.id


async def test_an_edit_without_options_is_refused(pygai, database):
    topic = await a_topic(database)

    answer = await pygai("topic", "edit", topic.id)

    assert answer.code == 2
    assert "nothing to change" in answer.complaints


@pytest.mark.parametrize("expression", ["61 * * * *", "* * * *", "0 0 30 2 *", "soon"])
async def test_an_expression_that_never_comes_due_is_refused(pygai, expression):
    answer = await pygai("interval", "add", "odd", expression)

    assert answer.code == 1
    assert "expression: " in answer.complaints


async def test_an_unknown_time_zone_is_refused(pygai):
    answer = await pygai("interval", "add", "odd", "* * * * *", "--time-zone", "Mars/Olympus")

    assert answer.code == 1
    assert "time_zone: " in answer.complaints


async def test_an_interval_is_shown_with_its_next_instants_in_its_own_zone(pygai):
    await pygai("interval", "add", "mornings", "30 7 * * *", "--time-zone", "Asia/Tokyo")

    shown = (await pygai("interval", "show", "mornings", "--json")).data

    assert len(shown["upcoming"]) == 5
    assert all("T07:30+09:00" in instant for instant in shown["upcoming"])


async def test_editing_an_interval_moves_the_prompts_that_wait_for_it(pygai, database):
    interval = await an_interval(database, expression="0 0 1 1 *", next_at=ahead(days=300))
    content = await a_content(database)
    returned = {"last_content_id": content.id, "last_content_at": ago(minutes=1)}
    waiting = await a_prompt(database, interval_id=interval.id, available_at=ahead(days=300), **returned)
    due = await a_prompt(database, interval_id=interval.id, available_at=ago(hours=1), **returned)
    fresh = await a_prompt(database, interval_id=interval.id, available_at=ago(hours=2))

    answer = await pygai("interval", "edit", interval.name, "--expression", "*/5 * * * *", "--json")

    async with database.session() as session:
        moved = await session.get_one(Interval, interval.id)
        places = {prompt.id: prompt.available_at for prompt in await session.scalars(select(Prompt))}
    assert answer.data["next_at"] == moved.next_at.isoformat()
    assert moved.next_at == next_due("*/5 * * * *", "UTC", after=datetime.now(UTC))
    assert places[waiting.id] == next_due("*/5 * * * *", "UTC", after=waiting.last_content_at)
    assert places[due.id] == due.available_at
    assert places[fresh.id] == fresh.available_at


async def test_renaming_an_interval_moves_nothing(pygai, database):
    interval = await an_interval(database, next_at=ahead(minutes=3))
    waiting = await a_prompt(
        database, interval_id=interval.id, last_content_at=ago(minutes=1), available_at=ahead(days=2)
    )

    await pygai("interval", "edit", interval.name, "--name", "other")

    async with database.session() as session:
        assert (await session.get_one(Prompt, waiting.id)).available_at == waiting.available_at


async def test_without_its_interval_nothing_makes_a_returned_prompt_due(pygai, database):
    interval = await an_interval(database)
    waiting = await a_prompt(
        database, interval_id=interval.id, last_content_at=ago(minutes=1), available_at=ahead(days=2)
    )

    await pygai("interval", "remove", interval.name)

    async with database.session() as session:
        left = await session.get_one(Prompt, waiting.id)
    assert (left.interval_id, left.available_at) == (None, None)


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": NaN}', '"word"', "null"])
async def test_parameters_that_are_no_object_are_refused(pygai, text):
    answer = await pygai("config", "add", "odd", "--text", text)

    assert answer.code == 2
    assert "--text" in answer.complaints


async def test_parameters_come_from_a_file_with_their_order_kept(pygai, tmp_path):
    file = tmp_path / "parameters.json"
    file.write_text('{"zebra": 1, "ant": {"名": "雨"}}')

    added = (await pygai("config", "add", "Mine", "--text", f"@{file}", "--json")).data

    assert json.dumps(added["text"], ensure_ascii=False) == '{"zebra": 1, "ant": {"名": "雨"}}'


async def test_a_file_that_is_not_there_is_told_in_words(pygai):
    answer = await pygai("config", "add", "Mine", "--text", "@/nowhere/at/all.json")

    assert answer.code == 1
    assert "/nowhere/at/all.json: No such file" in answer.complaints


@pytest.mark.parametrize("name", ["a/b", ".hidden", "", " ", "a\\b"])
async def test_a_site_whose_name_is_no_part_of_an_address_is_refused(pygai, name):
    answer = await pygai("directory", "add", name, "--path", "fine")

    assert answer.code == 1
    assert "name: " in answer.complaints


async def test_changes_are_in_the_audit_log(pygai, database):
    added = (await pygai("topic", "add", "Rain", "--json")).data
    await pygai("topic", "edit", "Rain", "--memo", "x")
    await pygai("topic", "remove", "Rain")

    async with database.session() as session:
        left = await session.scalar(select(Topic))
    entries = await audited(database)
    assert [(entry.action, entry.details) for entry in entries] == [
        ("topic.add", {"after": {"name": "Rain"}}),
        ("topic.edit", {"before": {"memo": None}, "after": {"memo": "x"}}),
        ("topic.remove", {"before": {"name": "Rain", "memo": "x"}}),
    ]
    assert {entry.subject for entry in entries} == {f"topic {added['id']}"}
    assert all(entry.actor.startswith("cli:") for entry in entries)
    assert left is None


async def test_the_audit_log_tells_the_columns_in_which_a_thing_differs(pygai, database):
    await an_interval(database, name="mornings", expression="30 7 * * *", next_at=ahead(hours=1))

    await pygai("interval", "edit", "mornings", "--time-zone", "Asia/Tokyo", "--name", "mornings")

    (entry,) = await audited(database)
    assert entry.details == {"before": {"time_zone": "UTC"}, "after": {"time_zone": "Asia/Tokyo"}}


async def test_an_edit_that_changes_nothing_leaves_nothing_in_the_audit_log(pygai, database):
    await a_topic(database, name="Rain")

    answer = await pygai("topic", "edit", "Rain", "--name", "Rain")

    assert answer.code == 0
    assert await audited(database) == []


async def test_no_text_and_no_parameter_that_may_be_a_secret_is_in_the_audit_log(pygai, database):
    parameters = '{"temperature": 0.2, "api_key": "hush", "stop": ["hush"], "more": {"system": "hush"}}'

    await pygai("config", "add", "Careful", "--text", parameters)
    await pygai("instruction", "add", "Teacher", "--text", "hush, hush", "--config", parameters)

    config, instruction = await audited(database)
    told = {"temperature": 0.2, "api_key": "4 characters", "stop": "1 entries", "more": "1 entries"}
    assert config.details == {"after": {"name": "Careful", "type": "gentxt", "text": told}}
    assert instruction.details == {"after": {"name": "Teacher", "text": "10 characters", "config": told}}
