"""Sites follow by themselves when their settings or a topic change."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from posixpath import dirname, join, normpath

import pytest
from sqlalchemy import text

from app.catalog import topics
from app.core import errors
from app.jobs.runner import JobRunner
from app.models import Directory, Topic
from app.publishing.build import rebuild
from app.publishing.build.parts import FrontPart, NumberedPart
from app.publishing.renewing import MOST_WAITING, Renewing
from app.runtime import working
from app.sites import service as sites
from app.sites.jobs import REBUILD_SITE
from tests.builders import a_site, a_topic
from tests.conftest import eventually

NOTHING = ([], [], [])


async def edited(newspaper, site, **changes):
    settings = newspaper.publisher.workshop.settings
    async with newspaper.database.session() as session:
        row = await session.get_one(Directory, site.id)
        return await sites.edit(session, settings, row, changes)


async def queued(newspaper, status="queued"):
    """The sites for which a job is there, in the order of the jobs."""
    async with newspaper.database.session() as session:
        query = "SELECT payload FROM pgqueuer WHERE entrypoint = 'rebuild_site' AND status = :status ORDER BY id"
        return [json.loads(row[0])["dir_id"] for row in await session.execute(text(query), {"status": status})]


async def renewed(newspaper):
    """Do what waits in the queue."""
    dir_ids = await queued(newspaper)
    async with newspaper.database.session() as session:
        await session.execute(text("DELETE FROM pgqueuer WHERE entrypoint = 'rebuild_site'"))
    for dir_id in dir_ids:
        await Renewing(newspaper.publisher.workshop).work({"dir_id": dir_id, "attempt": 0})
    return dir_ids


async def wrong(newspaper, site):
    async with newspaper.database.session() as session:
        found = await newspaper.look(await session.get_one(Directory, site.id))
    return found.missing, found.stale, found.foreign


async def a_newspaper_of(newspaper, articles, **columns):
    site, topic = await a_site(newspaper.database, **columns), await a_topic(newspaper.database, name="Rain")
    for number in range(articles):
        await newspaper.publish(site, f"# Story {number}\n\nIt rains.", topic=topic)
    return site, topic


def dead_links(newspaper, site):
    """What pages of the site lead to and is not there."""
    files = newspaper.files(site)
    for path, body in files.items():
        if not path.endswith(".html") or path == "404.html":
            continue
        for link in re.findall(r'(?:href|src)="([^":#?]+)["#?]', body.decode()):
            target = normpath(join(dirname(path), link))
            if target not in files and normpath(join(target, "index.html")) not in files:
                yield path, target


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Rainy days"},
        {"theme": "magazine"},
        {"time_zone": "Pacific/Kiritimati"},
        {"language": "ru", "author": "Ada"},
        {"base_url": "https://rain.example.org/"},
        {"about": "# Who we are\n\nRain.", "description": "Of rain."},
    ],
)
async def test_a_change_reaches_every_page(newspaper, changes):
    site, _topic = await a_newspaper_of(newspaper, 5, page_size=2)
    before = newspaper.files(site)

    await edited(newspaper, site, **changes)
    stale = (await wrong(newspaper, site))[1]
    await renewed(newspaper)

    assert stale
    assert newspaper.files(site) != before
    assert await wrong(newspaper, site) == NOTHING
    assert list(dead_links(newspaper, site)) == []


async def test_no_page_is_left_over_and_no_link_is_dead_when_the_page_size_goes_up_and_down(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 11, page_size=2)
    (newspaper.folder(site) / "page/99").mkdir(parents=True)
    for owned in ("page/about.html", "topics/mine.html", "page/99/notes.txt"):
        (newspaper.folder(site) / owned).write_text("the owner's")

    for size, numbered in ((5, {1}), (1, set(range(1, 11))), (3, {1, 2}), (100, set())):
        await edited(newspaper, site, page_size=size)
        await renewed(newspaper)

        for folder in ("", "topics/rain/"):
            pages = {int(page.parent.name) for page in newspaper.folder(site).glob(f"{folder}page/*/index.html")}
            assert pages == numbered
        owned = ["page/99/notes.txt", "page/about.html", "topics/mine.html"]
        assert await wrong(newspaper, site) == ([], [], owned)
        assert list(dead_links(newspaper, site)) == []


async def test_a_check_takes_outgrown_pages_away_too(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 3, page_size=1)
    site = await edited(newspaper, site, page_size=50)

    mended = await newspaper.mend(site)

    assert [path for path in mended.foreign if not path.startswith("topics/")] == [
        "page/1/index.html",
        "page/2/index.html",
    ]
    assert await wrong(newspaper, site) == NOTHING


async def test_several_changes_before_it_begins_are_one_job(newspaper):
    site, other = await a_site(newspaper.database), await a_site(newspaper.database)

    await edited(newspaper, site, title="One")
    await edited(newspaper, site, title="Two", page_size=5)
    await edited(newspaper, other, title="Other")
    await edited(newspaper, site, title="Two")

    assert await queued(newspaper) == [site.id, other.id]


async def test_a_change_that_is_taken_back_asks_for_nothing(newspaper):
    site = await a_site(newspaper.database)

    async with newspaper.database.session() as session:
        row = await session.get_one(Directory, site.id)
        await sites.edit(session, newspaper.publisher.workshop.settings, row, {"title": "Never"})
        await session.rollback()

    assert await queued(newspaper) == []


@asynccontextmanager
async def a_runner(newspaper, handler):
    runner = JobRunner(newspaper.database)
    runner.handle(REBUILD_SITE, handler)
    runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


async def test_changes_during_a_rebuild_lead_to_one_more(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 2)
    await edited(newspaper, site, title="First")

    async with a_runner(newspaper, Renewing(newspaper.publisher.workshop).work):
        async with newspaper.publisher.workshop.turns.at(site.id):
            await eventually(lambda: queued(newspaper, "picked"))
            for title in ("Second", "Third", "Fourth"):
                await edited(newspaper, site, title=title)
            await eventually(lambda: _one_is_begun_and_one_waits(newspaper, site))
        await eventually(lambda: _nothing_queued(newspaper))

    assert "Fourth" in newspaper.read(site, "404.html")
    assert await wrong(newspaper, site) == NOTHING


async def test_one_that_waits_for_its_turn_does_for_all_that_come_after_it(newspaper):
    first, second = await a_site(newspaper.database), await a_site(newspaper.database)
    renewing = Renewing(newspaper.publisher.workshop)

    async with newspaper.publisher.workshop.turns.at(first.id):
        works = [asyncio.ensure_future(renewing.work({"dir_id": site.id})) for site in (first, second)]
        await asyncio.sleep(0.1)
        await asyncio.wait_for(renewing.work({"dir_id": second.id}), 5)
        assert not newspaper.has(second, "index.html")
    await asyncio.gather(*works)

    assert newspaper.has(second, "index.html")
    assert await queued(newspaper) == []


async def _one_is_begun_and_one_waits(newspaper, site):
    return await queued(newspaper) == await queued(newspaper, "picked") == [site.id]


async def _nothing_queued(newspaper):
    return not await queued(newspaper) and not await queued(newspaper, "picked")


async def test_a_worker_does_not_begin_what_a_change_has_counted_on(newspaper):
    """Otherwise it would read the site before the change is there, and nobody would read it after."""
    site, _topic = await a_newspaper_of(newspaper, 1)
    await edited(newspaper, site, title="First")
    begun = asyncio.Event()

    async def note(_payload):
        begun.set()

    async with newspaper.database.session() as session:
        row = await session.get_one(Directory, site.id)
        await sites.edit(session, newspaper.publisher.workshop.settings, row, {"title": "Second"})
        async with a_runner(newspaper, note):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(begun.wait(), 3)
            await session.commit()
            await asyncio.wait_for(begun.wait(), 15)


async def test_the_running_service_does_it(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 2)

    async with working(newspaper.runtime):
        await edited(newspaper, site, title="Rainy days")
        await eventually(lambda: _says(newspaper, site, "Rainy days"))
        await eventually(lambda: _nothing_queued(newspaper))

    assert await wrong(newspaper, site) == NOTHING


async def _says(newspaper, site, title):
    return title in newspaper.read(site, "404.html")


async def test_what_was_begun_before_a_change_and_ends_after_it_shows_it(newspaper):
    """The rebuild may be over by then."""
    site, _topic = await a_newspaper_of(newspaper, 3, page_size=1)
    again = await newspaper.publish(site, "# Again\n\nIt rains.")
    # Neither is beside the other, so that neither is written for the other's sake.
    await newspaper.publish(site, "# Between\n\nIt rains.")
    gone = await newspaper.publish(site, "# Gone\n\nIt rains.")

    async with newspaper.publisher.workshop.turns.at(site.id):
        publishing = asyncio.ensure_future(newspaper.publisher.publish(again.id, rewrite=True))
        withdrawing = asyncio.ensure_future(newspaper.changes.withdraw(gone.id))
        await asyncio.sleep(0.5)
        await edited(newspaper, site, title="Rainy days")
    await asyncio.gather(publishing, withdrawing)

    for address, file in ((again, "index.html"), (gone, "gone.html")):
        assert "Rainy days" in newspaper.read(site, f"{await newspaper.address(address)}{file}")


async def test_a_process_of_its_own_makes_the_same_files(newspaper, monkeypatch):
    monkeypatch.setattr(rebuild, "SLICE", 2)
    monkeypatch.setattr(rebuild, "WORTH_GENTLE_WORKER", 0)
    site, _topic = await a_newspaper_of(newspaper, 5)
    before = newspaper.files(site)
    await edited(newspaper, site, title="Rainy days")
    await edited(newspaper, site, title=None)
    for path in before:
        (newspaper.folder(site) / path).unlink()

    await renewed(newspaper)

    assert newspaper.files(site) == before


async def test_what_was_made_before_a_change_is_made_again_after_it(newspaper, monkeypatch):
    monkeypatch.setattr(rebuild, "SLICE", 1)
    site, topic = await a_newspaper_of(newspaper, 4)

    class PowerCutError(Exception):
        pass

    def cut(done, of):
        if done == 2:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        await newspaper.rebuilding(site).rebuild(cut)
    async with newspaper.database.session() as session:
        row = await session.get_one(Topic, topic.id)
        await topics.edit(session, row, {"name": "Snow"})
    await renewed(newspaper)

    assert await wrong(newspaper, site) == NOTHING


async def test_two_do_not_make_one_site_anew_at_once(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 2)
    workshop = newspaper.publisher.workshop
    await edited(newspaper, site, title="Rainy days")

    async with workshop.turns.rebuilding(site.id) as is_ours:
        assert is_ours
        assert await renewed(newspaper) == [site.id]
        assert await queued(newspaper) == [site.id]
        commanded = asyncio.ensure_future(newspaper.rebuild(site))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(commanded), 0.5)
        assert "Rainy days" not in newspaper.read(site, "index.html")

    await commanded
    assert "Rainy days" in newspaper.read(site, "index.html")


async def test_a_crowd_of_sites_leaves_room_for_other_jobs(newspaper):
    sites = [await a_site(newspaper.database) for _ in range(1 + MOST_WAITING + 2)]
    renewing = Renewing(newspaper.publisher.workshop)

    await asyncio.gather(*(renewing.work({"dir_id": site.id, "attempt": 0}) for site in sites))

    assert sorted(await queued(newspaper)) == [site.id for site in sites[1 + MOST_WAITING :]]
    assert all(newspaper.has(site, "index.html") for site in sites[: 1 + MOST_WAITING])


async def test_a_job_for_a_site_that_is_no_more_ends_quietly(newspaper):
    site = await a_site(newspaper.database)
    await edited(newspaper, site, title="Rainy days")
    async with newspaper.database.session() as session:
        await session.delete(await session.get_one(Directory, site.id))

    assert await renewed(newspaper) == [site.id]
    assert not newspaper.folder(site).exists()


# --- a new site ---


async def test_a_new_site_has_a_front_page_at_once(newspaper):
    settings = newspaper.publisher.workshop.settings
    async with newspaper.database.session() as session:
        site = await sites.add(session, settings, Directory(name="New", path="new", description="Of rain."))

    await renewed(newspaper)

    assert "Nothing has been published here yet." in newspaper.read(site, "index.html")
    assert "Of rain." in newspaper.read(site, "about/index.html")
    assert newspaper.read_json(site, "feed.json")["items"] == []
    for path in ("404.html", "robots.txt", "sitemap.xml", "feed.xml", "archive/index.html", "search/index.html"):
        assert newspaper.has(site, path)
    assert await wrong(newspaper, site) == NOTHING
    assert list(dead_links(newspaper, site)) == []


async def test_a_site_that_began_empty_is_like_any_other(newspaper):
    settings = newspaper.publisher.workshop.settings
    async with newspaper.database.session() as session:
        site = await sites.add(session, settings, Directory(name="New", path="new"))
    await renewed(newspaper)

    await newspaper.publish(site, "# Story 1\n\nIt rains.")

    grown = newspaper.files(site)
    await newspaper.rebuild(site)
    assert newspaper.files(site) == grown
    assert "Story 1" in newspaper.read(site, "index.html")


@pytest.mark.parametrize(("tmpl", "sign"), [("mkdocs", "mkdocs.yml"), ("hugo", "hugo.yaml")])
async def test_a_new_site_of_markdown_has_what_makes_it_one(newspaper, tmpl, sign):
    settings = newspaper.publisher.workshop.settings
    async with newspaper.database.session() as session:
        site = await sites.add(session, settings, Directory(name="New", path="new", tmpl=tmpl))

    await renewed(newspaper)

    assert newspaper.has(site, sign)
    assert not newspaper.has(site, "index.html")


async def test_what_the_owner_has_made_of_a_site_of_markdown_stays(newspaper):
    site = await a_site(newspaper.database, tmpl="mkdocs")
    folder = newspaper.folder(site)
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: Mine\n")
    (folder / "docs/index.md").write_text("# Mine\n")
    await newspaper.publish(site, "# Story 1\n\nIt rains.")

    await edited(newspaper, site, title="Rainy days")
    await renewed(newspaper)

    assert newspaper.read(site, "mkdocs.yml") == "site_name: Mine\n"
    assert newspaper.read(site, "docs/index.md") == "# Mine\n"
    assert await wrong(newspaper, site) == NOTHING


async def test_a_text_that_was_there_before_the_site_is_not_written_over(newspaper):
    site = await a_site(newspaper.database, tmpl="mkdocs")
    (newspaper.folder(site) / "docs").mkdir(parents=True)
    (newspaper.folder(site) / "docs/index.md").write_text("# Mine\n")

    await edited(newspaper, site, title="Rainy days")
    await renewed(newspaper)

    assert newspaper.read(site, "docs/index.md") == "# Mine\n"
    assert newspaper.has(site, "mkdocs.yml")


async def test_a_site_with_addresses_keeps_its_template(newspaper):
    site, _topic = await a_newspaper_of(newspaper, 1)
    empty = await a_site(newspaper.database)

    with pytest.raises(errors.Conflict, match="content move"):
        await edited(newspaper, site, tmpl="mkdocs")
    await edited(newspaper, empty, tmpl="mkdocs")

    assert await queued(newspaper) == [empty.id]


# --- topics ---


async def test_a_renamed_topic_has_its_new_name_everywhere_and_its_old_address(newspaper):
    site, topic = await a_newspaper_of(newspaper, 3)
    unconcerned = await a_site(newspaper.database)
    await newspaper.publish(unconcerned, "# Story\n\nIt is dry.")

    async with newspaper.database.session() as session:
        row = await session.get_one(Topic, topic.id)
        await topics.edit(session, row, {"name": "Drizzle"})

    assert await renewed(newspaper) == [site.id]
    assert "Drizzle" in newspaper.read(site, "topics/rain/index.html")
    named = [path for path, body in newspaper.files(site).items() if b">Rain<" in body or b'"Rain"' in body]
    assert named == []
    assert await wrong(newspaper, site) == NOTHING


async def test_a_memo_is_on_no_page(newspaper):
    _site, topic = await a_newspaper_of(newspaper, 1)

    async with newspaper.database.session() as session:
        row = await session.get_one(Topic, topic.id)
        await topics.edit(session, row, {"memo": "wet"})

    assert await queued(newspaper) == []


async def test_a_removed_topic_leaves_word_that_it_is_gone_and_nothing_else(newspaper):
    site, topic = await a_newspaper_of(newspaper, 5, page_size=1)
    assert newspaper.has(site, "topics/rain/page/4/index.html")

    async with newspaper.database.session() as session:
        await topics.remove(session, await session.get_one(Topic, topic.id))
    await renewed(newspaper)

    left = [path for path in newspaper.files(site) if path.startswith("topics/")]
    assert left == ["topics/rain/gone.html"]
    assert "noindex" in newspaper.read(site, "topics/rain/gone.html")
    leading = [path for path, body in newspaper.files(site).items() if b"topics/rain" in body]
    assert leading == []
    assert "Story 4" in newspaper.read(site, "index.html")
    assert await wrong(newspaper, site) == NOTHING
    assert list(dead_links(newspaper, site)) == []


async def test_a_rebuild_passes_over_the_list_of_a_topic_that_was_removed_meanwhile(newspaper):
    site, topic = await a_newspaper_of(newspaper, 2, page_size=1)
    async with newspaper.database.driver() as connection:
        [lists] = await connection.fetch("SELECT id FROM gai_page_list WHERE kind = 'topic'")
    parts = [NumberedPart(lists["id"], 1), FrontPart(lists["id"])]
    editor = newspaper.publisher.workshop.editor(site)
    assert {"topics/rain/page/1/index.html", "topics/rain/index.html"} <= {
        made.path for made in await editor.render(parts)
    }

    async with newspaper.database.session() as session:
        await topics.remove(session, await session.get_one(Topic, topic.id))

    assert await editor.render(parts) == []


async def test_a_new_topic_does_not_take_the_address_of_one_that_is_gone(newspaper):
    site, topic = await a_newspaper_of(newspaper, 1)
    async with newspaper.database.session() as session:
        await topics.remove(session, await session.get_one(Topic, topic.id))
    await renewed(newspaper)

    again = await a_topic(newspaper.database, name="Rain")
    await newspaper.publish(site, "# Story again\n\nIt rains.", topic=again)

    assert newspaper.has(site, "topics/rain-2/index.html")
    assert not newspaper.has(site, "topics/rain/index.html")
    assert await wrong(newspaper, site) == NOTHING


async def test_a_check_mends_what_is_left_of_a_removed_topic(newspaper):
    site, topic = await a_newspaper_of(newspaper, 3, page_size=1)
    async with newspaper.database.session() as session:
        await topics.remove(session, await session.get_one(Topic, topic.id))

    found = await newspaper.mend(site)

    assert "topics/rain/index.html" in found.foreign
    assert await wrong(newspaper, site) == NOTHING
