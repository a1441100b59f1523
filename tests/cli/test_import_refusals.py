"""Files that cannot be imported: a clear word, and nothing changed."""

import os
import sqlite3

import pytest
from sqlalchemy import text

from app.core import errors
from tests.cli.installations import everything, imported, installation
from tests.cli.original import SAMPLE, add_to_original, an_original


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


async def refusal_of(here, path):
    before = await everything(here.database)
    with pytest.raises(errors.Invalid) as refused:
        await imported(here, path)
    assert await everything(here.database) == before
    return refused.value.reasons["file"]


async def test_another_programs_database_is_refused(here, tmp_path):
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    connection.close()

    assert "is no PyGai database: it has no table gaiTopic" in await refusal_of(here, path)


async def test_a_database_with_a_table_missing_is_refused(here, tmp_path):
    path = an_original(tmp_path / "o.sqlite3")
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE gaiContent")
    connection.close()

    assert "it has no table gaiContent" in await refusal_of(here, path)


async def test_a_database_with_a_needed_column_missing_is_refused(here, tmp_path):
    path = an_original(tmp_path / "o.sqlite3")
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE gaiInterval DROP COLUMN expr")
    connection.close()

    assert "gaiInterval has no column expr" in await refusal_of(here, path)


@pytest.mark.parametrize("kept", [100, 5_000, 60_000])
async def test_a_database_that_is_cut_short_is_refused(here, tmp_path, kept):
    path = tmp_path / "cut.sqlite3"
    path.write_bytes(SAMPLE.read_bytes()[:kept])

    assert "damaged" in await refusal_of(here, path)


async def test_a_database_with_bytes_turned_is_refused(here, tmp_path):
    path, content = tmp_path / "turned.sqlite3", bytearray(SAMPLE.read_bytes())
    content[40_000:90_000] = os.urandom(50_000)
    path.write_bytes(content)

    assert "damaged" in await refusal_of(here, path)


async def test_what_pygai_is_just_writing_is_refused_and_says_what_to_do(here, tmp_path):
    path = an_original(tmp_path / "busy.sqlite3", gaiTopic=[{}])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")

    reason = await refusal_of(here, path)

    writer.close()
    assert "stop PyGai" in reason


async def test_the_file_itself_is_never_written_to(here, tmp_path):
    path = an_original(tmp_path / "o.sqlite3", gaiTopic=[{}], gaiPrompt=[{}])
    before = path.read_bytes(), sorted(tmp_path.iterdir())
    path.chmod(0o400)

    await imported(here, path)

    assert (path.read_bytes(), sorted(entry for entry in tmp_path.iterdir() if entry.name != "here")) == before


async def test_a_failure_near_the_end_leaves_nothing_behind(here, tmp_path):
    path = an_original(tmp_path / "o.sqlite3", gaiTopic=[{}], gaiContent=[{}])
    add_to_original(path, gaiPublish=[{"contentId": 1}])
    async with here.database.session() as session:
        await session.execute(text("ALTER TABLE gai_publish ADD CHECK (external_id = 'never')"))

    with pytest.raises(errors.DomainError):
        await imported(here, path)

    assert not any((await everything(here.database)).values())
