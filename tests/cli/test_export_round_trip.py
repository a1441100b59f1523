"""What is exported and imported again is what it was."""

import csv
import hashlib
import io
import json

import pytest

from app.media import queries as media_queries
from app.models import ContentFile, FileStatus, PromptFile
from app.transfer.rows import formats
from app.transfer.rows.exporting import export_rows
from app.transfer.rows.importing import import_rows
from app.transfer.rows.kinds import RowFormat, RowKind
from tests.builders import (
    a_config,
    a_content,
    a_prompt,
    a_site,
    a_topic,
    a_user,
    ago,
    ahead,
    an_instruction,
    an_interval,
    saved,
)
from tests.cli.installations import another_installation, everything, installation, rows_of, tally

HOSTILE = [
    "plain",
    "=1+1",
    "+SUM(A1)",
    "-1",
    "@cmd",
    "\t=tab",
    'quotes " and "" and \'',
    "comma, semicolon; pipe|",
    "line\nfeed",
    "carriage\rreturn",
    "both\r\nof\r\nthem",
    "\n",
    " leading and trailing ",
    "emoji 😀👩\u200d👩\u200d👧 and 中文 and עברית",
    "\ufeffmark",
    "\u2028 \u2029 \x85 \x0b \x0c \x1c \x1e",
    "\\",
    "\\N",
    "\\\\",
    "null",
    "None",
    "true",
    '{"json": [1]}',
    "'; DROP TABLE gai_prompt; --",
    "\x01\x1f\x7f",
    "x" * 400_000,
]
FORMATS = list(RowFormat)
SITE = {
    "tmpl": "hugo",
    "title": 'Rain, "wind"\nand 雨',
    "description": "",
    "about": "# About\n\n=1+1 \\ 😀",
    "language": "zh-Hans",
    "base_url": "https://rain.example.org/blog/",
    "author": "Rain Writer",
    "theme": "magazine",
    "page_size": 7,
    "time_zone": "Asia/Shanghai",
    "discloses_ai": True,
}


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


async def exported(there, kind, path):
    with path.open("w", encoding="utf-8", newline="") as file:
        return await export_rows(
            there.database, there.settings, kind=kind, format_=formats.format_of_name(path), write=file.write
        )


async def brought(there, path, **options):
    return await import_rows(there.database, there.settings, path=path, **options)


async def a_stored_file(there, content):
    stored = await there.library.keep(content)
    async with there.database.session() as session:
        await media_queries.record(session, stored)
    return stored


async def a_full_prompt(there, **columns):
    """A prompt with something in every column."""
    database = there.database
    interval = await an_interval(database, time_zone="Asia/Shanghai", expression="15 7 * * 1-5")
    prompt = await a_prompt(
        database,
        interval_id=interval.id,
        topic_id=(await a_topic(database, name='Topic, "of" all\n')).id,
        config_id=(await a_config(database, text={"z": 1.0, "a": {"ключ": [None, True, 10**20]}})).id,
        inst_id=(await an_instruction(database, text="", config={"b": 1, "a": 2})).id,
        dir_id=(await a_site(database, **SITE)).id,
        memo="",
        is_enabled=False,
        is_show_in_content=True,
        count=3,
        initial_count=7,
        is_exhausted=True,
        available_at=ahead(days=3, microseconds=17),
        last_content_at=ago(days=1, microseconds=123),
        **columns,
    )
    stored = await a_stored_file(there, b"attachment")
    await saved(database, PromptFile(prompt_id=prompt.id, position=0, name="a, b.txt", media_hash=stored.hash))
    url = "https://example.org/ü?a=1;b"
    await saved(database, PromptFile(prompt_id=prompt.id, position=4, name=url, url=url))
    return prompt


async def a_full_content(there, **columns):
    database = there.database
    user = await a_user(database, email="writer@example.com")
    content = await a_content(
        database,
        external_id="e",
        hist_prompt_id="7",
        hist_id="h",
        cron_id="c",
        submitted_by=user.id,
        submission_digest=hashlib.sha256(b"x").digest(),
        approved_by=user.id,
        approved_at=ago(hours=3, microseconds=9),
        **columns,
    )
    stored = await a_stored_file(there, b"result")
    for position, file in enumerate(
        [
            {"source": "http://x/1", "status": FileStatus.STORED, "media_hash": stored.hash, "name": "r.txt"},
            {"source": "http://x/2", "status": FileStatus.FAILED, "reason": 'no\n"way"', "attempts": 6},
            {"source": "data:…", "status": FileStatus.PENDING, "payload": b"data:text/plain,hi"},
            {"source": "http://x/4", "status": FileStatus.RETRYING, "next_attempt_at": ahead(hours=1)},
        ]
    ):
        await saved(database, ContentFile(content_id=content.id, position=position, **file))
    return content


@pytest.mark.parametrize("format_", FORMATS)
async def test_hostile_texts_come_back_as_they_were(here, postgres, template, tmp_path, format_):
    for text in HOSTILE:
        await a_prompt(here.database, text=text, memo=text)
        await a_content(here.database, text=text, hist_id=text[:1000], cron_id=text[:10], hist_prompt_id=text[:9])
    await a_prompt(here.database, memo=None)
    await a_prompt(here.database, memo="")
    prompts, contents = tmp_path / f"prompts.{format_}", tmp_path / f"contents.{format_}"
    await exported(here, RowKind.PROMPTS, prompts)
    await exported(here, RowKind.CONTENTS, contents)

    async with another_installation(postgres, template, tmp_path / "there") as there:
        await brought(there, prompts)
        await brought(there, contents)

        tables = "gai_prompt", "gai_content"
        assert await everything(there.database, *tables) == await everything(here.database, *tables)


@pytest.mark.parametrize("format_", FORMATS)
async def test_every_column_and_every_reference_comes_back(here, postgres, template, tmp_path, format_):
    prompt = await a_full_prompt(here)
    content = await a_full_content(here, prompt_id=prompt.id)
    await rows_of(
        here.database, f"UPDATE gai_prompt SET last_content_id = {content.id} WHERE id = {prompt.id} RETURNING id"
    )
    prompts, contents = tmp_path / f"prompts.{format_}", tmp_path / f"contents.{format_}"
    await exported(here, RowKind.PROMPTS, prompts)
    await exported(here, RowKind.CONTENTS, contents)

    async with another_installation(postgres, template, tmp_path / "there") as there:
        await a_user(there.database, email="writer@example.com")
        await a_stored_file(there, b"attachment")
        await a_stored_file(there, b"result")
        await brought(there, prompts)
        await brought(there, contents)
        again, once_more = tmp_path / f"again.{format_}", tmp_path / f"more.{format_}"
        await exported(there, RowKind.PROMPTS, again)
        await exported(there, RowKind.CONTENTS, once_more)

        assert again.read_bytes() == prompts.read_bytes()
        assert once_more.read_bytes() == contents.read_bytes()
        made = await rows_of(
            there.database,
            "SELECT expression, i.time_zone, config.text::text, path FROM gai_prompt p"
            " JOIN gai_interval i ON i.id = interval_id JOIN gai_config config ON config.id = config_id"
            " JOIN gai_directory d ON d.id = dir_id",
        )
        assert made[0]["expression"] == "15 7 * * 1-5"
        assert json.loads(made[0]["text"]) == {"z": 1.0, "a": {"ключ": [None, True, 10**20]}}
        (site,) = await rows_of(there.database, f"SELECT {', '.join(SITE)} FROM gai_directory")
        assert site == SITE
        jobs = await rows_of(there.database, "SELECT entrypoint FROM pgqueuer")
        assert sorted(job["entrypoint"] for job in jobs) == ["fetch_file", "fetch_file", "rebuild_site"]


@pytest.mark.parametrize("format_", FORMATS)
async def test_importing_into_the_same_installation_changes_nothing(here, tmp_path, format_):
    prompt = await a_full_prompt(here)
    await a_full_content(here, prompt_id=prompt.id)
    before = await everything(here.database)
    prompts, contents = tmp_path / f"prompts.{format_}", tmp_path / f"contents.{format_}"
    await exported(here, RowKind.PROMPTS, prompts)
    await exported(here, RowKind.CONTENTS, contents)

    reports = [await brought(here, path) for path in (prompts, contents, prompts, contents)]

    assert await everything(here.database) == before
    assert [remark for report in reports for remark in report.remarks] == []


async def test_in_a_filled_installation_rows_get_new_ids_once(here, postgres, template, tmp_path):
    prompt = await a_full_prompt(here)
    await a_full_content(here, prompt_id=prompt.id)
    prompts, contents = tmp_path / "prompts.csv", tmp_path / "contents.csv"
    await exported(here, RowKind.PROMPTS, prompts)
    await exported(here, RowKind.CONTENTS, contents)

    async with another_installation(postgres, template, tmp_path / "there") as there:
        await a_prompt(there.database, text="Was here")
        await a_content(there.database)
        await brought(there, prompts)
        await brought(there, contents)
        before = await everything(there.database)
        reports = [await brought(there, prompts), await brought(there, contents)]

        linked = await rows_of(
            there.database,
            "SELECT c.id, p.id AS prompt FROM gai_content c JOIN gai_prompt p ON p.id = c.prompt_id",
        )
        assert linked == [{"id": 2, "prompt": 2}]
        assert await everything(there.database) == before
        assert [tally(reports[0], "prompts")[3], tally(reports[1], "contents")[3]] == [1, 1]


async def test_a_file_that_is_not_in_the_library_there_is_said(here, postgres, template, tmp_path):
    prompt = await a_full_prompt(here)
    content = await a_full_content(here, prompt_id=prompt.id)
    prompts, contents = tmp_path / "prompts.jsonl", tmp_path / "contents.jsonl"
    await exported(here, RowKind.PROMPTS, prompts)
    await exported(here, RowKind.CONTENTS, contents)

    async with another_installation(postgres, template, tmp_path / "there") as there:
        first, second = await brought(there, prompts), await brought(there, contents)

        attached = await rows_of(there.database, "SELECT url FROM gai_prompt_file ORDER BY position LIMIT 1")
        failed = await rows_of(
            there.database,
            f"SELECT status FROM gai_content_file WHERE content_id = {content.id} ORDER BY position",
        )
        assert attached[0]["url"].startswith("http://test/uploads/")
        assert failed[0]["status"] == "failed"
        assert "is not in the library here" in first.remarks[0].what
        assert {remark.what.split(":")[0] for remark in second.remarks} >= {
            "there is no user writer@example.com here",
            "the file is not in the library of this installation",
        }


async def test_a_row_that_was_edited_since_stays_as_it_is_and_is_told(here, tmp_path):
    prompt = await a_prompt(here.database, text="Before")
    path = tmp_path / "prompts.csv"
    await exported(here, RowKind.PROMPTS, path)
    await rows_of(here.database, "UPDATE gai_prompt SET text = 'After' RETURNING id")

    report = await brought(here, path)

    assert (await rows_of(here.database, "SELECT text FROM gai_prompt"))[0]["text"] == "After"
    assert report.remarks[0].what == f"prompt {prompt.id} is here already, with another text"


async def test_a_row_that_was_removed_comes_back(here, tmp_path):
    await a_prompt(here.database, text="Removed")
    kept = await a_prompt(here.database, text="Kept")
    path = tmp_path / "prompts.csv"
    await exported(here, RowKind.PROMPTS, path)
    await rows_of(here.database, f"DELETE FROM gai_prompt WHERE id <> {kept.id} RETURNING id")

    report = await brought(here, path)

    texts = await rows_of(here.database, "SELECT text FROM gai_prompt ORDER BY id")
    assert [row["text"] for row in texts] == ["Kept", "Removed"]
    assert tally(report, "prompts") == (1, 0, 0, 1)


async def test_csv_is_that_of_the_rfc(here, tmp_path):
    await a_prompt(here.database, text='say "hi",\nplease')
    path = tmp_path / "prompts.csv"

    await exported(here, RowKind.PROMPTS, path)

    raw = path.read_bytes()
    rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    assert raw.endswith(b"\r\n")
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b'"say ""hi"",\nplease"' in raw
    assert rows[0]["text"] == 'say "hi",\nplease'
    assert rows[0]["available_at"].endswith("+00:00")


async def test_json_lines_are_one_object_a_line(here, tmp_path):
    for text in ("one\ntwo", "three\u2028four"):
        await a_content(here.database, text=text)
    path = tmp_path / "contents.jsonl"

    count = await exported(here, RowKind.CONTENTS, path)

    lines = path.read_text("utf-8").split("\n")
    assert count == 2
    assert [json.loads(line)["text"] for line in lines[:-1]] == ["one\ntwo", "three\u2028four"]
    assert lines[-1] == ""


async def test_an_empty_export_is_a_header_and_imports_as_nothing(here, tmp_path):
    path = tmp_path / "prompts.csv"
    count = await exported(here, RowKind.PROMPTS, path)

    report = await brought(here, path)

    assert count == 0
    assert path.read_text().startswith("id,type,text,")
    assert tally(report, "prompts") == (0, 0, 0, 0)
