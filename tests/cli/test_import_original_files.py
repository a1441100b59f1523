"""The files of an original database: attachments below `uploads`, results in `downloads`."""

import hashlib

import pytest

from app import demo
from tests.cli.installations import everything, imported, installation, only_row_of, rows_of, tally, told
from tests.cli.original import SAMPLE, an_original

PICTURE = demo.rain_on_a_window(width=40, height=30)
HASH = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


async def test_the_files_of_contents_are_stored_and_attached(here, folder):
    (folder / "one.png").write_bytes(PICTURE)

    report = await imported(here, SAMPLE, downloads=folder)

    files = await rows_of(here.database, "SELECT * FROM gai_content_file WHERE content_id = 2 ORDER BY position")
    assert [(file["status"], file["media_hash"]) for file in files] == [("stored", HASH), ("failed", None)]
    assert files[0]["name"] == "one.png"
    assert await here.library.read(HASH) == PICTURE
    assert tally(report, "gaiContent.files") == (128, 39, 0, 0)
    assert "there is no file 'two.png' in the folder" in told(report, "gaiContent", 2)


async def test_the_attachments_of_prompts_are_stored_and_attached(here, folder):
    (folder / "leaf 4.jpg").write_bytes(PICTURE)

    await imported(here, SAMPLE, uploads=folder)

    file = await only_row_of(here.database, "SELECT * FROM gai_prompt_file WHERE prompt_id = 4")
    media = await only_row_of(here.database, "SELECT * FROM media_file")
    assert (file["media_hash"], file["url"]) == (HASH, None)
    # Named by what it is, whatever it calls itself.
    assert file["name"] == "leaf 4.png"
    assert (media["hash"], media["media_type"], media["width"]) == (HASH, "image/png", 40)


async def test_attachments_keep_their_order(here, folder, tmp_path):
    (folder / "sub").mkdir()
    (folder / "sub" / "b.png").write_bytes(PICTURE)
    path = an_original(
        tmp_path / "o.sqlite3", gaiPrompt=[{"files": '["https://example.org/a.png", "gone.pdf", "sub/b.png"]'}]
    )

    report = await imported(here, path, uploads=folder)

    files = await rows_of(here.database, "SELECT position, url, media_hash FROM gai_prompt_file ORDER BY position")
    assert files == [
        {"position": 0, "url": "https://example.org/a.png", "media_hash": None},
        {"position": 2, "url": None, "media_hash": HASH},
    ]
    assert tally(report, "gaiPrompt.files") == (2, 0, 1, 0)


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/passwd", "link.png", "sub", "x" * 5000, "a\\u0000b", "\\ud800"]
)
async def test_no_name_leads_out_of_the_folder(here, folder, tmp_path, name):
    (tmp_path / "secret.png").write_bytes(PICTURE)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "sub").mkdir()
    path = an_original(
        tmp_path / "o.sqlite3", gaiPrompt=[{"files": f'["{name}"]'}], gaiContent=[{"files": f'["{name}"]'}]
    )

    await imported(here, path, uploads=folder, downloads=folder)

    held = await everything(here.database, "media_file", "gai_prompt_file")
    assert held == {"media_file": [], "gai_prompt_file": []}


async def test_a_name_with_a_comma_of_its_own_is_one_file(here, folder, tmp_path):
    (folder / "one, two.png").write_bytes(PICTURE)
    path = an_original(tmp_path / "o.sqlite3", gaiContent=[{"files": '["one, two.png"]'}])

    await imported(here, path, downloads=folder)

    file = await only_row_of(here.database, "SELECT source, status FROM gai_content_file")
    assert file == {"source": "one, two.png", "status": "stored"}


@pytest.mark.parametrize("files", ["", "one.png", "{}", '{"a": 1}', "[", "null", "7", '["", " ", null, 7, {}]'])
async def test_files_that_are_no_list_of_names_are_none(here, tmp_path, files):
    path = an_original(tmp_path / "o.sqlite3", gaiPrompt=[{"files": files}], gaiContent=[{"files": files}])

    report = await imported(here, path)

    held = await everything(here.database, "gai_prompt_file", "gai_content_file")
    assert held == {"gai_prompt_file": [], "gai_content_file": []}
    assert tally(report, "gaiContent")[0] == 1


async def test_twice_with_the_folders_changes_nothing(here, folder):
    (folder / "one.png").write_bytes(PICTURE)
    await imported(here, SAMPLE, downloads=folder, uploads=folder)
    before = await everything(here.database)

    await imported(here, SAMPLE, downloads=folder, uploads=folder)

    assert await everything(here.database) == before


async def test_folders_given_later_complete_what_an_earlier_import_could_not_find(here, folder, tmp_path):
    names = {"gaiPrompt": [{"files": '["b.png", "http://x/a.png"]'}], "gaiContent": [{"files": '["b.png,c.png"]'}]}
    path = an_original(tmp_path / "o.sqlite3", **names)
    await imported(here, path)
    (folder / "b.png").write_bytes(PICTURE)

    report = await imported(here, path, uploads=folder, downloads=folder)
    before = await everything(here.database)
    again = await imported(here, path, uploads=folder, downloads=folder)

    attached = await rows_of(here.database, "SELECT name FROM gai_prompt_file ORDER BY position")
    files = await rows_of(here.database, "SELECT status FROM gai_content_file ORDER BY position")
    assert [file["name"] for file in attached] == ["b.png", "http://x/a.png"]
    assert [file["status"] for file in files] == ["stored", "failed"]
    assert (report.imported, again.imported) == (2, 0)
    assert await everything(here.database) == before
