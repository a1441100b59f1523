"""`pygai prompt`, and when a prompt that was edited is available."""

import pytest

from app.catalog.cron import next_due
from app.models import Prompt, PromptAttempt
from tests.builders import (
    a_config,
    a_content,
    a_prompt,
    a_site,
    a_topic,
    ago,
    ahead,
    an_instruction,
    an_interval,
    saved,
)


async def reread(database, prompt):
    async with database.session() as session:
        return await session.get_one(Prompt, prompt.id)


async def test_a_prompt_is_added_listed_shown_edited_and_removed(pygai, database):
    topic, interval, site = await a_topic(database), await an_interval(database), await a_site(database)
    config, instruction = await a_config(database), await an_instruction(database)
    names = ["--topic", topic.name, "--interval", interval.id, "--config", config.name]
    names += ["--instruction", instruction.name, "--directory", site.name]

    added = (await pygai("prompt", "add", "--text", "Rain?", *names, "--count", 3, "--json")).data
    listed = (await pygai("prompt", "list", "--topic", topic.name, "--json")).data
    changed = (await pygai("prompt", "edit", added["id"], "--text", "Snow?", "--topic", "", "--json")).data
    shown = (await pygai("prompt", "show", added["id"], "--json")).data
    removed = await pygai("prompt", "remove", added["id"])
    left = (await pygai("prompt", "list", "--json")).data

    assert (added["topic"], added["interval"], added["directory"]) == (topic.name, interval.name, site.name)
    assert (added["config"], added["instruction"]) == (config.name, instruction.name)
    assert (added["count"], added["initial_count"], added["state"]) == (3, 3, "available")
    assert [row["id"] for row in listed] == [added["id"]]
    assert (changed["text"], changed["topic"]) == ("Snow?", None)
    assert shown["text"] == "Snow?"
    assert removed.code == 0
    assert left == []


async def test_a_text_is_read_from_a_file_or_a_pipe(pygai, tmp_path):
    file = tmp_path / "task.txt"
    file.write_text("Schreib über Regen: 雨", "utf-8")

    from_file = (await pygai("prompt", "add", "--text-file", file, "--json")).data
    from_pipe = (await pygai("prompt", "add", "--text-file", "-", "--json", typed="Piped.")).data

    assert from_file["text"] == "Schreib über Regen: 雨"
    assert from_pipe["text"] == "Piped."


@pytest.mark.parametrize(
    ("options", "code"), [([], 2), (["--text", " "], 1), (["--text", "a", "--text-file", "b"], 2)]
)
async def test_a_prompt_without_one_text_is_refused(pygai, options, code):
    answer = await pygai("prompt", "add", *options)

    assert answer.code == code
    assert "text" in answer.complaints


async def test_an_unknown_reference_is_refused_and_nothing_added(pygai):
    answer = await pygai("prompt", "add", "--text", "x", "--topic", "Nowhere")
    listed = (await pygai("prompt", "list", "--json")).data

    assert answer.code == 1
    assert "topic: there is no topic 'Nowhere'" in answer.complaints
    assert listed == []


async def test_files_and_addresses_are_attached_and_detached(pygai, tmp_path):
    file = tmp_path / "note.txt"
    file.write_text("hello")

    added = (
        await pygai("prompt", "add", "--text", "x", "--file", file, "--file", "https://a.example/b.png", "--json")
    ).data
    local, remote = added["files"]
    edited = (
        await pygai("prompt", "edit", added["id"], "--detach", remote["id"], "--attach", file, "--json")
    ).data

    assert local["url"].startswith("http://test/uploads/")
    assert remote["url"] == "https://a.example/b.png"
    assert [entry["name"] for entry in edited["files"]] == ["note.txt", "note.txt"]


async def test_a_file_that_is_not_there_adds_no_prompt(pygai, tmp_path):
    answer = await pygai("prompt", "add", "--text", "x", "--file", tmp_path / "nothing.png")
    listed = (await pygai("prompt", "list", "--json")).data

    assert answer.code == 2
    assert listed == []


async def test_a_disabled_prompt_that_is_enabled_keeps_its_place(pygai, database):
    prompt = await a_prompt(database, is_enabled=False, available_at=ago(hours=5))

    answer = await pygai("prompt", "edit", prompt.id, "--enable", "--json")

    assert answer.data["state"] == "available"
    assert (await reread(database, prompt)).available_at == prompt.available_at


async def test_a_prompt_without_return_data_is_available_whatever_its_interval(pygai, database):
    interval = await an_interval(database, expression="0 0 1 1 *")
    prompt = await a_prompt(database, available_at=None)

    answer = await pygai("prompt", "edit", prompt.id, "--interval", interval.name, "--json")

    assert answer.data["state"] == "available"


async def test_a_returned_prompt_is_due_by_its_new_interval_after_its_return(pygai, database):
    interval = await an_interval(database, expression="30 4 * * *", time_zone="Asia/Tokyo")
    content = await a_content(database)
    prompt = await a_prompt(
        database, last_content_id=content.id, last_content_at=ago(minutes=1), available_at=None
    )

    await pygai("prompt", "edit", prompt.id, "--interval", interval.name)

    due = next_due("30 4 * * *", "Asia/Tokyo", after=prompt.last_content_at)
    assert (await reread(database, prompt)).available_at == due


async def test_a_prompt_returned_long_ago_is_due_at_once(pygai, database):
    interval = await an_interval(database, expression="0 * * * *")
    prompt = await a_prompt(database, last_content_at=ago(days=3), available_at=None)

    answer = await pygai("prompt", "edit", prompt.id, "--interval", interval.name, "--json")

    assert answer.data["state"] == "available"


async def test_a_returned_prompt_that_loses_its_interval_waits_for_a_reset(pygai, database):
    interval = await an_interval(database)
    prompt = await a_prompt(
        database, interval_id=interval.id, last_content_at=ago(minutes=1), available_at=ahead(minutes=4)
    )

    answer = await pygai("prompt", "edit", prompt.id, "--interval", "", "--json")

    assert answer.data["state"] == "returned, waiting for a reset"
    assert (await reread(database, prompt)).available_at is None


async def test_a_returned_prompt_that_is_enabled_is_due_by_its_interval(pygai, database):
    interval = await an_interval(database, expression="0 0 1 1 *")
    prompt = await a_prompt(
        database, interval_id=interval.id, is_enabled=False, last_content_at=ago(minutes=1), available_at=None
    )

    await pygai("prompt", "edit", prompt.id, "--enable")

    due = next_due("0 0 1 1 *", "UTC", after=prompt.last_content_at)
    assert (await reread(database, prompt)).available_at == due


async def test_a_new_count_brings_an_exhausted_prompt_back(pygai, database):
    prompt = await a_prompt(database, count=0, is_enabled=False, is_exhausted=True)

    await pygai("prompt", "edit", prompt.id, "--count", 5)

    edited = await reread(database, prompt)
    assert (edited.count, edited.initial_count) == (5, 5)
    assert (edited.is_enabled, edited.is_exhausted) == (True, False)


async def test_a_new_count_does_not_enable_what_an_operator_disabled(pygai, database):
    prompt = await a_prompt(database, count=0, is_enabled=False)

    answer = await pygai("prompt", "edit", prompt.id, "--count", 5, "--json")

    assert answer.data["state"] == "disabled"


async def test_an_exhausted_prompt_cannot_be_enabled_without_a_count(pygai, database):
    prompt = await a_prompt(database, count=0, is_enabled=False, is_exhausted=True)

    answer = await pygai("prompt", "edit", prompt.id, "--enable")

    assert answer.code == 1
    assert "has run out" in answer.complaints


async def test_disabling_an_exhausted_prompt_is_an_operators_decision(pygai, database):
    prompt = await a_prompt(database, count=0, is_enabled=False, is_exhausted=True, last_content_at=ago(hours=1))

    await pygai("prompt", "edit", prompt.id, "--disable")
    await pygai("reset")

    edited = await reread(database, prompt)
    assert (edited.is_enabled, edited.is_exhausted) == (False, False)


async def test_editing_leaves_a_running_lease_alone(pygai, database):
    prompt = await a_prompt(database, leased_to="somebody")

    answer = await pygai("prompt", "edit", prompt.id, "--memo", "x", "--json")

    assert answer.data["leased_to"] == "somebody"
    assert answer.data["state"].startswith("leased until")


async def test_a_lease_is_shown_and_can_be_ended(pygai, database):
    prompt = await a_prompt(database, leased_to="somebody")

    shown = (await pygai("prompt", "show", prompt.id, "--json")).data
    released = await pygai("prompt", "release", prompt.id)
    again = await pygai("prompt", "release", prompt.id)

    assert shown["leased_to"] == "somebody"
    assert "is free again" in released.complaints
    assert "was not on lease" in again.complaints
    assert (await reread(database, prompt)).leased_to is None


async def test_the_last_attempts_are_shown(pygai, database):
    prompt = await a_prompt(database)
    for reason in ("first", "second"):
        attempt = PromptAttempt(
            prompt_id=prompt.id, hist_prompt_id="", hist_id="", cron_id="", status="fail", reason=reason
        )
        await saved(database, attempt)

    shown = (await pygai("prompt", "show", prompt.id, "--json")).data

    assert [attempt["reason"] for attempt in shown["attempts"]] == ["second", "first"]


@pytest.mark.parametrize("command", [["show"], ["remove"], ["release"], ["edit", "--memo", "x"]])
@pytest.mark.parametrize("number", ["4711", "0", str(2**63)])
async def test_a_prompt_that_does_not_exist_is_told_in_words(pygai, command, number):
    answer = await pygai("prompt", command[0], number, *command[1:])

    assert answer.code == 1
    assert f"there is no prompt {number}" in answer.complaints


async def test_a_number_that_no_prompt_has_is_told_by_the_name_of_its_option(pygai):
    answer = await pygai("reset", "--id", 2**63)

    assert answer.code == 1
    assert "✗ id: " in answer.complaints
