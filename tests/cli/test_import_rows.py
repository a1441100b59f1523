"""Rows from files that people and programs wrote: what is missing, what is broken, what is already there."""

import json

import pytest

from app.core import errors
from app.transfer.rows.importing import import_rows
from app.transfer.rows.kinds import RowKind
from tests.builders import a_config, a_prompt, a_site, a_topic, an_interval
from tests.cli.installations import everything, installation, only_row_of, rows_of, tally


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


@pytest.fixture
def bring(here, tmp_path):
    """Import a file of this text."""

    async def bring(text, *, name="rows.csv", **options):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return await import_rows(here.database, here.settings, path=path, **options)

    return bring


def lines_of(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


async def test_a_type_and_a_text_are_enough_for_a_prompt(here, bring):
    report = await bring("type,text\ngentxt,Write.\n")

    prompt = await only_row_of(here.database, "SELECT *, available_at <= now() AS is_due FROM gai_prompt")
    assert (prompt["text"], prompt["count"], prompt["is_enabled"], prompt["is_due"]) == ("Write.", 10, True, True)
    assert tally(report, "prompts") == (1, 0, 0, 0)


async def test_lines_without_an_id_come_once_however_often_they_are_imported(here, bring):
    text = "type,text\ngentxt,Same\ngentxt,Same\ngenimg,Other\n"
    await bring(text)

    report = await bring(text + "gentxt,Same\n")

    assert tally(report, "prompts") == (1, 0, 0, 3)
    assert len(await rows_of(here.database, "SELECT id FROM gai_prompt")) == 4


async def test_a_spreadsheets_mark_and_line_ends_are_nothing_odd(here, bring):
    await bring(b"\xef\xbb\xbftype,text\r\ngentxt,\xe4\xb8\xad\r\n\r\n")

    assert (await only_row_of(here.database, "SELECT text FROM gai_prompt"))["text"] == "中"


async def test_references_are_found_by_name(here, bring):
    topic, interval = await a_topic(here.database, name="Tea"), await an_interval(here.database, name="weekly")
    config = await a_config(here.database, name="Warm")

    await bring("type,text,topic,interval,config\ngentxt,Write.,Tea,weekly,Warm\n")

    prompt = await only_row_of(here.database, "SELECT topic_id, interval_id, config_id FROM gai_prompt")
    assert prompt == {"topic_id": topic.id, "interval_id": interval.id, "config_id": config.id}


async def test_references_that_are_described_are_made(here, bring):
    record = {
        "type": "gentxt",
        "text": "Write.",
        "topic": "New",
        "directory": "My New Site",
        "interval": "dawn",
        "interval_expression": "0 5 * * *",
        "instruction": "Kind",
        "instruction_text": "Be kind.",
    }

    report = await bring(lines_of(record), name="rows.jsonl")

    made = await only_row_of(
        here.database,
        "SELECT i.expression, i.time_zone, d.path, t.name, n.text FROM gai_prompt p"
        " JOIN gai_interval i ON i.id = p.interval_id JOIN gai_directory d ON d.id = p.dir_id"
        " JOIN gai_topic t ON t.id = p.topic_id JOIN gai_instruction n ON n.id = p.inst_id",
    )
    assert made == {
        "expression": "0 5 * * *",
        "time_zone": "UTC",
        "path": "my-new-site",
        "name": "New",
        "text": "Be kind.",
    }
    assert "The topic 'New' was made." in report.notes


async def test_what_is_here_by_the_name_wins_over_the_description_and_that_is_said(here, bring):
    await an_interval(here.database, name="dawn", expression="0 6 * * *")

    report = await bring("type,text,interval,interval_expression\ngentxt,Write.,dawn,0 5 * * *\n")

    assert [row["expression"] for row in await rows_of(here.database, "SELECT expression FROM gai_interval")] == [
        "0 6 * * *"
    ]
    assert report.notes == ["The interval 'dawn' here is not as in the file; the one here is used."]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": "t"}, "type: Field required"),
        ({"type": "gentxt"}, "text: Field required"),
        ({"type": "poem", "text": "t"}, "type: Input should be 'gentxt' or 'genimg'"),
        ({"type": "gentxt", "text": 7}, "text: Input should be a valid string"),
        ({"type": "gentxt", "text": "a\x00b"}, "must not contain a NUL character"),
        ({"type": "gentxt", "text": "t", "count": -1}, "count: Input should be greater than or equal to 0"),
        ({"type": "gentxt", "text": "t", "count": 2**31}, "count: Input should be less than or equal to"),
        ({"type": "gentxt", "text": "t", "id": 0}, "id: Input should be greater than or equal to 1"),
        ({"type": "gentxt", "text": "t", "id": 2**70}, "id: Input should be less than or equal to"),
        ({"type": "gentxt", "text": "t", "is_enabled": "perhaps"}, "is_enabled: Input should be a valid boolean"),
        (
            {"type": "gentxt", "text": "t", "created_at": "2026-01-01T00:00:00"},
            "created_at: Input should have timezone",
        ),
        ({"type": "gentxt", "text": "t", "created_at": "soon"}, "created_at: Input should be a valid datetime"),
        ({"type": "gentxt", "text": "t", "colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"type": "gentxt", "text": "t", "files": [{"name": "x"}]}, "files: 'x' has no address"),
        ({"type": "gentxt", "text": "t", "files": [{"name": "x", "url": "ftp://x"}]}, "is no http(s) address"),
        ({"type": "gentxt", "text": "t", "files": [{"name": "x", "hash": "../../x", "url": "http://x"}]}, "hash"),
        ({"type": "gentxt", "text": "t", "interval": "gone"}, "interval: there is none named 'gone' here"),
        ({"type": "gentxt", "text": "t", "interval": "x", "interval_expression": "soon"}, "must have five fields"),
        (
            {
                "type": "gentxt",
                "text": "t",
                "interval": "x",
                "interval_expression": "0 0 * * *",
                "interval_time_zone": "Mars",
            },
            "is not a time zone",
        ),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_path": "/etc"},
            "is not below the sites root",
        ),
        ({"type": "gentxt", "text": "t", "directory": "x", "directory_path": "../up"}, "must be a folder below"),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_path": "s3://b/x"},
            "PYGAI_SITES_ALLOWED_ROOTS",
        ),
        ({"type": "gentxt", "text": "t", "directory": "a/b"}, "directory_name: must have no slash"),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_settings": {"tmpl": "x"}},
            "directory_tmpl: ",
        ),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_settings": {"page_size": 0}},
            "from 1 to 100",
        ),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_settings": {"path": "/etc"}},
            "Extra inputs",
        ),
        (
            {"type": "gentxt", "text": "t", "directory": "x", "directory_settings": {"base_url": "ftp://x"}},
            "base_url",
        ),
        ({"type": "gentxt", "text": "t", "config": "gone"}, "config: there is none named 'gone' here"),
    ],
)
async def test_a_broken_line_is_named_with_its_reason_and_nothing_is_imported(here, bring, record, reason):
    good = {"type": "gentxt", "text": "Good", "topic": "T"}
    before = await everything(here.database)

    with pytest.raises(errors.Invalid) as refused:
        await bring(lines_of(good, record, good), name="rows.jsonl", kind=RowKind.PROMPTS)

    assert reason in refused.value.reasons["line 2"]
    assert "nothing was imported; --skip-bad" in refused.value.reasons["file"]
    assert await everything(here.database) == before


@pytest.mark.parametrize(
    "line", ["no json", "[]", "7", '{"type": ', '{"type": "gentxt", "text": "\\ud800"}', "{}{}"]
)
async def test_a_line_that_is_no_json_object_is_named(bring, line):
    with pytest.raises(errors.Invalid) as refused:
        await bring(f'{{"type": "gentxt", "text": "t"}}\n\n{line}\n', name="rows.jsonl", kind=RowKind.PROMPTS)

    assert list(refused.value.reasons) == ["line 3", "file"]


async def test_with_skip_bad_the_good_lines_come_and_the_others_are_told(here, bring):
    text = 'type,text,topic\ngentxt,One,T\npoem,Two,T\ngentxt,Three\ngentxt,"Fo\nur",T\ngentxt,Five,T,more\n'

    report = await bring(text, skips_bad=True)

    texts = await rows_of(here.database, "SELECT text FROM gai_prompt ORDER BY id")
    assert [row["text"] for row in texts] == ["One", "Fo\nur"]
    assert tally(report, "prompts") == (2, 0, 3, 0)
    assert [(remark.row, remark.what) for remark in report.remarks[1:]] == [
        (4, "has 2 cells, the header 3"),
        (7, "has 4 cells, the header 3"),
    ]


async def test_bytes_that_are_no_utf_8_break_their_line_alone(here, bring):
    report = await bring(b"type,text\ngentxt,caf\xe9\ngentxt,good\n", skips_bad=True)

    assert (await only_row_of(here.database, "SELECT text FROM gai_prompt"))["text"] == "good"
    assert "is not UTF-8" in report.remarks[0].what


@pytest.mark.parametrize(
    "text", ['type,text\ngentxt,"never closed\n', 'type,text\ngentxt,"quote" inside\n', 'type,text\ngentxt,"a"b\n']
)
async def test_csv_with_a_broken_quote_is_refused(here, bring, text):
    with pytest.raises(errors.Invalid) as refused:
        await bring(text)

    assert "is no CSV" in refused.value.reasons["line 2"]
    assert await rows_of(here.database, "SELECT id FROM gai_prompt") == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "text,text\nx,y\n", "\x00\x01\x02", "%PDF-1.7\n"])
async def test_a_file_that_tells_nothing_is_refused(bring, text):
    with pytest.raises(errors.Invalid) as refused:
        await bring(text)

    assert "file" in refused.value.reasons


@pytest.mark.parametrize(
    ("header", "reason"),
    [("type,text,colour,size", "columns that prompts have not: colour, size"), ("type,memo", "must have: text")],
)
async def test_a_header_that_does_not_fit_is_said_once(bring, header, reason):
    with pytest.raises(errors.Invalid) as refused:
        await bring(f"{header}\n" + "x,x,x,x\n" * 10)

    assert list(refused.value.reasons) == ["file"]
    assert reason in refused.value.reasons["file"]


async def test_many_broken_lines_are_counted_not_all_told(bring):
    with pytest.raises(errors.Invalid) as refused:
        await bring("type,text\n" + "poem,x\n" * 1234)

    assert len(refused.value.reasons) == 101
    assert "100 and 1134 more broken lines" in refused.value.reasons["file"]


async def test_a_content_needs_a_text_and_says_what_it_is(here, bring):
    await bring("hist_id,text\nL-1,# Title\n")

    content = await only_row_of(here.database, "SELECT * FROM gai_content")
    assert (content["hist_id"], content["text"], content["prompt_id"]) == ("L-1", "# Title", None)


async def test_a_content_of_a_prompt_that_is_not_here_is_linked_to_none_and_that_is_said(here, bring):
    await a_prompt(here.database)
    record = {"text": "t", "prompt_id": 1, "prompt_created_at": "2020-01-01T00:00:00Z", "hist_prompt_id": "1"}

    report = await bring(lines_of(record), name="rows.jsonl")

    content = await only_row_of(here.database, "SELECT prompt_id, hist_prompt_id FROM gai_content")
    assert content == {"prompt_id": None, "hist_prompt_id": "1"}
    assert report.remarks[0].what == "its prompt 1 is not here"


async def test_two_contents_never_share_a_submission(here, bring):
    record = {"text": "t", "hist_id": "h", "submission_digest": "ab" * 32}

    report = await bring(lines_of(record, record), name="rows.jsonl")

    digests = await rows_of(
        here.database, "SELECT submission_digest IS NULL AS is_empty FROM gai_content ORDER BY id"
    )
    assert [row["is_empty"] for row in digests] == [False, True]
    assert tally(report, "contents") == (2, 1, 0, 0)


async def test_ids_are_kept_in_an_empty_table_and_given_where_they_lack(here, bring):
    await bring("id,type,text\n,gentxt,none\n1,gentxt,one\n7,gentxt,seven\n7,gentxt,again\n")
    later = await a_prompt(here.database)

    rows = await rows_of(here.database, "SELECT id, text FROM gai_prompt ORDER BY id")
    ids = {row["text"]: row["id"] for row in rows}
    assert (ids["one"], ids["seven"]) == (1, 7)
    assert len(ids) == 5
    assert later.id == max(ids.values())


async def test_a_file_without_an_ending_is_known_by_what_is_in_it(here, bring):
    await bring('  {"type": "gentxt", "text": "t"}\n', name="rows")
    await bring("type,text\ngentxt,t2\n", name="rows")

    assert len(await rows_of(here.database, "SELECT id FROM gai_prompt")) == 2


async def test_every_site_of_a_file_gets_a_folder_of_its_own(here, bring):
    await a_site(here.database, name="rain", path="garden")
    records = [
        {"type": "gentxt", "text": name, "directory": name, "directory_path": path}
        for name, path in [("A", "garden"), ("B", "garden"), ("C", None), ("D", "rain")]
    ]

    await bring(lines_of(*records), name="rows.jsonl")

    sites = await rows_of(here.database, "SELECT name, path FROM gai_directory ORDER BY id")
    assert [(site["name"], site["path"]) for site in sites] == [
        ("rain", "garden"), ("A", "garden-2"), ("B", "garden-3"), ("C", "c"), ("D", "rain-2"),
    ]  # fmt: skip


async def test_an_approval_by_nobody_who_is_here_is_none(here, bring):
    record = {"text": "t", "hist_id": "h", "approved_by": "x@example.com", "approved_at": "2026-01-01T00:00:00Z"}

    report = await bring(lines_of(record), name="rows.jsonl")

    content = await only_row_of(here.database, "SELECT approved_by, approved_at FROM gai_content")
    assert content == {"approved_by": None, "approved_at": None}
    assert [remark.what for remark in report.remarks] == ["there is no user x@example.com here"]
