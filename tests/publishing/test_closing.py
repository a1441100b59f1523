"""Removing a site with its files, without them, and at a moment when somebody publishes there."""

import asyncio

import pytest

from app.core import errors
from app.models import Directory, Page
from app.publishing.closing import Closing
from app.publishing.renewing import Renewing
from app.sites import service as sites
from schemas.site import Files
from tests.builders import a_content, a_prompt, a_site, a_topic


def nobody_watches(_done, _of):
    pass


async def closed(newspaper, site, files=Files.DELETED):
    return await Closing(newspaper.publisher.workshop, site).close(nobody_watches, files=files)


async def is_there(newspaper, site):
    async with newspaper.database.session() as session:
        return await session.get(Directory, site.id) is not None


async def a_newspaper_of(newspaper, articles, **columns):
    site, topic = await a_site(newspaper.database, **columns), await a_topic(newspaper.database)
    contents = [
        await newspaper.publish(site, f"# Story {n}\n\nIt rains.", topic=topic, is_show_in_content=True)
        for n in range(articles)
    ]
    return site, contents


async def test_a_site_with_articles_is_not_removed_unasked(newspaper):
    site, contents = await a_newspaper_of(newspaper, 3)
    await newspaper.changes.withdraw(contents[0].id)
    before = newspaper.files(site)

    with pytest.raises(errors.Conflict, match="2 articles are live"):
        await closed(newspaper, site, Files.ASKED)

    assert await is_there(newspaper, site)
    assert newspaper.files(site) == before


async def test_without_a_live_article_it_is_removed_at_once(newspaper):
    site, contents = await a_newspaper_of(newspaper, 1)
    await newspaper.changes.withdraw(contents[0].id)

    await closed(newspaper, site, Files.ASKED)

    assert not await is_there(newspaper, site)


async def test_files_are_kept_as_they_are(newspaper):
    site, _contents = await a_newspaper_of(newspaper, 3)
    before = newspaper.files(site)

    done = await closed(newspaper, site, Files.KEPT)

    assert (done.articles, done.deleted, done.location) == (3, 0, str(newspaper.folder(site)))
    assert not await is_there(newspaper, site)
    assert newspaper.files(site) == before


@pytest.mark.parametrize("files", [Files.KEPT, Files.DELETED])
async def test_what_was_live_there_says_that_it_is_no_more(newspaper, files):
    site, contents = await a_newspaper_of(newspaper, 2)
    await newspaper.publisher.publish(contents[0].id, rewrite=True)

    await closed(newspaper, site, files)

    histories = [[row.status.value for row in await newspaper.history(content)] for content in contents]
    assert histories == [["published", "withdrawn"], ["withdrawn"]]


async def test_every_file_that_was_made_is_deleted_and_the_owners_stay(newspaper):
    site, contents = await a_newspaper_of(newspaper, 70, page_size=2)
    await newspaper.changes.withdraw(contents[5].id)
    folder = newspaper.folder(site)
    owned = ("CNAME", "assets/mine.css", "page/notes.txt", "2026/photo.jpg", "topics/mine/page/1/index.html")
    for path in owned:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("the owner's")
    # Left by an earlier theme and by an earlier page size.
    (folder / "assets/site.0123456789.css").write_text("")
    (folder / "page/400").mkdir()
    (folder / "page/400/index.html").write_text("")

    done = await closed(newspaper, site)

    assert done.deleted > 200
    assert sorted(newspaper.files(site)) == sorted(owned)
    assert not (folder / "search").exists()
    assert not await is_there(newspaper, site)


async def test_nothing_is_deleted_where_a_file_is_not_as_it_was_made(newspaper):
    """The owner's own home page, say, in a folder to which the site has just been moved."""
    site, _contents = await a_newspaper_of(newspaper, 2)
    (newspaper.folder(site) / "index.html").write_text("the owner's")
    before = newspaper.files(site)

    with pytest.raises(errors.Conflict, match=r"index\.html .* not as it is made"):
        await closed(newspaper, site, Files.DELETED)

    assert await is_there(newspaper, site)
    assert newspaper.files(site) == before


@pytest.mark.parametrize("tmpl", ["mkdocs", "hugo"])
async def test_of_a_site_of_markdown_goes_what_was_made_and_nothing_else(newspaper, tmpl):
    site, _contents = await a_newspaper_of(newspaper, 2, tmpl=tmpl)
    (newspaper.folder(site) / "docs").mkdir(exist_ok=True)
    (newspaper.folder(site) / "docs/mine.md").write_text("# Mine")

    await closed(newspaper, site)

    assert sorted(newspaper.files(site)) == ["docs/mine.md"]


async def test_the_configuration_that_its_owner_has_changed_stays(newspaper):
    site, _contents = await a_newspaper_of(newspaper, 2, tmpl="mkdocs")
    (newspaper.folder(site) / "mkdocs.yml").write_text("site_name: Mine\n")

    await closed(newspaper, site)

    assert sorted(newspaper.files(site)) == ["mkdocs.yml"]


async def test_what_is_published_while_its_files_are_counted_goes_too(newspaper):
    site, _contents = await a_newspaper_of(newspaper, 2)
    late = []

    def publish_one_more(_done, _of):
        if not late:
            late.append(asyncio.ensure_future(newspaper.publish(site, "# Late\n\nIt rains.")))

    async with asyncio.timeout(60):
        await Closing(newspaper.publisher.workshop, site).close(publish_one_more, files=Files.DELETED)
        await asyncio.gather(*late, return_exceptions=True)

    assert newspaper.files(site) == {}


async def test_what_was_to_be_published_there_does_not_bring_it_back(newspaper):
    site, contents = await a_newspaper_of(newspaper, 1)
    other = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    waiting = await a_content(newspaper.database, prompt_id=prompt.id)
    page_id = (await newspaper.history(contents[0]))[-1].page_id

    await closed(newspaper, site)
    await newspaper.publisher.work({"content_id": waiting.id, "attempt": 0})
    await newspaper.changes.mend({"page_id": page_id, "attempt": 0})
    await Renewing(newspaper.publisher.workshop).work({"dir_id": site.id, "attempt": 0})

    async with newspaper.database.session() as session:
        assert await session.get(Page, page_id) is None
    assert newspaper.files(site) == {}
    # It goes where contents go whose prompt names no site.
    assert newspaper.has(other, await newspaper.address(waiting))


async def test_what_waits_for_its_turn_there_writes_nothing(newspaper):
    site, contents = await a_newspaper_of(newspaper, 2)
    page_id = (await newspaper.history(contents[0]))[-1].page_id

    async with newspaper.publisher.workshop.turns.at(site.id):
        closing = asyncio.ensure_future(closed(newspaper, site, Files.KEPT))
        await asyncio.sleep(0.5)
        mending = asyncio.ensure_future(newspaper.changes.mend({"page_id": page_id, "attempt": 0}))
        await asyncio.sleep(0.5)
        (newspaper.folder(site) / "llms.txt").unlink()
    await asyncio.gather(closing, mending)

    assert not newspaper.has(site, "llms.txt")


async def test_a_site_that_is_just_being_made_anew_is_removed_all_the_same(newspaper):
    site, _contents = await a_newspaper_of(newspaper, 3)
    workshop = newspaper.publisher.workshop
    renewing, closing = Renewing(workshop), Closing(workshop, site)

    async with asyncio.timeout(60):
        work = asyncio.ensure_future(renewing.work({"dir_id": site.id, "attempt": 0}))
        await closing.close(nobody_watches, files=Files.DELETED)
        await work

    assert newspaper.files(site) == {}


async def test_a_new_site_of_that_name_is_a_new_one(newspaper):
    site, _contents = await a_newspaper_of(newspaper, 1)
    await closed(newspaper, site)
    async with newspaper.database.session() as session:
        again = Directory(name=site.name, path=site.path)
        again = await sites.add(session, newspaper.publisher.workshop.settings, again)

    await newspaper.publish(again, "# Story again\n\nIt rains.")

    found = await newspaper.look(again)
    assert (found.missing, found.stale, found.foreign) == ([], [], [])
