"""SQL of pages and the lists they are in, on the driver's own connection: one publication asks much.

`fresh` are the pages that are about to be live: they count as live for whoever asks with them.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

import asyncpg

from app.models import ListKind, PageStatus
from app.publishing.build.rows import EntryRow, ListRow, PlaceRow, picture_of

_ENTRY = """
    p.id AS page_id, pl.place, p.path, p.title, p.excerpt, p.minutes, p.picture::text AS picture,
    p.dated_at, p.updated_at, t.name AS topic_name, tl.slug AS topic_slug"""
# Thousands of letters in each row, for the search alone.
_WORDS = "p.words"
_NO_WORDS = "'' AS words"
_TOPIC = """
LEFT JOIN gai_topic AS t ON t.id = p.topic_id
LEFT JOIN gai_page_list AS tl ON tl.dir_id = p.dir_id AND tl.kind = 'topic' AND tl.key = p.topic_id::text"""
# A page keeps its place in a topic's list when it moves to another topic: the list passes over it then.
_SHOWN = """
    (p.status = 'live' AND p.content_id IS NOT NULL OR p.id = ANY($1::bigint[]))
    AND (l.kind <> 'topic' OR l.key = p.topic_id::text)"""
_IN_LIST = f"""
FROM gai_page_place AS pl
JOIN gai_page_list AS l ON l.id = pl.list_id
JOIN gai_page AS p ON p.id = pl.page_id {_TOPIC}
WHERE {_SHOWN}"""


async def list_lists(connection: asyncpg.Connection, *, dir_id: int, fresh: Collection[int] = ()) -> list[ListRow]:
    """Every list of a site, years and topics in the order of their names."""
    query = """
SELECT l.id, l.kind, l.key, l.slug, l.last_place, l.indexed, coalesce(t.name, l.key) AS name,
       l.articles + (
           SELECT count(*) FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
           WHERE pl.list_id = l.id AND p.id = ANY($1::bigint[]) AND p.status <> 'live'
       ) AS articles
FROM gai_page_list AS l LEFT JOIN gai_topic AS t ON l.kind = 'topic' AND t.id::text = l.key
WHERE l.dir_id = $2 AND (l.kind <> 'topic' OR t.id IS NOT NULL)
ORDER BY l.kind, name, l.id"""
    found = await connection.fetch(query, list(fresh), dir_id)
    return [ListRow(**{**row, "kind": ListKind(row["kind"])}) for row in found]


async def list_by_place(
    connection: asyncpg.Connection,
    *,
    list_id: int,
    first: int,
    last: int,
    fresh: Collection[int] = (),
    with_words: bool = False,
) -> list[EntryRow]:
    """The live pages between two places of a list, the newest first."""
    words = _WORDS if with_words else _NO_WORDS
    query = f"""SELECT {_ENTRY}, {words} {_IN_LIST} AND pl.list_id = $2 AND pl.place BETWEEN $3 AND $4
                ORDER BY pl.place DESC"""
    return await _entries(connection, query, list(fresh), list_id, first, last)


async def list_newest(
    connection: asyncpg.Connection, *, list_id: int, limit: int, fresh: Collection[int] = ()
) -> list[EntryRow]:
    query = f"SELECT {_ENTRY}, {_NO_WORDS} {_IN_LIST} AND pl.list_id = $2 ORDER BY pl.place DESC LIMIT $3"
    return await _entries(connection, query, list(fresh), list_id, limit)


async def list_entries(connection: asyncpg.Connection, *, page_ids: Collection[int]) -> list[EntryRow]:
    """Pages by their numbers, wherever they are listed."""
    columns = _ENTRY.replace("pl.place", "0 AS place")
    query = f"""SELECT {columns}, {_NO_WORDS} FROM gai_page AS p {_TOPIC}
                WHERE p.id = ANY($1::bigint[])"""
    return await _entries(connection, query, list(page_ids))


def _beside(role: str, kind: str, comparison: str, order: str, limit: int) -> str:
    return f"""
SELECT me.page_id, '{role}' AS role, other.page_id AS other_id, abs(other.place - me.place) AS distance
FROM gai_page_place AS me
JOIN gai_page AS mine ON mine.id = me.page_id
JOIN gai_page_list AS l ON l.id = me.list_id AND l.kind = '{kind}'
    AND (l.kind <> 'topic' OR l.key = mine.topic_id::text)
CROSS JOIN LATERAL (
    SELECT pl.page_id, pl.place FROM gai_page_place AS pl JOIN gai_page AS p ON p.id = pl.page_id
    WHERE pl.list_id = me.list_id AND pl.place {comparison} me.place AND {_SHOWN}
    ORDER BY pl.place {order} LIMIT {limit}
) AS other
WHERE me.page_id = ANY($2::bigint[])"""


MOST_RELATED = 3
_NEIGHBOURS = " UNION ALL ".join(
    [
        _beside("previous", "site", "<", "DESC", 1),
        _beside("next", "site", ">", "ASC", 1),
        _beside("older", "topic", "<", "DESC", MOST_RELATED),
        _beside("younger", "topic", ">", "ASC", MOST_RELATED),
    ]
)
# Whose pages name these: the ones before and after, and those of the topic that call them related.
_NAMING = " UNION ALL ".join(
    [
        _beside("previous", "site", "<", "DESC", 1),
        _beside("next", "site", ">", "ASC", 1),
        _beside("younger", "topic", ">", "ASC", MOST_RELATED),
        _beside("older", "topic", "<", "DESC", MOST_RELATED + 1),
    ]
)


async def list_neighbours(
    connection: asyncpg.Connection, *, page_ids: Collection[int], fresh: Collection[int] = ()
) -> list[tuple[int, str, int]]:
    """For each page the one before and the one after in the site, and the nearest of its topic.

    As (page, role, other), older ones before younger ones.
    """
    query = f"SELECT * FROM ({_NEIGHBOURS}) AS found ORDER BY page_id, role, distance"
    found = await connection.fetch(query, list(fresh), list(page_ids))
    return [(row["page_id"], row["role"], row["other_id"]) for row in found]


async def list_naming(
    connection: asyncpg.Connection, *, page_ids: Collection[int], fresh: Collection[int] = ()
) -> set[int]:
    """The pages that name one of these, on which a change of these shows."""
    found = await connection.fetch(_NAMING, list(fresh), list(page_ids))
    older = Counter(row["page_id"] for row in found if row["role"] == "older")
    # The first of a topic name younger ones, for want of older ones.
    named = (row for row in found if row["role"] != "older" or older[row["page_id"]] <= MOST_RELATED)
    return {row["other_id"] for row in named} - set(page_ids)


async def list_places(connection: asyncpg.Connection, *, page_ids: Collection[int]) -> list[PlaceRow]:
    query = """SELECT pl.list_id, pl.place FROM gai_page_place AS pl
               JOIN gai_page_list AS l ON l.id = pl.list_id WHERE pl.page_id = ANY($1::bigint[])
               ORDER BY pl.list_id, pl.place"""
    found = await connection.fetch(query, list(page_ids))
    return [PlaceRow(**row) for row in found]


async def list_statuses(
    connection: asyncpg.Connection, *, page_ids: Collection[int]
) -> list[tuple[int, str, PageStatus]]:
    """Pages with their paths and how they stand."""
    # A page whose content was deleted has nothing to show.
    query = """
SELECT id, path, CASE WHEN content_id IS NULL AND status = 'live' THEN 'gone' ELSE status END AS status
FROM gai_page WHERE id = ANY($1::bigint[]) ORDER BY id"""
    found = await connection.fetch(query, list(page_ids))
    return [(row["id"], row["path"], PageStatus(row["status"])) for row in found]


async def _entries(connection: asyncpg.Connection, query: str, *parameters: Any) -> list[EntryRow]:
    found = await connection.fetch(query, *parameters)
    return [EntryRow(**{**row, "picture": picture_of(row["picture"])}) for row in found]
