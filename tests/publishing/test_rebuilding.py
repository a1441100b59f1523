"""Making a site anew, checking it, and a store that fails in the middle."""

import asyncio
from contextlib import suppress

import pytest

from app.core import storage
from app.media import queries as media_queries
from app.models import ContentFile, Directory
from app.publishing.build import parts, rebuild
from app.publishing.build.batches import Mode, work_on
from app.publishing.build.parts import SearchPart, VolumePart
from app.publishing.build.queries import list_unwritten_sites
from app.publishing.pages.theme import ThemeBroken
from tests.builders import a_content, a_prompt, a_site, a_topic
from tests.faulty import CutOff, Fault, FaultyStore


async def a_newspaper_of(newspaper, site, articles):
    topic = await a_topic(newspaper.database)
    return [await newspaper.publish(site, f"# Story {n}\n\nIt rains.", topic=topic) for n in range(articles)]


async def test_a_rebuild_brings_back_everything(newspaper):
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 5)
    before = newspaper.files(site)
    for path in before:
        (newspaper.folder(site) / path).unlink()

    await newspaper.rebuild(site)

    assert newspaper.files(site) == before
    assert newspaper.progress[-1][0] == newspaper.progress[-1][1]


async def test_a_rebuild_takes_new_settings_to_every_page(newspaper):
    site = await a_site(newspaper.database)
    contents = await a_newspaper_of(newspaper, site, 3)
    async with newspaper.database.session() as session:
        stored = await session.get_one(Directory, site.id)
        stored.title, stored.theme = "Rainy days", "magazine"
        session.add(stored)

    await newspaper.rebuild(stored)

    for content in contents:
        assert "Rainy days" in newspaper.read(site, f"{await newspaper.address(content)}index.html")
    assert "Rainy days" in newspaper.read(site, "404.html")


async def test_an_interrupted_rebuild_goes_on_where_it_was(newspaper, monkeypatch):
    monkeypatch.setattr(rebuild, "SLICE", 1)
    site = await a_site(newspaper.database)
    contents = await a_newspaper_of(newspaper, site, 4)

    class PowerCutError(Exception):
        pass

    def cut(done, of):
        if done == 2:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        await newspaper.rebuilding(site).rebuild(cut)
    untouched = newspaper.folder(site) / (await newspaper.address(contents[0])) / "index.html"
    before = untouched.stat().st_ino
    await newspaper.rebuild(site)

    assert newspaper.progress[0][0] == 3
    assert untouched.stat().st_ino == before
    assert (await newspaper.look(site)).stale == []


async def test_worker_processes_make_the_same_files(newspaper, monkeypatch):
    monkeypatch.setattr(rebuild, "SLICE", 2)
    monkeypatch.setattr(rebuild, "WORTH_WORKERS", 0)
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 7)
    before = newspaper.files(site)
    for path in before:
        (newspaper.folder(site) / path).unlink()

    await newspaper.rebuild(site, workers=2)

    assert newspaper.files(site) == before


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_rebuild_that_is_cut_off_waits_for_no_turn(newspaper, monkeypatch, workers):
    monkeypatch.setattr(rebuild, "SLICE", 1)
    monkeypatch.setattr(rebuild, "WORTH_WORKERS", 0)
    site, begun = await a_site(newspaper.database), asyncio.Event()
    await a_newspaper_of(newspaper, site, 20)

    work = newspaper.rebuilding(site, workers=workers).rebuild(lambda _done, _of: begun.set())
    task = asyncio.ensure_future(work)
    await begun.wait()
    async with newspaper.publisher.workshop.turns.at(site.id):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
    await newspaper.rebuild(site)

    assert newspaper.progress[0][0] > 1
    assert (await newspaper.look(site)).stale == []


async def test_a_check_finds_and_mends_what_is_missing_stale_and_foreign(newspaper):
    site = await a_site(newspaper.database)
    contents = await a_newspaper_of(newspaper, site, 3)
    before, folder = newspaper.files(site), newspaper.folder(site)
    page = f"{await newspaper.address(contents[1])}index.html"
    (folder / page).unlink()
    (folder / "feed.xml").write_text("broken")
    (folder / "CNAME").write_text("example.org")

    found = await newspaper.look(site)
    assert (found.missing, found.stale, found.foreign) == ([page], ["feed.xml"], ["CNAME"])
    assert not newspaper.has(site, page)

    mended = await newspaper.mend(site)
    assert (mended.missing, mended.stale, mended.foreign) == ([page], ["feed.xml"], ["CNAME"])
    assert newspaper.files(site) == before | {"CNAME": b"example.org"}

    await newspaper.rebuilding(site).delete(mended.foreign)
    assert newspaper.files(site) == before


@pytest.mark.parametrize("broken", ["index.html", "feed.xml", "provenance.json", "search/index.json"])
async def test_a_failed_publication_leaves_the_site_as_it_was(newspaper, monkeypatch, broken):
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 3)
    before = newspaper.files(site)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Lost\n\nIt rains.")
    write, failed = storage.write, []

    async def failing(store, path, body):
        if path.endswith(broken) and not failed:
            failed.append(path)
            raise OSError("no space left on device")
        await write(store, path, body)

    monkeypatch.setattr(storage, "write", failing)
    with pytest.raises(Exception, match="no space left"):
        await newspaper.publisher.work({"content_id": content.id, "attempt": 0})

    # The place it was given stays its own, and the search knows how many there are.
    assert _without_manifest(newspaper.files(site)) == _without_manifest(before)
    (row,) = await newspaper.history(content)
    assert (row.status, "no space left" in (row.reason or "")) == ("pending", True)

    await newspaper.publisher.work({"content_id": content.id, "attempt": 1})
    assert "Lost" in newspaper.read(site, "index.html")
    assert (await newspaper.look(site)).stale == []


def _without_manifest(files):
    return {path: body for path, body in files.items() if path != "search/index.json"}


async def test_the_search_index_grows_with_the_site(newspaper):
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 66)

    assert newspaper.read_json(site, "search/index.json")["last"] == 66
    assert newspaper.has(site, "search/entries/2.json")
    assert newspaper.has(site, "search/volumes/1/0.json")
    survey = await newspaper.look(site)
    assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_a_check_reads_copies_of_files_and_a_look_writes_none(newspaper):
    site = await a_site(newspaper.database)
    content = await newspaper.publish(site, "# Rain\n\n![](a.png)")
    async with newspaper.database.session() as session:
        stored = await newspaper.publisher.workshop.library.keep(b"not the picture but some file")
        await media_queries.record(session, stored)
        session.add(
            ContentFile(
                content_id=content.id,
                position=1,
                source="a.txt",
                name="a.txt",
                media_hash=stored.hash,
                status="stored",
            )
        )
    await newspaper.publisher.publish(content.id, rewrite=True)
    copy = next(newspaper.folder(site).glob("media/*/a.txt"))
    path = str(copy.relative_to(newspaper.folder(site)))

    copy.write_bytes(b"x" * copy.stat().st_size)
    assert (await newspaper.look(site)).missing == [path]
    assert copy.read_bytes().startswith(b"xxx")

    copy.unlink()
    assert (await newspaper.look(site)).missing == [path]
    assert not copy.exists()

    assert (await newspaper.mend(site)).missing == [path]
    assert copy.read_bytes() == b"not the picture but some file"


async def test_a_broken_theme_is_told_in_words_by_workers_too(newspaper, monkeypatch):
    monkeypatch.setattr(rebuild, "SLICE", 1)
    monkeypatch.setattr(rebuild, "WORTH_WORKERS", 0)
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 3)
    folder = newspaper.publisher.workshop.settings.themes_folder / "default"
    folder.mkdir(parents=True)
    (folder / "article.html").write_text("{{ no.such.thing }}")

    with pytest.raises(ThemeBroken, match=r"article\.html, line 1"):
        await newspaper.rebuild(site, workers=2)


async def test_a_rebuild_follows_pages_that_go_or_come_back_while_it_is_at_it(newspaper):
    site = await a_site(newspaper.database)
    contents = await a_newspaper_of(newspaper, site, 4)
    await newspaper.changes.withdraw(contents[0].id)
    work = newspaper.rebuilding(site)
    slices = [*await work._page_slices(None), *await work._list_slices(Mode.REBUILD)]
    await newspaper.changes.withdraw(contents[2].id)
    await newspaper.publisher.publish(contents[0].id)
    before = newspaper.files(site)

    for each in slices:
        await work_on(newspaper.publisher.workshop, site.id, each, Mode.REBUILD)

    assert newspaper.files(site) == before


async def test_a_rebuild_follows_the_search_index_that_has_grown_while_it_is_at_it(newspaper):
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 66)
    before = newspaper.files(site)

    for part in (VolumePart(1, until=10), SearchPart(1)):
        await work_on(newspaper.publisher.workshop, site.id, [part], Mode.REBUILD)

    assert newspaper.files(site) == before


async def test_the_search_index_is_whole_after_a_kill_at_any_step(newspaper):
    site = await a_site(newspaper.database)
    await a_newspaper_of(newspaper, site, 64)
    before = newspaper.files(site)
    for step in range(1, 60, 6):
        async with newspaper.database.driver() as connection:
            await connection.execute("UPDATE gai_page_list SET indexed = 0")
        with FaultyStore(Fault(at=step)), suppress(CutOff):
            await newspaper.changes.catch_up()

        await newspaper.changes.catch_up()

        assert (step, newspaper.files(site) == before) == (step, True)


async def test_a_list_of_which_nobody_knows_how_far_it_is_written_is_written_a_few_pages_at_a_time(
    newspaper, monkeypatch
):
    monkeypatch.setattr(parts, "MOST_BEHIND", 2)
    site = await a_site(newspaper.database, page_size=1)
    await a_newspaper_of(newspaper, site, 9)
    before = newspaper.files(site)
    for page in newspaper.folder(site).glob("**/page/*/index.html"):
        page.unlink()
    async with newspaper.database.driver() as connection:
        await connection.execute("UPDATE gai_page_list SET written = 0")

    await a_newspaper_of(newspaper, site, 1)
    pages = len(list(newspaper.folder(site).glob("page/*/index.html")))
    await newspaper.changes.catch_up()

    assert pages == 4
    assert before.keys() <= newspaper.files(site).keys()
    assert (await newspaper.look(site)).missing == []


async def test_a_rebuild_knows_how_far_it_has_written_lists(newspaper):
    site = await a_site(newspaper.database, page_size=1)
    await a_newspaper_of(newspaper, site, 5)
    async with newspaper.database.driver() as connection:
        await connection.execute("UPDATE gai_page_list SET written = 0")

    await newspaper.rebuild(site)

    async with newspaper.database.driver() as connection:
        assert await list_unwritten_sites(connection) == []
