"""Publishing again, withdrawing, moving and planning."""

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from app.core import errors
from app.jobs.kinds import TryAgain
from app.models import Directory, Page, PageStatus
from tests.builders import a_content, a_prompt, a_site, a_topic, ago


async def statuses(newspaper, content):
    return [row.status for row in await newspaper.history(content)]


async def mended(newspaper):
    """Do what is due in the queue; how many pages were written for it."""
    async with newspaper.database.session() as session:
        query = "SELECT payload FROM pgqueuer WHERE entrypoint = 'mend_page' AND execute_after <= now()"
        payloads = [json.loads(row[0]) for row in await session.execute(text(query))]
    for payload in payloads:
        await newspaper.changes.mend(payload | {"attempt": 0})
    return len(payloads)


async def test_publishing_again_keeps_address_and_first_date_and_shows_the_update(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(
        newspaper.database,
        prompt_id=prompt.id,
        text="# Rain\n\nIt rains.",
        created_at=datetime(2025, 3, 1, tzinfo=UTC),
    )
    first = await newspaper.publisher.publish(content.id)

    again = await newspaper.publisher.publish(content.id, rewrite=True)

    page = newspaper.read(site, "2025/03/rain/index.html")
    rows = await newspaper.history(content)
    assert [row.id for row in rows] == [first, again]
    assert {row.filename for row in rows} == {"2025/03/rain/index.html"}
    assert all(row.renderer and row.digest and row.published_at for row in rows)
    assert 'property="article:published_time" content="2025-03-01T00:00:00+00:00"' in page
    assert 'property="article:modified_time"' in page
    assert newspaper.read_json(site, "feed.json")["items"][0]["date_published"].startswith("2025-03-01")
    assert (await newspaper.look(site)).stale == []


async def test_without_rewrite_what_is_published_is_left_alone(newspaper):
    site = await a_site(newspaper.database)
    content = await newspaper.publish(site, "# Rain\n\nIt rains.")
    before = newspaper.files(site)

    again = await newspaper.publisher.publish(content.id)

    assert again == (await newspaper.history(content))[-1].id
    assert newspaper.files(site) == before


async def test_a_withdrawn_page_says_so_and_nothing_leads_there(newspaper):
    site, topic = await a_site(newspaper.database), await a_topic(newspaper.database)
    contents = [await newspaper.publish(site, f"# Story {n}\n\nIt rains.", topic=topic) for n in range(3)]
    address = await newspaper.address(contents[1])

    await newspaper.changes.withdraw(contents[1].id)

    assert not newspaper.has(site, f"{address}index.html")
    assert not newspaper.has(site, f"{address}index.md")
    assert "noindex" in newspaper.read(site, f"{address}gone.html")
    leading = [path for path, body in newspaper.files(site).items() if address.encode() in body]
    assert leading == [f"{address}gone.html"] or leading == []
    assert b"Story 1" not in b"".join(newspaper.files(site).values())
    assert await statuses(newspaper, contents[1]) == ["withdrawn"]
    survey = await newspaper.look(site)
    assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_the_only_article_may_be_withdrawn(newspaper):
    site = await a_site(newspaper.database)
    content = await newspaper.publish(site, "# Story 1\n\nIt rains.")

    await newspaper.changes.withdraw(content.id)

    assert "Story 1" not in newspaper.read(site, "index.html")
    assert newspaper.read_json(site, "feed.json")["items"] == []


async def test_what_was_withdrawn_comes_back_where_it_was(newspaper):
    site = await a_site(newspaper.database)
    contents = [await newspaper.publish(site, f"# Story {n}\n\nIt rains.") for n in range(3)]
    before = newspaper.files(site)
    await newspaper.changes.withdraw(contents[1].id)

    await newspaper.publisher.publish(contents[1].id)

    assert newspaper.files(site) == before
    assert await statuses(newspaper, contents[1]) == ["withdrawn", "published"]


async def test_an_address_is_never_given_to_another_article(newspaper):
    site = await a_site(newspaper.database)
    first = await newspaper.publish(site, "# Rain\n\nIt rains.")
    await newspaper.changes.withdraw(first.id)

    second = await newspaper.publish(site, "# Rain\n\nIt rains again.")

    assert (await newspaper.address(second)) == (await newspaper.address(first)).replace("/rain/", "/rain-2/")


async def test_many_of_one_title_find_addresses_of_their_own(newspaper):
    site = await a_site(newspaper.database)
    contents = [await newspaper.publish(site, f"# Rain\n\nIt rains {n}.") for n in range(12)]

    addresses = {await newspaper.address(content) for content in contents}

    assert len(addresses) == 12


async def test_a_page_moved_to_another_topic_keeps_its_address(newspaper):
    site = await a_site(newspaper.database)
    weather = await a_topic(newspaper.database, name="Weather")
    travel = await a_topic(newspaper.database, name="Travel")
    contents = [await newspaper.publish(site, f"# Story {n}\n\nIt rains.", topic=weather) for n in range(3)]
    address = await newspaper.address(contents[1])

    await newspaper.changes.move_to_topic(contents[1].id, travel.id)

    assert await newspaper.address(contents[1]) == address
    assert "Story 1" not in newspaper.read(site, "topics/weather/index.html")
    assert "Story 1" in newspaper.read(site, "topics/travel/index.html")
    assert "Travel" in newspaper.read(site, f"{address}index.html")
    survey = await newspaper.look(site)
    assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_a_page_moved_to_another_site_leaves_a_redirect(newspaper):
    old, new = await a_site(newspaper.database), await a_site(newspaper.database)
    stays = await newspaper.publish(old, "# Story 1\n\nIt rains.")
    moves = await newspaper.publish(old, "# Story 2\n\nIt rains.")
    address = await newspaper.address(moves)

    await newspaper.changes.move_to_site(moves.id, new)

    target = f"http://test/sites/{new.name}/{await newspaper.address(moves)}"
    redirect = newspaper.read(old, f"{address}index.html")
    assert f'http-equiv="refresh" content="0; url={target}"' in redirect or f"0;url={target}" in redirect
    assert f'rel="canonical" href="{target}"' in redirect
    assert "Story 2" in newspaper.read(new, "index.html")
    assert "Story 2" not in newspaper.read(old, "index.html")
    assert "Story 2" not in newspaper.read(old, f"{await newspaper.address(stays)}index.html")
    for site in (old, new):
        survey = await newspaper.look(site)
        assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_a_move_that_was_cut_off_is_finished_by_its_job(newspaper, monkeypatch):
    old, new = await a_site(newspaper.database), await a_site(newspaper.database)
    content = await newspaper.publish(old, "# Story 1\n\nIt rains.")

    async def power_cut(*_arguments):
        raise ConnectionResetError

    monkeypatch.setattr(newspaper.publisher.workshop, "dress", power_cut)
    with pytest.raises(ConnectionResetError):
        await newspaper.changes.move_to_site(content.id, new)
    monkeypatch.undo()
    async with newspaper.database.session() as session:
        pages = (await session.scalars(select(Page).order_by(Page.id.desc()))).all()
    for page in pages:
        await newspaper.changes.mend({"page_id": page.id, "attempt": 0})

    assert [page.status for page in pages] == [PageStatus.PENDING, PageStatus.MOVED]
    assert "Story 1" in newspaper.read(new, "index.html")
    assert (await newspaper.look(old)).stale == []
    assert (await newspaper.look(new)).missing == []


async def test_a_planned_page_is_published_when_its_hour_comes(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(
        newspaper.database, prompt_id=prompt.id, text="# Rain\n\nIt rains.", created_at=ago(days=9)
    )
    at = datetime.now(UTC) + timedelta(seconds=1)

    row = await newspaper.publisher.schedule(content.id, at=at)
    job = {"content_id": content.id, "scheduled": row, "attempt": 0}
    with pytest.raises(TryAgain):
        await newspaper.publisher.work(job)
    assert await statuses(newspaper, content) == ["scheduled"]
    await asyncio.sleep(1)
    await newspaper.publisher.work(job)

    assert await statuses(newspaper, content) == ["published"]
    assert newspaper.read_json(site, "feed.json")["items"][0]["date_published"][:19] == at.isoformat()[:19]


async def test_a_job_that_comes_a_little_before_its_plan_is_due_comes_again(newspaper):
    """The queue and the plan go by two clocks; a job that is dropped would leave the plan for ever."""
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")
    row = await newspaper.publisher.schedule(content.id, at=datetime.now(UTC) + timedelta(seconds=1))
    job = {"content_id": content.id, "scheduled": row, "attempt": 0}

    with pytest.raises(TryAgain) as again:
        await newspaper.publisher.work(job)
    assert 0 < again.value.after_seconds <= 1
    await asyncio.sleep(again.value.after_seconds)
    await newspaper.publisher.work(job)

    assert await statuses(newspaper, content) == ["published"]


async def test_a_plan_that_was_given_up_comes_to_nothing(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")
    row = await newspaper.publisher.schedule(content.id, at=datetime.now(UTC))

    await newspaper.changes.withdraw(content.id)
    await newspaper.publisher.work({"content_id": content.id, "scheduled": row, "attempt": 0})

    assert await statuses(newspaper, content) == ["withdrawn"]
    assert not newspaper.has(site, "index.html")


async def test_what_is_live_cannot_be_planned_and_what_is_not_cannot_be_withdrawn(newspaper):
    site = await a_site(newspaper.database)
    live = await newspaper.publish(site, "# Rain\n\nIt rains.")
    stored = await a_content(newspaper.database, text="x")

    with pytest.raises(errors.Conflict):
        await newspaper.publisher.schedule(live.id, at=datetime.now(UTC))
    for content_id in (stored.id, 4711):
        with pytest.raises(errors.NotFound):
            await newspaper.changes.withdraw(content_id)


async def test_who_waited_for_a_turn_looks_again_at_what_there_is(newspaper):
    old, new = await a_site(newspaper.database), await a_site(newspaper.database)
    content = await newspaper.publish(old, "# Story 1\n\nIt rains.")

    async with newspaper.publisher.workshop.turns.at(old.id):
        move = asyncio.create_task(newspaper.changes.move_to_site(content.id, new))
        await asyncio.sleep(0.3)
        withdraw = asyncio.create_task(newspaper.changes.withdraw(content.id))
        await asyncio.sleep(0.3)
    moved, withdrawn = await asyncio.gather(move, withdraw)

    assert (withdrawn.id, withdrawn.status) == (moved.id, PageStatus.GONE)
    assert not newspaper.has(new, moved.path)
    assert await mended(newspaper) >= 1
    for site in (old, new):
        survey = await newspaper.look(site)
        assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_a_move_that_waited_finds_the_site_as_it_was_changed_meanwhile(newspaper):
    old, new = await a_site(newspaper.database), await a_site(newspaper.database)
    content = await newspaper.publish(old, "# Story 1\n\nIt rains.")

    async with newspaper.publisher.workshop.turns.at(old.id):
        move = asyncio.create_task(newspaper.changes.move_to_site(content.id, new))
        await asyncio.sleep(0.3)
        async with newspaper.database.session() as session:
            row = await session.get_one(Directory, new.id)
            row.title, row.language = "Rainy days", "de"
    moved = await move

    page = newspaper.read(new, moved.path)
    assert "Rainy days" in page
    assert '<html lang="de"' in page


async def test_all_former_addresses_lead_to_where_a_page_is_now(newspaper):
    sites = [await a_site(newspaper.database) for _ in range(3)]
    content = await newspaper.publish(sites[0], "# Story 1\n\nIt rains.")
    for site in sites[1:]:
        moved = await newspaper.changes.move_to_site(content.id, site)
        await mended(newspaper)

    for former in sites[:2]:
        assert f"/sites/{sites[2].name}/" in newspaper.read(former, moved.path)

    await newspaper.changes.withdraw(content.id)
    await mended(newspaper)
    for site in sites:
        assert newspaper.has(site, moved.path.replace("index.html", "gone.html"))
        assert not newspaper.has(site, moved.path)


async def test_a_page_withdrawn_first_is_not_moved(newspaper):
    old, new = await a_site(newspaper.database), await a_site(newspaper.database)
    content = await newspaper.publish(old, "# Story 1\n\nIt rains.")

    async with newspaper.publisher.workshop.turns.at(old.id):
        withdraw = asyncio.create_task(newspaper.changes.withdraw(content.id))
        await asyncio.sleep(0.3)
        move = asyncio.create_task(newspaper.changes.move_to_site(content.id, new))
        await asyncio.sleep(0.3)
    await withdraw

    with pytest.raises(errors.NotFound):
        await move
    assert not newspaper.has(new, "index.html")


async def test_many_who_publish_one_content_at_once_make_one_publication(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")

    numbers = await asyncio.gather(*(newspaper.publisher.publish(content.id) for _ in range(5)))

    assert len(set(numbers)) == 1
    assert await statuses(newspaper, content) == ["published"]


async def test_a_job_from_before_does_not_bring_a_withdrawn_page_back_and_a_command_does(newspaper):
    site = await a_site(newspaper.database)
    content = await newspaper.publish(site, "# Rain\n\nIt rains.")
    await newspaper.changes.withdraw(content.id)

    await newspaper.publisher.work({"content_id": content.id, "rewrite": True, "attempt": 0})
    assert await statuses(newspaper, content) == ["withdrawn"]

    await newspaper.publisher.work({"content_id": content.id, "commanded": True, "attempt": 0})
    assert await statuses(newspaper, content) == ["withdrawn", "published"]


async def test_a_plan_brought_forward_is_dated_today(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")
    await newspaper.publisher.schedule(content.id, at=datetime(2200, 1, 1, tzinfo=UTC))

    await newspaper.publisher.publish(content.id)

    assert (await newspaper.address(content)).startswith(f"{datetime.now(UTC):%Y/%m}/")


async def test_a_removed_content_leaves_a_page_that_is_gone(newspaper):
    site = await a_site(newspaper.database)
    stays, goes = [await newspaper.publish(site, f"# Story {n}\n\nIt rains.") for n in range(2)]
    address = await newspaper.address(goes)

    await newspaper.changes.remove(goes.id)

    assert newspaper.has(site, f"{address}gone.html")
    assert "Story 1" not in newspaper.read(site, f"{await newspaper.address(stays)}index.html")
    survey = await newspaper.look(site)
    assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])


async def test_a_content_whose_site_was_removed_is_published_anew(newspaper):
    gone, other = await a_site(newspaper.database), await a_site(newspaper.database)
    content = await newspaper.publish(gone, "# Rain\n\nIt rains.")
    async with newspaper.database.session() as session:
        await session.delete(await session.get_one(type(gone), gone.id))

    await newspaper.publisher.publish(content.id)

    assert await newspaper.address(content)
    assert "Rain" in newspaper.read(other, "index.html")


async def test_a_page_stays_in_its_year_when_the_time_zone_changes(newspaper):
    site = await a_site(newspaper.database)
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    then = datetime(1999, 12, 31, 20, tzinfo=UTC)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain\n\nWet.", created_at=then)
    await newspaper.publisher.publish(content.id)
    async with newspaper.database.session() as session:
        (await session.get_one(type(site), site.id)).time_zone = "Pacific/Kiritimati"

    await newspaper.publisher.publish(content.id, rewrite=True)

    assert newspaper.has(site, "1999/index.html")
    assert not newspaper.has(site, "2000/index.html")


async def test_a_folder_that_vanished_is_dressed_again(newspaper):
    site = await a_site(newspaper.database)
    await newspaper.publish(site, "# Rain\n\nIt rains.")
    shutil.rmtree(newspaper.folder(site))

    await newspaper.publish(site, "# Sun\n\nIt is dry.")

    assert list(newspaper.folder(site).glob("assets/site.*.css"))
    assert newspaper.has(site, "404.html")
