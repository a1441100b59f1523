"""Lists, feeds, maps and the search after publications: the same as if the site were made anew."""

import re

from app.publishing.build.parts import Paging
from tests.builders import a_site, a_topic


def titles(page: str) -> list[str]:
    return re.findall(r"Story \d+", re.sub(r"<head>.*?</head>", "", page, flags=re.DOTALL))


def in_order(found: list[str]) -> list[int]:
    return list(dict.fromkeys(int(title.split()[1]) for title in found))


async def test_a_site_grown_article_by_article_is_the_site_that_a_rebuild_makes(newspaper):
    site = await a_site(newspaper.database, page_size=3)
    topics = [await a_topic(newspaper.database), await a_topic(newspaper.database), None]
    for number in range(1, 71):
        await newspaper.publish(site, f"# Story {number}\n\nIt rains.", topic=topics[number % 3])

    grown = newspaper.files(site)
    survey = await newspaper.look(site)
    await newspaper.rebuild(site)

    assert (survey.missing, survey.stale, survey.foreign) == ([], [], [])
    assert newspaper.files(site) == grown


async def test_every_article_is_on_one_page_of_the_site_and_none_twice(newspaper):
    site = await a_site(newspaper.database, page_size=3)
    for number in range(1, 12):
        await newspaper.publish(site, f"# Story {number}\n\nIt rains.")

    front, second, first = (
        in_order(titles(newspaper.read(site, path)))
        for path in ("index.html", "page/2/index.html", "page/1/index.html")
    )

    assert (front, second, first) == ([11, 10, 9, 8, 7], [6, 5, 4], [3, 2, 1])
    assert not newspaper.has(site, "page/3/index.html")


async def test_a_full_page_is_not_written_again(newspaper):
    site = await a_site(newspaper.database, page_size=2)
    for number in range(1, 9):
        await newspaper.publish(site, f"# Story {number}\n\nIt rains.")
    oldest = newspaper.folder(site) / "page/1/index.html"
    before = oldest.stat()

    for number in range(9, 13):
        await newspaper.publish(site, f"# Story {number}\n\nIt rains.")

    assert (oldest.stat().st_mtime_ns, oldest.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


async def test_one_publication_writes_as_many_files_in_a_large_site_as_in_a_small_one(newspaper):
    counts = {}
    for size in (5, 105):
        site = await a_site(newspaper.database, page_size=10)
        topic = await a_topic(newspaper.database)
        for number in range(size):
            await newspaper.publish(site, f"# Story {number}\n\nIt rains.", topic=topic)
        before = {path: (newspaper.folder(site) / path).stat().st_ino for path in newspaper.files(site)}
        await newspaper.publish(site, "# The last\n\nIt rains.", topic=topic)
        after = {path: (newspaper.folder(site) / path).stat().st_ino for path in newspaper.files(site)}
        counts[size] = sum(before.get(path) != inode for path, inode in after.items())

    assert counts[105] == counts[5] <= 20


async def test_a_topic_has_its_own_pages_and_feeds(newspaper):
    site = await a_site(newspaper.database)
    topic = await a_topic(newspaper.database, name="Погода и ветер")

    await newspaper.publish(site, "# Story 1\n\nIt rains.", topic=topic)
    await newspaper.publish(site, "# Story 2\n\nIt is dry.")

    assert in_order(titles(newspaper.read(site, "topics/pogoda-i-veter/index.html"))) == [1]
    assert [item["title"] for item in newspaper.read_json(site, "topics/pogoda-i-veter/feed.json")["items"]] == [
        "Story 1"
    ]
    assert "topics/pogoda-i-veter/" in newspaper.read(site, "archive/index.html")


async def test_a_renamed_topic_keeps_its_address(newspaper):
    site = await a_site(newspaper.database)
    topic = await a_topic(newspaper.database, name="Weather")
    await newspaper.publish(site, "# Story 1\n\nIt rains.", topic=topic)
    async with newspaper.database.session() as session:
        (await session.get_one(type(topic), topic.id)).name = "Climate"

    await newspaper.publish(site, "# Story 2\n\nIt rains.", topic=topic)

    assert in_order(titles(newspaper.read(site, "topics/weather/index.html"))) == [2, 1]
    assert "Climate" in newspaper.read(site, "topics/weather/index.html")
    assert not newspaper.has(site, "topics/climate")


async def test_neighbours_lead_to_each_other(newspaper):
    site, topic = await a_site(newspaper.database), await a_topic(newspaper.database)
    first = await newspaper.publish(site, "# Story 1\n\nIt rains.", topic=topic)
    second = await newspaper.publish(site, "# Story 2\n\nIt rains.", topic=topic)

    older = newspaper.read(site, f"{await newspaper.address(first)}index.html")
    newer = newspaper.read(site, f"{await newspaper.address(second)}index.html")

    assert in_order(titles(older)) == [1, 2]
    assert in_order(titles(newer)) == [2, 1]


def test_a_front_page_shows_a_whole_page_at_least_once_there_is_one():
    for size in (1, 3, 12):
        for last in range(200):
            shown = last - Paging(last, size).front_first + 1
            assert shown == last if last < size else size <= shown < 2 * size


async def test_related_are_the_three_before_and_for_the_first_of_a_topic_those_after(newspaper):
    site, topic = await a_site(newspaper.database), await a_topic(newspaper.database)
    contents = [await newspaper.publish(site, f"# Story {n}\n\nIt rains.", topic=topic) for n in range(1, 7)]

    async def related(number):
        page = newspaper.read(site, f"{await newspaper.address(contents[number - 1])}index.html")
        return in_order(titles(page.partition('class="related')[2]))[:3]

    assert await related(1) == [2, 3, 4]
    assert await related(2) == [1, 3, 4]
    assert await related(6) == [5, 4, 3]
    assert (await newspaper.look(site)).stale == []
