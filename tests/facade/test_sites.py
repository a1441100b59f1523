"""What operators do with sites: each verb leaves its line in the audit log, with the change or not at all."""

import asyncio
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core import errors
from schemas.site import Files, SiteChanges, SiteDraft
from tests.builders import a_content, a_prompt
from tests.facade.callers import CLIENT, OPERATOR, audited


async def a_site_of(runtime, name="Rain", **settings):
    return await runtime.connector.add_site(OPERATOR, SiteDraft(name=name, **settings))


async def an_article(runtime, site):
    prompt = await a_prompt(runtime.database, dir_id=site.id)
    content = await a_content(runtime.database, prompt_id=prompt.id)
    await runtime.publisher.publish(content.id)


def folder_of(runtime, site):
    return Path(runtime.settings.sites_location) / site.path


async def lines_since(runtime, site):
    """What was told after the site was added, each with its action and details."""
    entries = await audited(runtime.database)
    assert {entry[2] for entry in entries} == {f"directory {site.id}"}
    return [entry[1::2] for entry in entries[1:]]


# --- settings ---


async def test_a_site_that_is_added_leaves_its_settings_and_never_a_text(runtime):
    site = await a_site_of(runtime, about="# Who we are", language="ZH-hans")

    ((actor, action, subject, details),) = await audited(runtime.database)
    assert (actor, action, subject) == ("cli:ada", "directory.add", f"directory {site.id}")
    assert details.keys() == {"after"}
    assert details["after"] == details["after"] | {"name": "Rain", "path": "Rain", "language": "zh-Hans"}
    assert details["after"]["about"] == "12 characters"


async def test_a_site_is_listed_and_read_with_its_place(runtime):
    site = await a_site_of(runtime)

    listed = await runtime.connector.list_sites(OPERATOR)
    read = await runtime.connector.read_site(OPERATOR, str(site.id))

    assert listed == [site]
    assert (read.location, read.url) == (str(folder_of(runtime, site)), "http://test/sites/Rain/")


async def test_edits_at_once_are_told_one_after_the_other(runtime):
    site = await a_site_of(runtime, title="Rain")
    titles = ["Snow", "Hail", "Sleet", "Fog"]

    edits = (runtime.connector.edit_site(OPERATOR, "Rain", SiteChanges(title=title)) for title in titles)
    await asyncio.gather(*edits)

    sides = [details for _, details in await lines_since(runtime, site)]
    before = ["Rain", *(side["after"]["title"] for side in sides)]
    assert [side["before"]["title"] for side in sides] == before[:-1]
    assert sorted(before[1:]) == sorted(titles)


async def test_an_edit_leaves_the_columns_that_differ(runtime):
    site = await a_site_of(runtime, title="Rain", author="Ada")
    changes = SiteChanges(title="Rain", page_size=7, author=None)

    edited = await runtime.connector.edit_site(OPERATOR, "Rain", changes)

    assert (edited.is_changed, edited.left) == (True, None)
    details = {"before": {"author": "Ada", "page_size": 12}, "after": {"author": None, "page_size": 7}}
    assert await lines_since(runtime, site) == [("directory.edit", details)]


async def test_an_edit_says_where_the_files_stay(runtime):
    site = await a_site_of(runtime)

    edited = await runtime.connector.edit_site(OPERATOR, "Rain", SiteChanges(path="elsewhere"))

    assert edited.left == str(folder_of(runtime, site))


async def test_an_edit_that_changes_nothing_leaves_nothing(runtime):
    site = await a_site_of(runtime, title="Rain")

    edited = await runtime.connector.edit_site(OPERATOR, "Rain", SiteChanges(title="Rain"))

    assert not edited.is_changed
    assert await lines_since(runtime, site) == []


async def test_what_is_refused_leaves_nothing(runtime):
    site = await a_site_of(runtime)
    await an_article(runtime, site)

    with pytest.raises(errors.Conflict):
        await a_site_of(runtime, path="other")
    with pytest.raises(errors.Invalid):
        await a_site_of(runtime, name="Snow", theme="absent")
    with pytest.raises(errors.Conflict):
        await runtime.connector.edit_site(OPERATOR, "Rain", SiteChanges(tmpl="hugo"))
    with pytest.raises(errors.Conflict):
        await runtime.connector.remove_site(OPERATOR, "Rain")

    assert await lines_since(runtime, site) == []


@pytest.mark.parametrize("column", ["name", "path", "tmpl", "language", "page_size", "discloses_ai"])
def test_what_a_site_must_have_cannot_be_cleared(column):
    with pytest.raises(ValidationError, match=f"{column} must not be null"):
        SiteChanges(**{column: None})


# --- whole sites ---


async def test_a_site_that_is_removed_leaves_what_it_was_and_what_became_of_its_files(runtime):
    site = await a_site_of(runtime, title="Rainy days")
    await an_article(runtime, site)

    removed = await runtime.connector.remove_site(OPERATOR, "Rain", files=Files.DELETED)

    assert (removed.id, removed.articles, removed.deleted > 0) == (site.id, 1, True)
    ((action, details),) = await lines_since(runtime, site)
    assert (action, details["after"]) == ("directory.remove", {"files": "deleted"})
    assert details["before"] == details["before"] | {"name": "Rain", "title": "Rainy days"}


async def test_a_rebuild_tells_how_far_it_is_and_leaves_how_many_files_it_wrote(runtime):
    site, told = await a_site_of(runtime), []
    await an_article(runtime, site)

    report = await runtime.connector.rebuild_site(
        OPERATOR, "Rain", progress=lambda done, of: told.append((done, of))
    )

    assert told
    assert await lines_since(runtime, site) == [("directory.rebuild", {"after": {"files": report.files}})]


async def test_a_check_that_only_looks_leaves_nothing(runtime):
    site = await a_site_of(runtime)
    await an_article(runtime, site)
    (folder_of(runtime, site) / "index.html").unlink()

    report = await runtime.connector.check_site(OPERATOR, "Rain", repairs=False)

    assert report.missing == ["index.html"]
    assert await lines_since(runtime, site) == []


async def test_a_check_that_repairs_leaves_how_much_there_was_to_do(runtime):
    site = await a_site_of(runtime)
    await an_article(runtime, site)
    (folder_of(runtime, site) / "index.html").unlink()
    (folder_of(runtime, site) / "CNAME").write_text("rain.example.org")

    await runtime.connector.check_site(OPERATOR, "Rain", repairs=True)
    await runtime.connector.check_site(OPERATOR, "Rain", repairs=True, deletes_foreign=True)
    await runtime.connector.check_site(OPERATOR, "Rain", repairs=True, deletes_foreign=True)

    assert not (folder_of(runtime, site) / "CNAME").exists()
    assert await lines_since(runtime, site) == [
        ("directory.repair", {"after": {"missing": 1, "stale": 0, "deleted": 0}}),
        ("directory.repair", {"after": {"missing": 0, "stale": 0, "deleted": 1}}),
    ]


# --- who may ---

VERBS = {
    "list_sites": ((), {}),
    "read_site": (("Rain",), {}),
    "add_site": ((SiteDraft(name="Snow"),), {}),
    "edit_site": (("Rain", SiteChanges(title="Snow")), {}),
    "remove_site": (("Rain",), {"files": Files.DELETED}),
    "rebuild_site": (("Rain",), {}),
    "check_site": (("Rain",), {"repairs": True}),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_client_may_do_none_of_it(runtime, verb):
    site = await a_site_of(runtime)
    arguments, options = VERBS[verb]

    with pytest.raises(errors.Forbidden):
        await getattr(runtime.connector, verb)(CLIENT, *arguments, **options)

    assert [(row.id, row.title) for row in await runtime.connector.list_sites(OPERATOR)] == [(site.id, None)]
    assert await lines_since(runtime, site) == []


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in {"list_sites", "add_site"}])
async def test_a_site_that_is_not_there_is_not_found(runtime, verb):
    arguments, options = VERBS[verb]

    with pytest.raises(errors.NotFound):
        await getattr(runtime.connector, verb)(OPERATOR, *arguments, **options)

    assert await audited(runtime.database) == []
