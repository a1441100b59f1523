"""`pygai import`, `export`, `backup` and `restore` as they are typed."""

import json
import sqlite3

import pytest

from tests.builders import a_content, a_prompt
from tests.cli.installations import rows_of
from tests.cli.original import SAMPLE, an_original


async def test_an_original_database_is_imported_and_the_report_printed_and_written(pygai, database, tmp_path):
    path = tmp_path / "report.json"

    answer = await pygai("import", SAMPLE, "--time-zone", "Asia/Shanghai", "--report", path)

    written = json.loads(path.read_text("utf-8"))
    assert answer.code == 0
    assert "gaiPublishAttachment" in answer.printed
    assert "gaiInterval 10 set aside: expr 'next tuesday' is no span of time" in answer.printed
    assert "more, all in" in answer.printed
    assert written["tables"][0] == {
        "table": "gaiTopic",
        "imported": 5,
        "mended": 0,
        "set_aside": 0,
        "already_there": 0,
    }
    assert len(written["remarks"]) > 100
    assert "Asia/Shanghai" in written["notes"][0]


async def test_an_import_is_in_the_audit_log_and_its_intervals_have_a_next_instant(pygai, database):
    await pygai("import", SAMPLE)
    await pygai("import", SAMPLE)

    entries = await rows_of(
        database, "SELECT subject, details->'after'->>'rows' AS rows FROM audit_log WHERE action = 'import'"
    )
    unscheduled = await rows_of(database, "SELECT id FROM gai_interval WHERE next_at IS NULL")
    assert entries == [{"subject": "pygai-sample.sqlite3", "rows": "387"}]
    assert unscheduled == []


async def test_the_report_is_there_as_json(pygai):
    answer = await pygai("import", SAMPLE, "--json")

    remark = next(remark for remark in answer.data["remarks"] if remark["table"] == "gaiInterval")
    assert remark == {
        "table": "gaiInterval",
        "row": 9,
        "kind": "mended",
        "what": "no Cron expression says '+90 minutes'",
        "done": "the nearest, `0 */2 * * *`",
    }


async def test_another_programs_database_ends_in_words(pygai, tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    connection.close()

    answer = await pygai("import", path)

    assert (answer.code, answer.printed) == (1, "")
    assert "is no PyGai database" in answer.complaints.replace("\n", " ")


async def test_a_time_zone_that_is_none_ends_in_words(pygai, tmp_path):
    answer = await pygai("import", an_original(tmp_path / "o.sqlite3"), "--time-zone", "Mars/Olympus")

    assert answer.code == 1
    assert "is not a time zone" in answer.complaints


async def test_broken_lines_end_in_words_and_skip_bad_imports_the_rest(pygai, database, tmp_path):
    path = tmp_path / "prompts.csv"
    path.write_text("type,text\ngentxt,good\npoem,bad\n")

    refused = await pygai("import", path)
    imported = await pygai("import", path, "--skip-bad", "--json")

    assert refused.code == 1
    assert "line 3: type: Input should be 'gentxt' or 'genimg'" in refused.complaints
    assert imported.data["tables"] == [
        {"table": "prompts", "imported": 1, "mended": 0, "set_aside": 1, "already_there": 0}
    ]


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
async def test_what_is_exported_to_a_file_is_imported_from_it(pygai, database, tmp_path, name):
    await a_prompt(database, text="=1+1\r\n😀")
    path = tmp_path / name

    exported = await pygai("export", "prompts", path, "--json")
    imported = await pygai("import", path, "--json")

    assert exported.data == {"file": str(path), "format": name.partition(".")[2], "rows": 1}
    assert imported.data["tables"][0]["already_there"] == 1
    assert [entry for entry in tmp_path.iterdir() if entry.name.endswith(".part")] == []


async def test_without_a_file_the_rows_are_printed(pygai, database):
    await a_content(database, text="line\nfeed")

    csv = await pygai("export", "contents")
    lines = await pygai("export", "contents", "--format", "jsonl")

    assert csv.printed.startswith("id,prompt_id,")
    assert json.loads(lines.printed)["text"] == "line\nfeed"


async def test_an_export_to_a_folder_that_is_not_there_ends_in_words(pygai, tmp_path):
    answer = await pygai("export", "prompts", tmp_path / "gone" / "rows.csv")

    assert answer.code == 2
    assert "there is no folder" in answer.complaints


async def test_a_backup_is_made_and_restored(pygai, database, tmp_path):
    await a_prompt(database, text="Saved")
    path = tmp_path / "pygai.tar.gz"
    await database.engine.dispose()

    saved = await pygai("backup", path, "--json")
    await rows_of(database, "UPDATE gai_prompt SET text = 'Spoilt' RETURNING id")
    await database.engine.dispose()
    refused = await pygai("restore", path)
    restored = await pygai("restore", path, "--replace", "--json")

    assert saved.data["rows"]["gai_prompt"] == 1
    assert (refused.code, "--replace" in refused.complaints) == (1, True)
    assert restored.data["media"] == 0
    assert (await rows_of(database, "SELECT text FROM gai_prompt"))[0]["text"] == "Saved"


async def test_a_backup_never_writes_over_a_file_unasked(pygai, tmp_path):
    path = tmp_path / "pygai.tar.gz"
    path.write_text("precious")

    refused = await pygai("backup", path)
    forced = await pygai("backup", path, "--force")

    assert refused.code == 2
    assert "--force" in refused.complaints
    assert forced.code == 0


async def test_a_damaged_backup_ends_in_words(pygai, tmp_path):
    path = tmp_path / "pygai.tar.gz"
    path.write_bytes(b"\x1f\x8b damaged")

    answer = await pygai("restore", path)

    assert answer.code == 1
    assert "is damaged or no backup" in answer.complaints.replace("\n", " ")
