"""`pygai directory`: the settings of a site, and where one may be kept."""

import asyncio
from pathlib import Path

import pytest

from app.core import errors
from app.models import Directory
from app.sites import service as sites
from tests.builders import a_site
from tests.cli.installations import installation

SETTINGS = {
    "title": "Rain",
    "description": "About rain.",
    "about": "# Who we are\n\nRain.",
    "language": "zh-Hans",
    "author": "Rain Writer",
    "base_url": "https://rain.example.org/blog/",
    "tmpl": "default",
    "theme": "default",
    "page_size": 7,
    "time_zone": "Asia/Shanghai",
    "discloses_ai": True,
}
OPTIONS = [
    "--title", "Rain", "--description", "About rain.", "--about", SETTINGS["about"], "--language", "ZH-hans",
    "--author", "Rain Writer", "--base-url", "https://Rain.example.org/blog", "--template", "default",
    "--theme", "default", "--page-size", "7", "--time-zone", "Asia/Shanghai", "--discloses-ai",
]  # fmt: skip

STORE = {"PYGAI_SITES_ALLOWED_ROOTS": "s3://bucket/pages"}


async def test_every_setting_is_kept_and_shown(pygai):
    added = (await pygai("directory", "add", "Rain", *OPTIONS, "--json")).data
    shown = (await pygai("directory", "show", "Rain", "--json")).data
    listed = (await pygai("directory", "list", "--json")).data

    for row in (added, shown, listed[0]):
        assert {name: row[name] for name in SETTINGS} == SETTINGS
    assert shown["url"] == SETTINGS["base_url"]


async def test_a_site_that_says_nothing_is_an_ordinary_one(pygai):
    added = (await pygai("directory", "add", "Rain", "--title", "", "--about", "", "--json")).data
    shown = (await pygai("directory", "show", "Rain", "--json")).data

    ordinary = {"language": "en", "tmpl": "default", "theme": "default", "page_size": 12, "time_zone": "UTC"}
    absent = dict.fromkeys(["title", "description", "about", "author", "base_url"])
    assert added == added | ordinary | absent | {"discloses_ai": False}
    assert shown["url"] == "http://test/sites/Rain/"


async def test_every_setting_can_be_changed_and_what_may_be_absent_taken_away(pygai):
    await pygai("directory", "add", "Rain")

    changed = (await pygai("directory", "edit", "Rain", *OPTIONS, "--json")).data
    cleared = (
        await pygai(
            "directory",
            "edit",
            "Rain",
            "--base-url",
            "",
            "--author",
            "",
            "--about",
            "",
            "--no-discloses-ai",
            "--json",
        )
    ).data

    assert {name: changed[name] for name in SETTINGS} == SETTINGS
    assert (cleared["base_url"], cleared["author"], cleared["about"]) == (None, None, None)
    assert cleared["discloses_ai"] is False
    assert cleared["title"] == "Rain"


async def test_the_about_text_comes_from_a_file_or_a_pipe(pygai, tmp_path):
    file = tmp_path / "about.md"
    file.write_text("# Über\n")

    from_file = (await pygai("directory", "add", "One", "--about-file", file, "--json")).data
    piped = (await pygai("directory", "add", "Two", "--about-file", "-", "--json", typed="# 雨\n")).data
    both = await pygai("directory", "edit", "Two", "--about", "x", "--about-file", file)

    assert (from_file["about"], piped["about"]) == ("# Über\n", "# 雨\n")
    assert (both.code, "--about or --about-file" in both.complaints) == (2, True)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--base-url", "example.org", "base_url: 'example.org' is no address such as https://example.org/blog/"),
        ("--base-url", "ftp://example.org/", "base_url: "),
        ("--base-url", "javascript:alert(1)", "base_url: "),
        ("--base-url", "https://me:secret@example.org/", "without user, query and fragment"),
        ("--base-url", "https://example.org/?a=1", "without user, query and fragment"),
        ("--language", "zh_CN", "language: 'zh_CN' is no language tag such as `en`"),
        ("--language", "", "language: "),
        ("--language", 'en" onload="x', "language: "),
        ("--theme", "../secret", "theme: there is no theme '../secret'; there are: default"),
        ("--theme", "defualt", "theme: there is no theme 'defualt'; there are: default"),
        ("--page-size", "0", "page_size: must be from 1 to 100"),
        ("--page-size", "101", "page_size: must be from 1 to 100"),
        ("--time-zone", "Mars/Olympus", "time_zone: 'Mars/Olympus' is not a time zone such as `UTC`"),
        ("--time-zone", "../../etc/passwd", "time_zone: "),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_with_what_would_be_right(pygai, option, value, told):
    refused = await pygai("directory", "add", "Mine", option, value)
    await pygai("directory", "add", "Mine")
    refused_later = await pygai("directory", "edit", "Mine", option, value)

    for answer in (refused, refused_later):
        assert answer.code == 1
        assert told in answer.complaints


async def test_a_template_is_one_of_three(pygai):
    answer = await pygai("directory", "add", "Mine", "--template", "jekyll")

    assert answer.code == 2
    assert all(name in answer.complaints for name in ("default", "mkdocs", "hugo"))


async def test_everything_that_is_wrong_is_told_at_once(pygai):
    answer = await pygai("directory", "add", "a/b", "--language", "?", "--page-size", "0")

    assert all(f"{field}: " in answer.complaints for field in ("name", "language", "page_size"))


async def test_a_name_and_a_host_of_any_script_become_an_address_in_ascii(pygai):
    added = await pygai("directory", "add", "Дождь", "--base-url", "http://дождь.example/блог", "--json")

    assert added.data["base_url"] == "http://xn--d1aaf5a2e.example/%D0%B1%D0%BB%D0%BE%D0%B3/"


@pytest.mark.parametrize("path", ["../out", "a/../../out", "http://example.com/x", "s3://", " ", ".", "a\nb"])
async def test_a_path_that_leads_nowhere_is_refused(pygai, path):
    answer = await pygai("directory", "add", "Mine", "--path", path)

    assert answer.code == 1
    assert "path: " in answer.complaints


@pytest.mark.parametrize("place", ["/etc", "file:///etc/pages", "s3://bucket/pages", "gs://bucket", "az://box/a"])
async def test_a_place_that_is_not_allowed_is_refused_with_the_setting_that_allows_it(pygai, place):
    refused = await pygai("directory", "add", "Mine", "--path", place)
    allowed = await pygai("directory", "add", "Mine", "--path", place, PYGAI_SITES_ALLOWED_ROOTS=f"/other,{place}")

    told = place.removeprefix("file://")
    assert refused.code == 1
    assert f"`PYGAI_SITES_ALLOWED_ROOTS={told}`" in refused.complaints
    assert allowed.code == 0


async def test_a_site_in_an_object_store_is_at_or_below_an_allowed_place(pygai):
    at = await pygai("directory", "add", "At", "--path", "s3://bucket/pages/", **STORE)
    below = await pygai("directory", "add", "Below", "--path", "s3a://bucket/pages/below", **STORE)

    assert (at.code, below.code) == (0, 1), "the second lies in the first one's folder"
    assert "'At' is kept in s3://bucket/pages" in below.complaints


@pytest.mark.parametrize(
    "path",
    [
        "s3://bucket/pages-evil",
        "s3://bucket/page",
        "s3://bucket",
        "s3://bucket-2/pages",
        "gs://bucket/pages/a",
        "s3://bucket/pages/../secret",
        "s3://bucket/pages/%2e%2e/secret",
        "s3://bucket/pages/a%2f..%2f..%2fsecret",
        "s3://key:secret@bucket/pages",
        "s3://bucket/pages?x=1",
        "s3://bucket/pages/a#b",
        "s3://bucket/pages/\a",
    ],
)
async def test_only_what_lies_in_an_allowed_store_is_taken(pygai, path):
    answer = await pygai("directory", "add", "Mine", "--path", path, **STORE)

    assert answer.code == 1
    assert "path: " in answer.complaints


@pytest.mark.parametrize(
    "path", ["ALLOWED-evil", "ALLOWED/../secret", "ALLOWED/link/secret", "file://ALLOWED-evil", "/"]
)
async def test_only_what_lies_in_an_allowed_folder_is_taken(pygai, tmp_path, path):
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "link").symlink_to(tmp_path)
    options = {"PYGAI_SITES_ALLOWED_ROOTS": str(allowed)}

    refused = await pygai("directory", "add", "Mine", "--path", path.replace("ALLOWED", str(allowed)), **options)
    taken = await pygai("directory", "add", "Mine", "--path", allowed / "mine", "--json", **options)
    shown = await pygai("directory", "show", "Mine", "--json", **options)

    assert refused.code == 1
    assert "path: " in refused.complaints
    assert taken.code == 0
    assert shown.data["location"] == str(allowed / "mine")


async def test_a_link_below_the_sites_root_leads_no_further_than_is_allowed(pygai, variables, tmp_path):
    sites = Path(variables["PYGAI_DATA_DIR"]) / "sites"
    sites.mkdir()
    (sites / "out").symlink_to(tmp_path)

    refused = await pygai("directory", "add", "Mine", "--path", "out/mine")
    taken = await pygai("directory", "add", "Mine", "--path", "out/mine", PYGAI_SITES_ALLOWED_ROOTS=str(tmp_path))

    assert "is not below the sites root" in refused.complaints
    assert taken.code == 0


@pytest.mark.parametrize("root", ["relative", "../up", "http://example.org", "s3://", "s3://bucket/../x"])
async def test_an_allowed_root_that_cannot_be_is_refused_at_the_start(pygai, root):
    answer = await pygai("directory", "list", PYGAI_SITES_ALLOWED_ROOTS=f"/srv,{root}")

    assert answer.code == 1
    assert "PYGAI_SITES_ALLOWED_ROOTS: " in answer.complaints


async def test_the_sites_root_itself_is_nobodys(pygai, variables):
    answer = await pygai("directory", "add", "Mine", "--path", Path(variables["PYGAI_DATA_DIR"]) / "sites")

    assert answer.code == 1


@pytest.mark.parametrize(
    ("name", "path", "told"),
    [
        ("Other", "shelf/rain", "path: the site 'Rain' is kept in "),
        ("Other", "shelf/./rain/", "path: the site 'Rain' is kept in "),
        ("Other", "shelf/rain/inner", "path: the site 'Rain' is kept in "),
        ("Other", "shelf", "path: the site 'Rain' is kept in "),
        ("Other", "Rain", "is where the site 'Rain' is looked for by its name"),
        ("Other", "Rain/inner", "is where the site 'Rain' is looked for by its name"),
        ("shelf", "elsewhere", "name: by its name it is looked for in "),
        ("Rain", "elsewhere", "name: is taken already"),
    ],
)
async def test_no_site_gets_in_the_way_of_another(pygai, name, path, told):
    await pygai("directory", "add", "Rain", "--path", "shelf/rain")
    await pygai("directory", "add", "Mine", "--path", "mine")

    added = await pygai("directory", "add", name, "--path", path)
    moved = await pygai("directory", "edit", "Mine", "--name", name, "--path", path)

    for answer in (added, moved):
        assert answer.code == 1
        assert told in answer.complaints


async def test_neighbours_whose_names_begin_alike_are_no_trouble(pygai):
    for number, path in enumerate(["rain", "rain-2", "rain 3", "shelf/rain", "shelf/rain-2"]):
        assert (await pygai("directory", "add", f"Site {number}", "--path", path)).code == 0


async def test_a_site_stays_where_it_is_although_its_place_is_not_allowed_any_more(pygai, tmp_path):
    await pygai("directory", "add", "Mine", "--path", tmp_path / "x", PYGAI_SITES_ALLOWED_ROOTS=str(tmp_path))

    titled = await pygai("directory", "edit", "Mine", "--title", "Still here")
    moved = await pygai("directory", "edit", "Mine", "--path", tmp_path / "y")

    assert (titled.code, moved.code) == (0, 1)


async def test_two_sites_added_at_once_do_not_get_one_place(database, tmp_path):
    settings = installation(database, tmp_path).settings
    async with database.session() as first:
        await sites.add(first, settings, Directory(name="First", path="place"))
        adding = _add(database, settings, Directory(name="Second", path="place"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await asyncio.shield(adding)

    with pytest.raises(errors.Conflict):
        await adding


def _add(database, settings, directory):
    async def add():
        async with database.session() as session:
            return await sites.add(session, settings, directory)

    return asyncio.ensure_future(add())


async def test_what_was_written_before_there_were_rules_keeps_nobody_from_adding(pygai, database):
    await a_site(database, name="Odd", path="../odd")

    assert (await pygai("directory", "add", "Mine")).code == 0


async def test_a_language_without_words_is_told_of_in_one_line_and_no_other(pygai, variables):
    told = "its pages speak English"
    own = Path(variables["PYGAI_DATA_DIR"]) / "themes" / "dutch" / "words"
    own.mkdir(parents=True)
    (own / "nl.json").write_text("{}")

    swahili = await pygai("directory", "add", "Mvua", "--language", "sw")
    german = await pygai("directory", "edit", "Mvua", "--language", "de-AT")
    dutch = await pygai("directory", "edit", "Mvua", "--language", "nl-BE")
    themed = await pygai("directory", "edit", "Mvua", "--language", "nl-BE", "--theme", "dutch")
    markdown = await pygai("directory", "edit", "Mvua", "--language", "sw", "--tmpl", "hugo")

    assert [line for line in swahili.complaints.splitlines() if told in line and "sw" in line]
    assert told in dutch.complaints
    assert not any(told in answer.complaints for answer in (german, themed, markdown))
