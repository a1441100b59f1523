"""Publications that come to their end in any order, or never: the site is the one that a rebuild makes."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import obstore
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.publishing.build.workshop import Workshop
from app.publishing.changes import Changes
from app.publishing.pages import theme
from app.publishing.service import Publisher
from tests.builders import a_content, a_prompt, a_site, a_topic
from tests.faulty import CutOff, Fault, FaultyDatabase, FaultyStore
from tests.publishing.conftest import Newspaper

ORDERS = [order for length in (1, 2, 3) for order in itertools.permutations(range(3), length)]


async def a_story(newspaper, site, topic, title="Story"):
    prompt = await a_prompt(newspaper.database, dir_id=site.id, topic_id=topic.id)
    return await a_content(newspaper.database, prompt_id=prompt.id, text=f"# {title}\n\nIt rains.")


@asynccontextmanager
async def a_process(newspaper: Newspaper, fault: Fault) -> AsyncIterator[Newspaper]:
    """Another one that works on the same installation, until the fault strikes."""
    shop = newspaper.publisher.workshop
    database = FaultyDatabase(shop.database.dsn, fault)
    workshop = Workshop(database, shop.settings, shop.library, shop.fetcher, open_elsewhere=shop.open_elsewhere)
    publisher = Publisher(workshop, newspaper.publisher._extensions)
    try:
        with FaultyStore(fault), suppress(CutOff, DBAPIError):
            changes = Changes(publisher)
            yield Newspaper(
                replace(
                    newspaper.runtime, database=database, workshop=workshop, publisher=publisher, changes=changes
                )
            )
    finally:
        await workshop.aclose()
        await database.dispose()


async def begun(newspaper, content):
    """It has its place, and not one file of it is written."""
    with FaultyStore(Fault(at=1)), pytest.raises(CutOff):
        await newspaper.publisher.publish(content.id)


async def faults_of(newspaper, site):
    found = await newspaper.look(site)
    return found.missing + found.stale + found.foreign


async def assert_as_rebuilt(newspaper, site):
    grown = newspaper.files(site)
    shutil.rmtree(newspaper.folder(site))
    await newspaper.rebuild(site)
    made = newspaper.files(site)
    assert sorted(grown) == sorted(made)
    assert {path for path, body in made.items() if grown[path] != body} == set()


@pytest.mark.parametrize("page_size", [1, 2, 3])
async def test_in_whichever_order_publications_end_the_site_is_as_a_rebuild_makes_it(newspaper, page_size):
    """Three of them around the border of a page; those that an order leaves out are abandoned."""
    for order in ORDERS:
        site, topic = await a_site(newspaper.database, page_size=page_size), await a_topic(newspaper.database)
        for number in range(2 * page_size):
            await newspaper.publish(site, f"# Old {number}\n\nIt rains.", topic=topic)
        contents = [await a_story(newspaper, site, topic, f"Story {number}") for number in range(3)]
        for content in contents:
            await begun(newspaper, content)

        for number in order:
            await newspaper.publisher.publish(contents[number].id)
            assert (order, await faults_of(newspaper, site)) == (order, [])

        await assert_as_rebuilt(newspaper, site)


async def another_is_published(newspaper, site, topic, _content):
    await newspaper.publisher.publish((await a_story(newspaper, site, topic, "Next")).id)


async def it_is_tried_again(newspaper, site, topic, content):
    await newspaper.publisher.publish(content.id, rewrite=True)


async def the_service_looks_for_what_was_left(newspaper, site, topic, _content):
    await newspaper.changes.catch_up()


@pytest.mark.parametrize("then", [another_is_published, it_is_tried_again, the_service_looks_for_what_was_left])
async def test_a_publication_that_is_killed_at_any_step_is_caught_up(newspaper, then):
    site, topic, fault = None, await a_topic(newspaper.database), Fault()
    for step in itertools.count(1):
        if step % 10 == 1:
            if site is not None:
                await assert_as_rebuilt(newspaper, site)
            site = await a_site(newspaper.database, page_size=2)
            for number in range(5):
                await newspaper.publish(site, f"# Old {number}\n\nIt rains.", topic=topic)
        content, fault = await a_story(newspaper, site, topic), Fault(at=step)

        async with a_process(newspaper, fault) as dying:
            await dying.publisher.publish(content.id)
        await then(newspaper, site, topic, content)

        assert (step, await faults_of(newspaper, site)) == (step, [])
        if not fault.has_struck:
            break
    assert fault.steps > 40


async def rewritten(newspaper, content, _topic):
    await newspaper.publisher.publish(content.id, rewrite=True)


async def withdrawn(newspaper, content, _topic):
    await newspaper.changes.withdraw(content.id)


async def moved(newspaper, content, topic):
    await newspaper.changes.move_to_topic(content.id, topic.id)


@pytest.mark.parametrize("change", [rewritten, withdrawn, moved])
async def test_a_change_that_is_killed_at_any_step_is_caught_up(newspaper, change):
    topics, fault = [await a_topic(newspaper.database) for _ in range(2)], Fault()
    for step in itertools.count(1):
        if step % 5 == 1:
            site = await a_site(newspaper.database, page_size=2)
            contents = [
                await newspaper.publish(site, f"# Old {n}\n\nIt rains.", topic=topics[0]) for n in range(7)
            ]
        content, fault = contents[1 + step % 5], Fault(at=step)

        async with a_process(newspaper, fault) as dying:
            await change(dying, content, topics[1])
        await newspaper.changes.catch_up()

        assert (step, await faults_of(newspaper, site)) == (step, [])
        if not fault.has_struck:
            break
    assert fault.steps > 30


async def test_a_slow_write_of_a_failed_publication_does_not_come_after_its_end(newspaper, monkeypatch):
    site, topic = await a_site(newspaper.database), await a_topic(newspaper.database)
    await newspaper.publish(site, "# Old\n\nIt rains.", topic=topic)
    put, late = obstore.put_async, []

    async def write_late(*arguments):
        await asyncio.sleep(1)
        await put(*arguments)

    async def put_or_fail(store, path, body):
        if path.endswith("/story/index.md"):
            raise CutOff
        if not path.endswith("/story/index.html") or late:
            return await put(store, path, body)
        # Whoever waits for it may be cancelled; the store goes on.
        late.append(asyncio.ensure_future(write_late(store, path, body)))
        return await asyncio.shield(late[0])

    monkeypatch.setattr(obstore, "put_async", put_or_fail)
    with pytest.raises(CutOff):
        await newspaper.publisher.publish((await a_story(newspaper, site, topic)).id)
    await asyncio.gather(*late)

    assert await faults_of(newspaper, site) == []


async def test_a_page_that_cannot_be_made_any_more_holds_up_no_other(newspaper):
    site = await a_site(newspaper.database, theme="mine")
    folder = newspaper.publisher.workshop.settings.themes_folder / "mine"
    folder.mkdir(parents=True)
    for title in ("Broken", "Between"):
        await newspaper.publish(site, f"# {title}\n\nIt rains.")
    shipped = (theme.DEFAULT_FOLDER / "article.html").read_text()
    breaking = '{% block head %}{% if title == "Broken" %}{{ no.such.thing }}{% endif %}'
    (folder / "article.html").write_text(shipped.replace("{% block head %}", breaking))
    async with newspaper.database.session() as session:
        await session.execute(text("UPDATE gai_page SET is_written = false WHERE title = 'Broken'"))

    content = await newspaper.publish(site, "# Whole\n\nIt rains.")
    await newspaper.changes.catch_up()

    assert [row.status for row in await newspaper.history(content)] == ["published"]
    assert "Whole" in newspaper.read(site, "index.html")
