"""Values that an original database should not hold but may."""

import sqlite3
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.builders import a_prompt
from tests.cli.installations import everything, imported, installation, only_row_of, rows_of, tally, told
from tests.cli.original import WRITTEN_AT, add_to_original, an_original

WRITTEN = datetime.fromisoformat(WRITTEN_AT).replace(tzinfo=UTC)


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


@pytest.fixture
def original(tmp_path):
    def original(**tables):
        return an_original(tmp_path / "original.sqlite3", **tables)

    return original


@pytest.mark.parametrize(
    ("quota", "enabled", "count", "initial", "is_enabled", "is_exhausted"),
    [
        (3, 1, 3, 3, True, False),
        (3, 0, 3, 3, False, False),
        (0, 1, 0, 10, False, True),
        (0, 0, 0, 10, False, False),
        (-1, 0, 0, 10, False, True),
        (-7, 1, 0, 10, False, True),
        ("", 1, 10, 10, True, False),
        ("many", 1, 10, 10, True, False),
        (2.5, 1, 2, 2, True, False),
        (10**12, 1, 2**31 - 1, 2**31 - 1, True, False),
        (3, 2, 3, 3, False, False),
        (3, "", 3, 3, False, False),
        (3, "true", 3, 3, False, False),
    ],
)
async def test_a_quota_becomes_a_count(here, original, quota, enabled, count, initial, is_enabled, is_exhausted):
    await imported(here, original(gaiPrompt=[{"quota": quota, "enabled": enabled}]))

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt")

    assert (prompt["count"], prompt["initial_count"]) == (count, initial)
    assert (prompt["is_enabled"], prompt["is_exhausted"]) == (is_enabled, is_exhausted)


@pytest.mark.parametrize(("given", "shown"), [(1, True), (0, False), ("", False), (2, True), ("yes", True)])
async def test_is_show_in_content_is_what_the_original_took_it_for(here, original, given, shown):
    await imported(here, original(gaiPrompt=[{"isShowInContent": given}]))

    prompt = await only_row_of(here.database, "SELECT is_show_in_content FROM gai_prompt")

    assert prompt["is_show_in_content"] is shown


@pytest.mark.parametrize("reference", ["", 0, 77, -1, "7a", 1.5, 1e30])
async def test_a_reference_to_nothing_becomes_none_and_is_said(here, original, reference):
    report = await imported(here, original(gaiPrompt=[{"topicId": reference, "topicName": "Lost"}]))

    prompt = await only_row_of(here.database, "SELECT topic_id FROM gai_prompt")

    assert prompt["topic_id"] is None
    assert "names no topic: none" in told(report, "gaiPrompt", 1)
    assert "topicName copied from what is not here: not kept" in told(report, "gaiPrompt", 1)


async def test_a_prompt_without_return_data_is_available_since_it_was_made(here, original):
    await imported(here, original(gaiPrompt=[{"schedTime": "2099-01-01 00:00:00"}]))

    prompt = await only_row_of(here.database, "SELECT available_at, last_content_at FROM gai_prompt")

    assert prompt == {"available_at": WRITTEN, "last_content_at": None}


async def test_a_prompt_from_the_future_is_available_now(here, original):
    await imported(here, original(gaiPrompt=[{"lastModified": "2999-01-01 00:00:00"}]))

    prompt = await only_row_of(here.database, "SELECT available_at <= now() AS is_due FROM gai_prompt")

    assert prompt["is_due"]


async def test_a_returned_prompt_is_due_when_its_interval_says_after_its_last_content(here, original):
    path = original(
        gaiInterval=[{}],
        gaiContent=[{"promptId": 1}],
        gaiPrompt=[{"intervalId": 1, "lastContentId": 1, "lastContentTime": "2026-05-01 12:00:00"}],
    )

    await imported(here, path, zone=ZoneInfo("Asia/Shanghai"))

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt")
    assert prompt["last_content_id"] == 1
    assert prompt["last_content_at"] == datetime(2026, 5, 1, 4, tzinfo=UTC)
    assert prompt["available_at"] == datetime(2026, 5, 1, 16, tzinfo=UTC)


async def test_a_returned_prompt_without_an_interval_waits_for_a_reset(here, original):
    await imported(
        here, original(gaiContent=[{"created": "2026-05-01 12:00:00"}], gaiPrompt=[{"lastContentId": 1}])
    )

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt")

    assert prompt["available_at"] is None
    assert prompt["last_content_at"] == datetime(2026, 5, 1, 12, tzinfo=UTC)


async def test_a_last_content_that_is_gone_is_said_and_its_time_stays(here, original):
    path = original(gaiPrompt=[{"lastContentId": 500, "lastContentTime": "2026-05-01 12:00:00"}])

    report = await imported(here, path)

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt")
    assert (prompt["last_content_id"], prompt["available_at"]) == (None, None)
    assert prompt["last_content_at"] is not None
    assert "lastContentId 500 names no content" in told(report, "gaiPrompt", 1)


@pytest.mark.parametrize(
    "config", ["", "no json", "[1]", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', "{}" * 2]
)
async def test_a_config_that_is_no_json_object_is_left_empty(here, original, config):
    path = original(gaiInstruction=[{"config": config}], gaiConfig=[{"text": config}])

    report = await imported(here, path)

    assert (await only_row_of(here.database, "SELECT config FROM gai_instruction"))["config"] is None
    assert (await only_row_of(here.database, "SELECT text::text FROM gai_config"))["text"] == "{}"
    assert "no JSON object" in told(report, "gaiInstruction", 1)


async def test_the_order_of_keys_in_a_config_stays(here, original):
    await imported(here, original(gaiConfig=[{"text": '{"z": 1.0, "a": {"ключ": "值"}}'}]))

    row = await only_row_of(here.database, "SELECT text::text FROM gai_config")

    assert row["text"].index('"z"') < row["text"].index('"a"')


async def test_a_type_that_is_none_sets_the_row_aside_and_what_names_it_goes_without(here, original):
    path = original(
        gaiConfig=[{"type": "genvideo"}],
        gaiPrompt=[{"type": "gentxt", "configId": 1}, {"type": "poem"}],
        gaiContent=[{"promptId": 2, "histPromptId": "2"}],
    )

    report = await imported(here, path)

    assert tally(report, "gaiConfig") == (0, 0, 1, 0)
    assert tally(report, "gaiPrompt")[:3] == (1, 1, 1)
    assert "type is 'poem', neither gentxt nor genimg" in told(report, "gaiPrompt", 2)
    content = await only_row_of(here.database, "SELECT prompt_id, hist_prompt_id FROM gai_content")
    assert content == {"prompt_id": None, "hist_prompt_id": "2"}


async def test_texts_keep_every_character_that_can_be_kept(here, original):
    text = "Zeile\r\nzwei \u2028 😀 \ufeff \x01 'quoted' \\ ; DROP TABLE gai_prompt; --"

    report = await imported(here, original(gaiPrompt=[{"text": text}], gaiContent=[{"text": text}]))

    assert (await only_row_of(here.database, "SELECT text FROM gai_prompt"))["text"] == text
    assert tally(report, "gaiContent") == (1, 0, 0, 0)


async def test_what_is_no_text_is_replaced(here, original):
    path = original(gaiPrompt=[{"text": b"bytes \xff and \x00"}], gaiContent=[{"text": "a\x00b"}])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gaiContent SET histId = CAST(x'4cff' AS TEXT)")
    connection.close()

    report = await imported(here, path)

    assert (await only_row_of(here.database, "SELECT text FROM gai_prompt"))["text"] == "bytes \ufffd and "
    content = await only_row_of(here.database, "SELECT text, hist_id FROM gai_content")
    assert content == {"text": "ab", "hist_id": "L\ufffd"}
    assert "holds NUL characters or bytes that are no text" in told(report, "gaiContent", 1)


@pytest.mark.parametrize(
    "written", ["", "soon", "2026-13-45", 0, 1.5, "0000-00-00 00:00:00", "9999-12-31 23:59:59"]
)
async def test_a_time_that_is_none_becomes_that_of_the_import(here, original, written):
    report = await imported(here, original(gaiContent=[{"created": written}]), zone=ZoneInfo("America/New_York"))

    row = await only_row_of(
        here.database, "SELECT now() - created_at < interval '1 minute' AS is_now FROM gai_content"
    )

    assert row["is_now"]
    assert tally(report, "gaiContent") == (1, 1, 0, 0)


async def test_names_that_are_blank_or_taken_are_made_up(here, original):
    report = await imported(here, original(gaiTopic=[{"name": ""}, {"name": "topic 1"}, {"name": " "}]))

    rows = await rows_of(here.database, "SELECT name FROM gai_topic ORDER BY id")

    assert [row["name"] for row in rows] == ["topic 1", "topic 1 (2)", "topic 3"]
    assert "another topic here is named 'topic 1'" in told(report, "gaiTopic", 2)


async def test_sites_whose_names_look_alike_get_folders_of_their_own(here, original):
    await imported(here, original(gaiDirectory=[{"name": "My Site"}, {"name": "my-site"}, {"name": "…"}]))

    rows = await rows_of(here.database, "SELECT path FROM gai_directory ORDER BY id")

    assert [row["path"] for row in rows] == ["my-site", "my-site-2", "site-3"]


@pytest.mark.parametrize("number", [0, -5, 2**62])
async def test_an_id_that_none_should_have_is_exchanged(here, original, number):
    path = original(gaiPrompt=[{"id": number}, {"id": 4}], gaiContent=[{"promptId": number}])

    report = await imported(here, path)

    prompts = await rows_of(here.database, "SELECT id FROM gai_prompt ORDER BY id")
    assert [row["id"] for row in prompts] == [4, 5]
    assert (await only_row_of(here.database, "SELECT prompt_id FROM gai_content"))["prompt_id"] == 5
    assert f"id is {number}: 5" in told(report, "gaiPrompt", number)


async def test_a_prompt_id_of_twenty_five_digits_names_no_prompt(here, original):
    path = original(gaiContent=[{"promptId": 1e25, "histPromptId": "1" * 25}])

    await imported(here, path)

    content = await only_row_of(here.database, "SELECT prompt_id, hist_prompt_id FROM gai_content")
    assert content == {"prompt_id": None, "hist_prompt_id": "1" * 25}


async def test_a_publication_of_nothing_is_set_aside(here, original):
    path = original(gaiContent=[{}], gaiDirectory=[{}], gaiPublish=[{"contentId": 1}, {"contentId": 9}])

    report = await imported(here, path)

    assert tally(report, "gaiPublish") == (1, 0, 1, 0)
    assert "its content 9 is not here" in told(report, "gaiPublish", 2)


async def test_a_publication_to_a_folder_of_no_directory_is_linked_to_none(here, original):
    report = await imported(here, original(gaiContent=[{}], gaiPublish=[{"refPath": "/gone/docs"}]))

    row = await only_row_of(here.database, "SELECT dir_id, external_id FROM gai_publish")

    assert row == {"dir_id": None, "external_id": "blog/1-1-1.md"}
    assert "'/gone/docs' is the folder of no directory here" in told(report, "gaiPublish", 1)


async def test_what_an_extension_published_is_kept_under_its_number(here, original):
    path = original(gaiContent=[{"publishId": 4711, "publishTime": "2026-05-01 12:00:00"}, {"publishId": 0}])
    await imported(here, path)
    before = await everything(here.database)

    again = await imported(here, path)

    row = await only_row_of(here.database, "SELECT content_id, status, external_id, published_at FROM gai_publish")
    assert row == {
        "content_id": 1,
        "status": "replaced",
        "external_id": "4711",
        "published_at": datetime(2026, 5, 1, 12, tzinfo=UTC),
    }
    assert await everything(here.database) == before
    assert tally(again, "gaiPublish") == (0, 0, 0, 1)


async def test_rows_of_publish_attachment_are_set_aside_once_said(here, original):
    report = await imported(here, original(gaiPublishAttachment=[{}, {"id": 2}]))

    assert tally(report, "gaiPublishAttachment") == (0, 0, 2, 0)
    assert any("gaiPublishAttachment" in note for note in report.notes)


async def test_an_older_database_may_lack_columns(here, original):
    path = original(gaiTopic=[{"memo": "m"}], gaiPrompt=[{}])
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE gaiTopic DROP COLUMN memo")
        connection.execute("ALTER TABLE gaiPrompt DROP COLUMN files")
        connection.execute("DROP TABLE gaiPublishAttachment")
    connection.close()

    report = await imported(here, path)

    assert (tally(report, "gaiTopic")[0], tally(report, "gaiPrompt")[0]) == (1, 1)


async def test_an_edited_name_is_still_the_same_topic(here, original):
    path = original(gaiTopic=[{"name": "Old name"}])
    await imported(here, path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE gaiTopic SET name = 'New name'")
    connection.close()
    add_to_original(path, gaiPrompt=[{"topicId": 1}])

    report = await imported(here, path)

    assert tally(report, "gaiTopic") == (0, 0, 0, 1)
    assert (await only_row_of(here.database, "SELECT topic_id FROM gai_prompt"))["topic_id"] == 1


async def test_imported_prompts_are_handed_out_like_any_other(client, database, tmp_path, original):
    await a_prompt(database, text="Younger")
    await imported(installation(database, tmp_path), original(gaiPrompt=[{"text": "Older"}]))

    task = (await client.get("/aiprompt/output/")).json()["data"]

    assert task["text"] == "Older"
