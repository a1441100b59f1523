"""`pygai directory remove`, and what the other commands of sites and topics say of pages."""

import json
from pathlib import Path

from sqlalchemy import text

from tests.builders import a_content, a_prompt


async def a_site_with_an_article(pygai, database):
    site = (await pygai("directory", "add", "Rain", "--json")).data
    prompt = await a_prompt(database, dir_id=site["id"])
    content = await a_content(database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")
    assert (await pygai("publish", content.id)).code == 0
    return site


def folder_of(variables, name="Rain"):
    return Path(variables["PYGAI_DATA_DIR"]) / "sites" / name


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_site_with_an_article_wants_to_know_what_becomes_of_it(pygai, database, variables):
    await a_site_with_an_article(pygai, database)

    refused = await pygai("directory", "remove", "Rain")

    assert refused.code == 1
    for said in ("one article is live on Rain", "--delete-files", "--keep-files"):
        assert said in refused.complaints
    assert (await pygai("directory", "show", "Rain")).code == 0
    assert files_in(folder_of(variables))


async def test_its_files_are_kept_and_it_is_told_where(pygai, database, variables):
    await a_site_with_an_article(pygai, database)

    removed = await pygai("directory", "remove", "Rain", "--keep-files")

    assert removed.code == 0
    assert str(folder_of(variables)) in removed.complaints
    assert (folder_of(variables) / "index.html").exists()
    assert (await pygai("directory", "list", "--json")).data == []


async def test_its_files_are_deleted_and_those_of_its_owner_are_not(pygai, database, variables):
    await a_site_with_an_article(pygai, database)
    (folder_of(variables) / "CNAME").write_text("rain.example.org")

    removed = await pygai("directory", "remove", "Rain", "--delete-files")

    assert removed.code == 0
    assert files_in(folder_of(variables)) == [folder_of(variables) / "CNAME"]


async def test_both_at_once_cannot_be(pygai):
    await pygai("directory", "add", "Rain")

    assert (await pygai("directory", "remove", "Rain", "--keep-files", "--delete-files")).code == 2


async def test_a_site_in_a_place_that_is_not_allowed_any_more_can_be_let_go(pygai, database, tmp_path):
    place = tmp_path / "place"
    allowing = {"PYGAI_SITES_ALLOWED_ROOTS": str(place)}
    site = (await pygai("directory", "add", "Rain", "--path", place / "rain", "--json", **allowing)).data
    prompt = await a_prompt(database, dir_id=site["id"])
    content = await a_content(database, prompt_id=prompt.id)
    await pygai("publish", content.id, **allowing)

    deleted = await pygai("directory", "remove", "Rain", "--delete-files")
    kept = await pygai("directory", "remove", "Rain", "--keep-files")

    assert deleted.code == 1
    assert "PYGAI_SITES_ALLOWED_ROOTS" in deleted.complaints
    assert kept.code == 0


# --- what follows a change ---


async def jobs(database):
    async with database.session() as session:
        query = "SELECT payload FROM pgqueuer WHERE entrypoint = 'rebuild_site' ORDER BY id"
        return [json.loads(row[0])["dir_id"] for row in await session.execute(text(query))]


async def test_an_edit_asks_for_the_pages_and_says_so(pygai, database):
    site = (await pygai("directory", "add", "My Site", "--json")).data

    edited = await pygai("directory", "edit", "My Site", "--title", "Rainy days")

    assert "Its pages are made anew by the running service" in edited.complaints
    assert "`pygai publish --all --site 'My Site'` does it now" in edited.complaints
    assert await jobs(database) == [site["id"]]


async def test_an_edit_that_changes_nothing_says_nothing_of_pages(pygai):
    await pygai("directory", "add", "Rain", "--title", "Rain")

    edited = await pygai("directory", "edit", "Rain", "--title", "Rain")

    assert "made anew" not in edited.complaints


async def test_a_site_that_moves_leaves_its_files_and_it_is_told_where(pygai, database, variables):
    await a_site_with_an_article(pygai, database)

    moved = await pygai("directory", "edit", "Rain", "--path", "other")
    built = await pygai("publish", "--all", "--site", "Rain")

    assert f"stays in {folder_of(variables)}" in moved.complaints
    assert built.code == 0
    assert (folder_of(variables) / "index.html").exists()
    assert (folder_of(variables, "other") / "index.html").exists()


async def test_a_command_makes_a_new_site_at_once(pygai, variables):
    await pygai("directory", "add", "Rain")

    await pygai("publish", "--all", "--site", "Rain")

    assert "Nothing has been published here yet" in (folder_of(variables) / "index.html").read_text("utf-8")
    assert (await pygai("publish", "--check", "--dry-run")).code == 0


async def test_topics_that_sites_list_are_said_to_be_followed(pygai, database):
    await pygai("topic", "add", "Rain")
    site = (await pygai("directory", "add", "Site", "--json")).data
    topic = (await pygai("topic", "show", "Rain", "--json")).data
    prompt = await a_prompt(database, dir_id=site["id"], topic_id=topic["id"])
    content = await a_content(database, prompt_id=prompt.id)
    await pygai("publish", content.id)

    renamed = await pygai("topic", "edit", "Rain", "--name", "Snow")
    noted = await pygai("topic", "edit", "Snow", "--memo", "cold")
    removed = await pygai("topic", "remove", "Snow")

    assert "made anew" in renamed.complaints
    assert "made anew" not in noted.complaints
    assert "made anew" in removed.complaints
    assert await jobs(database) == [site["id"]]


async def test_the_demo_brings_its_site(pygai, database):
    await pygai("demo")

    assert len(await jobs(database)) == 1
