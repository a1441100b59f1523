"""Sites full of articles: the rows as the engine would have left them, and files made by `pygai publish --all`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from app.core.postgres.embedded.postgres import EmbeddedPostgres
from app.models import ListKind
from app.publishing import addresses
from benchmarks import articles, ground, processes
from benchmarks.articles import TOPICS, Text
from benchmarks.ground import Ground, Size

NAME = "bench"
DIR_ID = 1

Row = tuple[Any, ...]

# What the tables number themselves goes on after the rows that were copied in.
COUNT_ON = """
SELECT setval(pg_get_serial_sequence(name, 'id'), 1000000)
FROM unnest(ARRAY['gai_directory', 'gai_topic', 'gai_prompt', 'gai_content', 'gai_page', 'gai_page_list']) AS name
"""


@dataclass(frozen=True, slots=True)
class Library:
    """A published site, and the database that it was made from."""

    articles: int
    ground: Ground

    @property
    def data_dir(self) -> Path:
        return Path(self.ground.settings["PYGAI_DATA_DIR"])

    @property
    def folder(self) -> Path:
        """Where the site's files are."""
        return self.data_dir / "sites" / NAME

    @property
    def token(self) -> str:
        return self.ground.ammunition.tokens.read_text().split()[0]

    def pages(self) -> int:
        """How many HTML pages there are on disk."""
        return sum(1 for _ in self.folder.rglob("*.html"))


async def stock(server: EmbeddedPostgres, name: str, number: int, folder: Path) -> Library:
    """A database with so many published articles, whose files are not made yet."""
    made = await ground.prepare(server, name, Size(0, 0), folder)
    connection = await asyncpg.connect(made.dsn)
    try:
        await _fill(connection, number)
    finally:
        await connection.close()
    return Library(number, made)


def build(library: Library, folder: Path) -> processes.Run:
    """`pygai publish --all`: every file of the site, made anew. Raises NotReady."""
    return processes.run((processes.PYGAI, "publish", "--all"), library.ground.settings, folder)


async def _fill(connection: asyncpg.Connection, number: int) -> None:
    now = datetime.now(UTC)
    texts = [articles.text(place, of=number, now=now) for place in range(1, number + 1)]
    lists = list(_lists(texts))
    places = [
        (list_row[0], place, text.number)
        for list_row, listed in lists
        for place, text in enumerate(listed, start=1)
    ]
    contents = [(text.number, text.topic + 1, "", "", "", "", text.markdown, text.dated_at) for text in texts]
    pages = [
        (text.number, DIR_ID, path_of(text), text.number, text.topic + 1, "live", text.title, "", text.dated_at)
        for text in texts
    ]
    publications = [
        (text.number, text.number, DIR_ID, "published", path_of(text), text.dated_at) for text in texts
    ]
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await _copy(connection, "gai_directory", "id name path title", [(DIR_ID, NAME, NAME, "Benchmark")])
        await _copy(connection, "gai_topic", "id name", list(enumerate(TOPICS, start=1)))
        await _copy(connection, "gai_prompt", "id type text count initial_count topic_id dir_id", list(_prompts()))
        await _copy(
            connection,
            "gai_content",
            "id prompt_id external_id hist_prompt_id hist_id cron_id text created_at",
            contents,
        )
        await _copy(
            connection, "gai_page", "id dir_id path content_id topic_id status title excerpt dated_at", pages
        )
        await _copy(
            connection,
            "gai_page_list",
            "id dir_id kind key slug last_place articles",
            [list_row for list_row, _ in lists],
        )
        await _copy(connection, "gai_page_place", "list_id place page_id", places)
        await _copy(
            connection, "gai_publish", "content_id page_id dir_id status filename published_at", publications
        )
    await connection.execute(COUNT_ON)
    await connection.execute("VACUUM ANALYZE")


def path_of(text: Text) -> str:
    """Where the site has an article; titles are numbered, so that no two collide."""
    return addresses.article_path(text.dated_at.date(), text.title, text.number)


def topic_folder(text: Text) -> str:
    return f"topics/{_topic_slug(text.topic)}"


def _topic_slug(topic: int) -> str:
    return next(addresses.topic_slugs(TOPICS[topic], topic + 1))


def _prompts() -> Iterable[Row]:
    """One for each topic, with the same number."""
    for topic, name in enumerate(TOPICS, start=1):
        yield topic, "gentxt", f"Write about {name}.", 1_000_000, 1_000_000, topic, DIR_ID


def _lists(texts: Sequence[Text]) -> Iterable[tuple[Row, list[Text]]]:
    """Each list of the site with its articles, the oldest first."""
    numbers = count(1)
    for kind, key, slug, listed in _listed(texts):
        yield (next(numbers), DIR_ID, kind.value, key, slug, len(listed), len(listed)), listed


def _listed(texts: Sequence[Text]) -> Iterable[tuple[ListKind, str, str, list[Text]]]:
    yield ListKind.SITE, "", "", list(texts)
    for year in sorted({f"{text.dated_at.year:04}" for text in texts}):
        yield ListKind.YEAR, year, year, [text for text in texts if f"{text.dated_at.year:04}" == year]
    for topic in range(len(TOPICS)):
        listed = [text for text in texts if text.topic == topic]
        yield ListKind.TOPIC, str(topic + 1), _topic_slug(topic), listed


async def _copy(connection: asyncpg.Connection, table: str, columns: str, rows: Sequence[Row]) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())
