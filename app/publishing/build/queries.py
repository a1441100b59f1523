"""SQL of pages and the lists they are in, on the driver's own connection: one publication asks much.

`fresh` are the pages that are about to be live: they count as live for whoever asks with them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

import asyncpg

from app.models import ListKind, PageStatus
from app.publishing.build.rows import ChangedPageRow, EntryRow, ListRow, PlaceRow, picture_of
from app.publishing.syndication.search import CHUNK

_ENTRY = """
    p.id AS page_id, pl.place, p.path, p.title, p.excerpt, p.minutes, p.picture::text AS picture,
    p.dated_at, p.updated_at, t.name AS topic_name, tl.slug AS topic_slug"""
_ENTRY_FIELDS = tuple(column.name for column in fields(EntryRow))
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
SELECT l.id, l.kind, l.key, l.slug, l.last_place, l.written, l.indexed, coalesce(t.name, l.key) AS name,
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
    connection: asyncpg.Connection, *, limits: Mapping[int, int], fresh: Collection[int] = ()
) -> dict[int, list[EntryRow]]:
    """The newest live pages of several lists, of each so many."""
    query = f"""
SELECT w.list_id, e.* FROM unnest($2::bigint[], $3::int[]) AS w (list_id, most) CROSS JOIN LATERAL (
    SELECT {_ENTRY}, {_NO_WORDS} {_IN_LIST} AND pl.list_id = w.list_id ORDER BY pl.place DESC LIMIT w.most
) AS e
ORDER BY w.list_id, e.place DESC"""
    newest: dict[int, list[EntryRow]] = {list_id: [] for list_id in limits}
    for row in await connection.fetch(query, list(fresh), list(limits), list(limits.values())):
        newest[row["list_id"]].append(_entry(row))
    return newest


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
) -> list[tuple[int, str, EntryRow]]:
    """For each page the one before and the one after in the site, and the nearest of its topic.

    As (page, role, other), older ones before younger ones.
    """
    columns = _ENTRY.replace("pl.place", "0 AS place")
    query = f"""
SELECT found.page_id AS of_page, found.role, {columns}, {_NO_WORDS}
FROM ({_NEIGHBOURS}) AS found JOIN gai_page AS p ON p.id = found.other_id {_TOPIC}
ORDER BY found.page_id, found.role, found.distance"""
    found = await connection.fetch(query, list(fresh), list(page_ids))
    return [(row["of_page"], row["role"], _entry(row)) for row in found]


async def list_naming(
    connection: asyncpg.Connection, *, page_ids: Collection[int], fresh: Collection[int] = ()
) -> set[int]:
    """The pages that name one of these, on which a change of these shows."""
    found = await connection.fetch(_NAMING, list(fresh), list(page_ids))
    older = Counter(row["page_id"] for row in found if row["role"] == "older")
    # The first of a topic name younger ones, for want of older ones.
    named = (row for row in found if row["role"] != "older" or older[row["page_id"]] <= MOST_RELATED)
    return {row["other_id"] for row in named} - set(page_ids)


async def list_changed(
    connection: asyncpg.Connection, *, dir_id: int, page_ids: Collection[int], most_unwritten: int
) -> list[ChangedPageRow]:
    """These pages, and those of the site whose change is in no file yet, the longest there first."""
    # A page whose content was deleted has nothing to show.
    query = """
SELECT p.id, p.path, CASE WHEN p.content_id IS NULL AND p.status = 'live' THEN 'gone' ELSE p.status END AS status,
       ARRAY(SELECT list_id FROM gai_page_place WHERE page_id = p.id ORDER BY list_id) AS list_ids,
       ARRAY(SELECT place FROM gai_page_place WHERE page_id = p.id ORDER BY list_id) AS places
FROM gai_page AS p
WHERE p.id = ANY($1::bigint[] || ARRAY(
    SELECT id FROM gai_page WHERE dir_id = $2 AND NOT is_written ORDER BY id LIMIT $3))
ORDER BY p.id"""
    return [_changed(row) for row in await connection.fetch(query, list(page_ids), dir_id, most_unwritten)]


async def list_unwritten_sites(connection: asyncpg.Connection) -> list[int]:
    """The sites where a change is in no file yet, a list has grown or the search has: one was cut off there.

    Or is under way: who has the site's turn knows.
    """
    query = """
SELECT DISTINCT p.dir_id FROM gai_page AS p WHERE NOT p.is_written
UNION
SELECT l.dir_id FROM gai_page_list AS l JOIN gai_directory AS d ON d.id = l.dir_id
WHERE (l.kind <> 'topic' OR EXISTS (SELECT FROM gai_topic AS t WHERE t.id::text = l.key))
  AND (l.written < l.last_place
       OR l.kind = 'site' AND d.tmpl = 'default' AND l.indexed < l.last_place / $1::int * $1::int)
ORDER BY dir_id"""
    return [row["dir_id"] for row in await connection.fetch(query, CHUNK)]


async def _entries(connection: asyncpg.Connection, query: str, *parameters: Any) -> list[EntryRow]:
    return [_entry(row) for row in await connection.fetch(query, *parameters)]


def _entry(row: asyncpg.Record) -> EntryRow:
    values = {name: row[name] for name in _ENTRY_FIELDS}
    return EntryRow(**{**values, "picture": picture_of(row["picture"])})


def _changed(row: asyncpg.Record) -> ChangedPageRow:
    places = tuple(PlaceRow(*place) for place in zip(row["list_ids"], row["places"], strict=True))
    return ChangedPageRow(row["id"], row["path"], PageStatus(row["status"]), places)
