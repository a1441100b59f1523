"""The sample of an original database: everything comes over, once."""

import shutil
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.builders import a_prompt, a_site, a_topic, an_interval
from tests.cli.installations import (
    everything,
    imported,
    installation,
    only_row_of,
    remarks_on,
    rows_of,
    tally,
    told,
)
from tests.cli.original import SAMPLE, add_to_original, an_original


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


async def test_every_row_of_the_sample_is_accounted_for(here):
    report = await imported(here, SAMPLE)

    assert {table: tally(report, table) for table in report.tallies} == {
        "gaiTopic": (5, 0, 0, 0),
        "gaiInterval": (9, 1, 1, 0),
        "gaiInstruction": (3, 1, 0, 0),
        "gaiConfig": (2, 0, 0, 0),
        "gaiDirectory": (2, 0, 0, 0),
        "gaiPrompt": (40, 39, 0, 0),
        "gaiPrompt.files": (11, 0, 24, 0),
        "gaiContent": (120, 42, 0, 0),
        "gaiContent.files": (128, 128, 0, 0),
        "gaiPublish": (67, 0, 0, 0),
        "gaiPublishAttachment": (0, 0, 0, 0),
    }


async def test_what_the_report_counts_is_what_the_tables_hold(here):
    await imported(here, SAMPLE)

    held = {table: len(rows) for table, rows in (await everything(here.database)).items()}

    assert held == {
        "gai_topic": 5,
        "gai_interval": 9,
        "gai_instruction": 3,
        "gai_config": 2,
        "gai_directory": 2,
        "gai_prompt": 40,
        "gai_prompt_file": 11,
        "gai_content": 120,
        "gai_content_file": 128,
        "gai_publish": 67,
        "media_file": 0,
        "import_origin": 248,
    }


async def test_ids_are_kept_in_an_empty_installation(here):
    await imported(here, SAMPLE)

    contents = await rows_of(here.database, "SELECT id, hist_id FROM gai_content ORDER BY id")
    publications = await rows_of(here.database, "SELECT id FROM gai_publish ORDER BY id LIMIT 5")

    assert all(row["hist_id"] == f"L-GTXT-{row['id']}" for row in contents)
    assert [row["id"] for row in publications] == [1, 3, 9, 10, 12]


async def test_new_rows_get_ids_past_the_imported_ones(here):
    await imported(here, SAMPLE)

    prompt, topic = await a_prompt(here.database), await a_topic(here.database)

    assert (prompt.id, topic.id) == (41, 6)


async def test_importing_twice_changes_nothing(here):
    await imported(here, SAMPLE)
    before = await everything(here.database)

    report = await imported(here, SAMPLE)

    assert await everything(here.database) == before
    assert {table: tally(report, table) for table in report.tallies} == {
        "gaiTopic": (0, 0, 0, 5),
        "gaiInterval": (0, 0, 1, 9),
        "gaiInstruction": (0, 0, 0, 3),
        "gaiConfig": (0, 0, 0, 2),
        "gaiDirectory": (0, 0, 0, 2),
        "gaiPrompt": (0, 0, 0, 40),
        "gaiPrompt.files": (0, 0, 0, 0),
        "gaiContent": (0, 0, 0, 120),
        "gaiContent.files": (0, 0, 0, 0),
        "gaiPublish": (0, 0, 0, 67),
        "gaiPublishAttachment": (0, 0, 0, 0),
    }


async def test_an_interval_without_a_cron_expression_gets_the_nearest(here):
    report = await imported(here, SAMPLE)

    interval = await only_row_of(here.database, "SELECT * FROM gai_interval WHERE id = 9")

    assert interval["expression"] == "0 */2 * * *"
    assert "no Cron expression says '+90 minutes'" in told(report, "gaiInterval", 9)


async def test_an_interval_that_is_no_span_of_time_is_set_aside_and_its_prompts_lose_it(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(here.database, "SELECT interval_id FROM gai_prompt WHERE id = 6")

    assert "'next tuesday' is no span of time" in told(report, "gaiInterval", 10)
    assert prompt["interval_id"] is None
    assert "intervalId 10 names interval 10, which did not come over" in told(report, "gaiPrompt", 6)


async def test_the_other_intervals_are_what_their_memos_say(here):
    await imported(here, SAMPLE, zone=ZoneInfo("Asia/Shanghai"))

    rows = await rows_of(here.database, "SELECT expression, time_zone FROM gai_interval WHERE id < 9 ORDER BY id")

    assert [row["expression"] for row in rows] == [
        "0 * * * *",
        "0 0 * * *",
        "0 0 * * 0",
        "0 0 1 * *",
        "0 0 1 1 *",
        "*/5 * * * *",
        "*/30 * * * *",
        "0 */2 * * *",
    ]
    assert {row["time_zone"] for row in rows} == {"Asia/Shanghai"}


async def test_a_prompt_below_zero_has_run_out_and_a_reset_brings_it_back(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt WHERE id = 2")

    assert (prompt["count"], prompt["initial_count"]) == (0, 10)
    assert (prompt["is_enabled"], prompt["is_exhausted"]) == (False, True)
    assert "quota is -1 and the prompt enabled" in told(report, "gaiPrompt", 2)


async def test_an_empty_quota_is_the_default(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(here.database, "SELECT * FROM gai_prompt WHERE id = 6")

    assert (prompt["count"], prompt["initial_count"], prompt["is_enabled"]) == (10, 10, True)
    assert "quota is empty text: the default of 10" in told(report, "gaiPrompt", 6)


async def test_an_empty_enabled_is_no_as_it_was_to_the_original(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(here.database, "SELECT is_enabled, is_exhausted FROM gai_prompt WHERE id = 4")

    assert prompt == {"is_enabled": False, "is_exhausted": False}
    assert "enabled is empty text: counts as no" in told(report, "gaiPrompt", 4)


async def test_an_interval_of_zero_is_none(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(here.database, "SELECT interval_id FROM gai_prompt WHERE id = 13")

    assert prompt["interval_id"] is None
    assert "intervalId 0 names no interval" in told(report, "gaiPrompt", 13)


async def test_stale_copies_do_not_win_over_the_row_they_were_copied_from(here):
    report = await imported(here, SAMPLE)

    prompt = await only_row_of(
        here.database, "SELECT t.name FROM gai_prompt p JOIN gai_topic t ON t.id = p.topic_id WHERE p.id = 3"
    )

    assert prompt["name"] == "每日作文"
    assert "intervalExpr and topicName out of date" not in told(report, "gaiPrompt", 3)
    assert "topicName out of date" in told(report, "gaiPrompt", 3)
    assert "intervalExpr and topicName out of date" in told(report, "gaiPrompt", 1)


async def test_addresses_stay_attached_and_names_without_a_folder_are_set_aside(here):
    report = await imported(here, SAMPLE)

    files = await rows_of(here.database, "SELECT name, url FROM gai_prompt_file WHERE prompt_id = 3")

    assert files == [{"name": "http://example.org/a.png", "url": "http://example.org/a.png"}]
    assert "the folder with '课本.pdf' was not given to the import (--uploads)" in told(report, "gaiPrompt", 3)


async def test_files_joined_by_a_comma_are_taken_apart(here):
    report = await imported(here, SAMPLE)

    files = await rows_of(
        here.database, "SELECT source, status, reason FROM gai_content_file WHERE content_id = 2 ORDER BY position"
    )

    assert [file["source"] for file in files] == ["one.png", "two.png"]
    assert {file["status"] for file in files} == {"failed"}
    assert "--downloads" in files[0]["reason"]
    assert "files holds 2 names in one entry: taken apart" in told(report, "gaiContent", 2)


async def test_a_content_of_an_unknown_prompt_is_linked_to_none_and_keeps_its_id(here):
    report = await imported(here, SAMPLE)

    content = await only_row_of(here.database, "SELECT prompt_id, hist_prompt_id FROM gai_content WHERE id = 33")

    assert content == {"prompt_id": None, "hist_prompt_id": "99999"}
    assert "promptId 99999 names no prompt" in told(report, "gaiContent", 33)
    assert len([remark for remark in remarks_on(report, "gaiContent") if "99999" in remark.what]) == 5


async def test_a_prompt_of_the_clients_own_is_nothing_odd(here):
    report = await imported(here, SAMPLE)

    content = await only_row_of(here.database, "SELECT prompt_id, hist_prompt_id FROM gai_content WHERE id = 101")

    assert content == {"prompt_id": None, "hist_prompt_id": "local-3"}
    assert told(report, "gaiContent", 101) == ""


async def test_publications_keep_their_old_names_and_no_page_of_ours(here):
    await imported(here, SAMPLE)

    row = await only_row_of(here.database, "SELECT * FROM gai_publish WHERE id = 9")

    assert (row["status"], row["filename"]) == ("replaced", None)
    assert row["external_id"] == "blog/1-39-9-20260304050607.md"
    assert (row["content_id"], row["dir_id"], row["topic_id"]) == (9, 1, 1)


async def test_directories_go_below_our_sites_folder_and_the_report_says_where_they_were(here):
    report = await imported(here, SAMPLE)

    rows = await rows_of(here.database, "SELECT name, path, tmpl FROM gai_directory ORDER BY id")

    assert rows == [
        {"name": "MyWebSite", "path": "mywebsite", "tmpl": "mkdocs"},
        {"name": "花园", "path": "hua-yuan", "tmpl": "mkdocs"},
    ]
    assert "~/Documents/sites/MyWebSite/docs/" in told(report, "gaiDirectory", 1)


async def test_a_directory_stays_where_it_was_if_that_place_is_allowed(database, tmp_path):
    here = installation(database, tmp_path / "here", sites_allowed_roots=[str(tmp_path / "sites")])
    places = [tmp_path / "sites" / "One" / "docs", tmp_path / "sites-evil" / "docs", tmp_path / "sites" / "One"]
    original = an_original(
        tmp_path / "original.sqlite3",
        gaiDirectory=[{"id": n, "name": f"Site {n}", "path": f"{place}/"} for n, place in enumerate(places, 1)],
    )

    report = await imported(here, original)

    rows = await rows_of(database, "SELECT path FROM gai_directory ORDER BY id")
    assert [row["path"] for row in rows] == [str(tmp_path / "sites" / "One"), "site-2", "site-3"]
    assert "new ones go there too" in told(report, "gaiDirectory", 1)


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "/etc"])
async def test_a_name_that_is_no_part_of_an_address_is_mended(here, tmp_path, name):
    report = await imported(here, an_original(tmp_path / "o.sqlite3", gaiDirectory=[{"id": 7, "name": name}]))

    row = await only_row_of(here.database, "SELECT name, path FROM gai_directory")
    assert row == {"name": "directory 7", "path": "directory-7"}
    assert "must have no slash" in told(report, "gaiDirectory", 7)


async def test_a_site_that_is_named_as_the_folder_of_another_gets_another_name(here, tmp_path):
    names = [{"id": 1, "name": "花园"}, {"id": 2, "name": "hua-yuan"}]

    await imported(here, an_original(tmp_path / "o.sqlite3", gaiDirectory=names))

    rows = await rows_of(here.database, "SELECT name, path FROM gai_directory ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("花园", "hua-yuan"), ("hua-yuan (2)", "hua-yuan-2")]


async def test_local_times_become_instants(here):
    await imported(here, SAMPLE, zone=ZoneInfo("Asia/Shanghai"))

    content = await only_row_of(here.database, "SELECT created_at FROM gai_content WHERE id = 1")

    assert content["created_at"] == datetime(2026, 6, 1, 4, 1, tzinfo=UTC)


async def test_in_a_filled_installation_new_ids_are_given_and_followed(here):
    await a_prompt(here.database)
    await a_topic(here.database)

    await imported(here, SAMPLE)

    content = await only_row_of(
        here.database,
        "SELECT c.id, c.hist_prompt_id, p.text, t.name FROM gai_content c JOIN gai_prompt p ON p.id = c.prompt_id"
        " JOIN gai_topic t ON t.id = p.topic_id WHERE c.hist_id = 'L-GTXT-10'",
    )
    assert content["hist_prompt_id"] == "1"
    assert content["text"] == "Write about 1 things that grow."
    assert content["name"] == "每日作文"


async def test_in_a_filled_installation_twice_changes_nothing_either(here):
    await a_prompt(here.database)
    await imported(here, SAMPLE)
    before = await everything(here.database)

    await imported(here, SAMPLE)

    assert await everything(here.database) == before


async def test_what_is_here_by_the_same_name_is_used_when_it_is_the_same_thing(here):
    topic, site = await a_topic(here.database, name="Gardens"), await a_site(here.database, name="MyWebSite")

    report = await imported(here, SAMPLE)

    assert tally(report, "gaiTopic") == (4, 0, 0, 1)
    prompt = await only_row_of(
        here.database, "SELECT topic_id, dir_id FROM gai_prompt WHERE text LIKE '%номер 2' AND type = 'genimg'"
    )
    assert prompt == {"topic_id": topic.id, "dir_id": site.id}


async def test_another_thing_of_the_same_name_stays_and_the_imported_one_is_renamed(here):
    await an_interval(here.database, name="daily", expression="30 6 * * *")

    report = await imported(here, SAMPLE)

    rows = await rows_of(here.database, "SELECT name, expression FROM gai_interval WHERE name LIKE 'daily%'")
    assert {row["name"]: row["expression"] for row in rows} == {"daily": "30 6 * * *", "daily (2)": "0 0 * * *"}
    assert "another interval here is named 'daily'" in told(report, "gaiInterval", 2)


async def test_of_a_database_that_grew_only_what_is_new_comes_over(here, tmp_path):
    grown = tmp_path / "grown.sqlite3"
    shutil.copyfile(SAMPLE, grown)
    await imported(here, grown)
    add_to_original(
        grown,
        gaiTopic=[{"name": "New topic"}],
        gaiPrompt=[{"text": "A new prompt.", "topicId": 6}],
        gaiContent=[
            {"promptId": 41, "histPromptId": "41", "text": "New"},
            {"promptId": 3, "text": "Of an old one"},
        ],
    )

    report = await imported(here, grown)

    assert tally(report, "gaiTopic") == (1, 0, 0, 5)
    assert tally(report, "gaiContent") == (2, 0, 0, 120)
    linked = await rows_of(
        here.database,
        "SELECT c.text, p.text AS prompt, t.name FROM gai_content c JOIN gai_prompt p ON p.id = c.prompt_id"
        " LEFT JOIN gai_topic t ON t.id = p.topic_id WHERE c.id > 120 ORDER BY c.id",
    )
    assert linked[0] == {"text": "New", "prompt": "A new prompt.", "name": "New topic"}
    assert linked[1]["prompt"] == "Write about 3 things that grow."


async def test_what_was_removed_here_does_not_come_back(here):
    await imported(here, SAMPLE)
    await rows_of(here.database, "DELETE FROM gai_content WHERE id = 7 RETURNING id")

    report = await imported(here, SAMPLE)

    assert tally(report, "gaiContent") == (0, 0, 0, 120)
    assert await rows_of(here.database, "SELECT id FROM gai_content WHERE id = 7") == []


async def test_another_database_with_the_same_ids_comes_beside_the_first(here, tmp_path):
    other = an_original(
        tmp_path / "other.sqlite3", gaiTopic=[{"name": "Elsewhere"}], gaiContent=[{"text": "There"}]
    )
    await imported(here, SAMPLE)

    report = await imported(here, other)

    assert (tally(report, "gaiTopic"), tally(report, "gaiContent")) == ((1, 0, 0, 0), (1, 0, 0, 0))
