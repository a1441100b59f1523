"""SQL of what articles are made from, on the driver's own connection."""

from collections.abc import Collection, Sequence

import asyncpg

from app.models import Media
from app.publishing.build.rows import FileRow, SourceRow

_SOURCE = """
    c.id AS content_id, c.text, c.created_at AS submitted_at, client.email AS client,
    approver.email AS approved_by, c.approved_at, r.id AS prompt_id, r.text AS prompt,
    coalesce(r.is_show_in_content, false) AS shows_prompt,
    coalesce(CASE WHEN i.config::text NOT IN ('{}', 'null') THEN i.config END, g.text)::text AS config,
    nullif(i.text, '') AS instruction"""
_SOURCE_TABLES = """
LEFT JOIN gai_prompt AS r ON r.id = c.prompt_id
LEFT JOIN gai_config AS g ON g.id = r.config_id
LEFT JOIN gai_instruction AS i ON i.id = r.inst_id
LEFT JOIN user_account AS client ON client.id = c.submitted_by
LEFT JOIN user_account AS approver ON approver.id = c.approved_by"""
_MEDIA = "m.hash, m.size, m.media_type, m.width, m.height"


async def list_sources(connection: asyncpg.Connection, *, page_ids: Collection[int]) -> list[SourceRow]:
    """Pages that hold an article, with all that it is made from."""
    query = f"""
SELECT p.id AS page_id, p.path, p.dated_at, p.updated_at, p.topic_id, t.name AS topic_name, tl.slug AS topic_slug,
       {_SOURCE}
FROM gai_page AS p
JOIN gai_content AS c ON c.id = p.content_id {_SOURCE_TABLES}
LEFT JOIN gai_topic AS t ON t.id = p.topic_id
LEFT JOIN gai_page_list AS tl ON tl.dir_id = p.dir_id AND tl.kind = 'topic' AND tl.key = p.topic_id::text
WHERE p.id = ANY($1::bigint[]) ORDER BY p.id"""
    return [SourceRow(**row) for row in await connection.fetch(query, list(page_ids))]


async def find_source(connection: asyncpg.Connection, *, content_id: int) -> SourceRow | None:
    """A content as the article that it would be: without a page, dated as it was submitted."""
    query = f"""
SELECT 0 AS page_id, '' AS path, c.created_at AS dated_at, NULL::timestamptz AS updated_at, r.topic_id,
       t.name AS topic_name, NULL AS topic_slug, {_SOURCE}
FROM gai_content AS c {_SOURCE_TABLES}
LEFT JOIN gai_topic AS t ON t.id = r.topic_id
WHERE c.id = $1"""
    row = await connection.fetchrow(query, content_id)
    return SourceRow(**row) if row else None


async def list_content_files(connection: asyncpg.Connection, *, content_ids: Collection[int]) -> Sequence[FileRow]:
    """What was submitted with contents and is stored, in its order, then what their texts show from elsewhere."""
    query = f"""
SELECT f.content_id AS owner_id, f.name,
       -- What came as a `data:` URL has no name but its place among the files.
       CASE WHEN f.source ILIKE 'data:%' THEN 'file-' || f.position + 1 ELSE f.source END AS source,
       {_MEDIA}, 0 AS rank, f.position, f.id AS number, '' AS digest
FROM gai_content_file AS f JOIN media_file AS m ON m.hash = f.media_hash
WHERE f.content_id = ANY($1::bigint[]) AND f.status = 'stored'
UNION ALL
SELECT e.content_id, e.name, e.source, {_MEDIA}, 1, 0, 0, encode(e.source_digest, 'hex')
FROM gai_content_picture AS e JOIN media_file AS m ON m.hash = e.media_hash
WHERE e.content_id = ANY($1::bigint[])
ORDER BY owner_id, rank, position, number, digest"""
    return [_file(row) for row in await connection.fetch(query, list(content_ids))]


async def list_prompt_files(connection: asyncpg.Connection, *, prompt_ids: Collection[int]) -> Sequence[FileRow]:
    """Attachments that are stored here; those elsewhere are not shown."""
    query = f"""
SELECT f.prompt_id AS owner_id, f.name, '' AS source, {_MEDIA}
FROM gai_prompt_file AS f JOIN media_file AS m ON m.hash = f.media_hash
WHERE f.prompt_id = ANY($1::bigint[]) ORDER BY f.prompt_id, f.position, f.id"""
    return [_file(row) for row in await connection.fetch(query, list(prompt_ids))]


def _file(row: asyncpg.Record) -> FileRow:
    media = Media(
        hash=row["hash"],
        size=row["size"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
    )
    return FileRow(row["owner_id"], row["name"] or media.hash, row["source"], media)
