"""The original's directories: sites that MkDocs makes from Markdown, in the same places and the same time."""

from zoneinfo import ZoneInfo

import pytest

from tests.cli.installations import imported, installation, only_row_of, told
from tests.cli.original import SAMPLE, an_original


@pytest.fixture
def here(database, tmp_path):
    return installation(database, tmp_path / "here")


async def test_a_directory_keeps_the_local_time_in_which_its_pages_are_dated_and_named(here):
    await imported(here, SAMPLE, zone=ZoneInfo("Asia/Shanghai"))

    row = await only_row_of(here.database, "SELECT tmpl, time_zone FROM gai_directory WHERE id = 1")

    assert row == {"tmpl": "mkdocs", "time_zone": "Asia/Shanghai"}


async def test_another_template_of_the_original_becomes_the_one_it_knew(here, tmp_path):
    report = await imported(here, an_original(tmp_path / "o.sqlite3", gaiDirectory=[{"tmpl": "jekyll"}]))

    row = await only_row_of(here.database, "SELECT tmpl FROM gai_directory")

    assert row == {"tmpl": "mkdocs"}
    assert "tmpl is 'jekyll': `mkdocs`" in told(report, "gaiDirectory", 1)
