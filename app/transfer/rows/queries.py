"""SQL of exports, and of finding rows again."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Content, Media, User
from app.transfer.rows.kinds import RowKind

BATCH = 500

PROMPTS = """
SELECT p.id, p.type, p.text, p.memo, p.is_enabled, p.is_show_in_content, p.count, p.initial_count, p.is_exhausted,
       i.name AS interval, i.expression AS interval_expression, i.time_zone AS interval_time_zone,
       t.name AS topic,
       c.name AS config, c.type AS config_type, c.text AS config_text,
       n.name AS instruction, n.text AS instruction_text, n.config AS instruction_config,
       d.name AS directory, d.path AS directory_path,
       CASE WHEN d.id IS NOT NULL THEN
           json_build_object('tmpl', d.tmpl, 'title', d.title, 'description', d.description, 'about', d.about,
                             'language', d.language, 'base_url', d.base_url, 'author', d.author, 'theme', d.theme,
                             'page_size', d.page_size, 'time_zone', d.time_zone, 'discloses_ai', d.discloses_ai)
       END AS directory_settings,
       (SELECT json_agg(json_build_object('name', f.name, 'hash', f.media_hash, 'url', f.url,
                                          'created_at', f.created_at) ORDER BY f.position, f.id)
        FROM gai_prompt_file f WHERE f.prompt_id = p.id) AS files,
       p.available_at, p.last_content_id, l.created_at AS last_content_created_at, p.last_content_at,
       p.modified_at, p.created_at
FROM gai_prompt p
LEFT JOIN gai_interval i ON i.id = p.interval_id
LEFT JOIN gai_topic t ON t.id = p.topic_id
LEFT JOIN gai_config c ON c.id = p.config_id
LEFT JOIN gai_instruction n ON n.id = p.inst_id
LEFT JOIN gai_directory d ON d.id = p.dir_id
LEFT JOIN gai_content l ON l.id = p.last_content_id
WHERE CAST(:ids AS bigint[]) IS NULL OR p.id = ANY(CAST(:ids AS bigint[]))
ORDER BY p.id
"""

CONTENTS = """
SELECT c.id, c.prompt_id, p.created_at AS prompt_created_at,
       p.last_content_id IS NOT DISTINCT FROM c.id AS is_last_of_prompt,
       c.external_id, c.hist_prompt_id, c.hist_id, c.cron_id, c.text,
       u.email AS submitted_by, encode(c.submission_digest, 'hex') AS submission_digest,
       a.email AS approved_by, c.approved_at,
       (SELECT json_agg(json_build_object(
                   'source', f.source, 'status', f.status, 'reason', f.reason, 'attempts', f.attempts,
                   'name', f.name, 'hash', f.media_hash, 'payload', convert_from(f.payload, 'UTF8'),
                   'next_attempt_at', f.next_attempt_at, 'created_at', f.created_at) ORDER BY f.position, f.id)
        FROM gai_content_file f WHERE f.content_id = c.id) AS files,
       c.created_at
FROM gai_content c
LEFT JOIN gai_prompt p ON p.id = c.prompt_id
LEFT JOIN user_account u ON u.id = c.submitted_by
LEFT JOIN user_account a ON a.id = c.approved_by
WHERE CAST(:ids AS bigint[]) IS NULL OR c.id = ANY(CAST(:ids AS bigint[]))
ORDER BY c.id
"""

STATEMENTS = {RowKind.PROMPTS: PROMPTS, RowKind.CONTENTS: CONTENTS}
TABLES = {RowKind.PROMPTS: "gai_prompt", RowKind.CONTENTS: "gai_content"}


async def count(session: AsyncSession, kind: RowKind) -> int:
    return int(await session.scalar(text(f"SELECT count(*) FROM {TABLES[kind]}")) or 0)


async def stream(session: AsyncSession, kind: RowKind) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """All rows in batches, through a cursor of the server: any number of them fits."""
    result = await session.stream(text(STATEMENTS[kind]), {"ids": None}, execution_options={"yield_per": BATCH})
    async for batch in result.mappings().partitions(BATCH):
        yield [dict(row) for row in batch]


async def list_records(session: AsyncSession, kind: RowKind, ids: Sequence[int]) -> list[dict[str, Any]]:
    rows = await session.execute(text(STATEMENTS[kind]), {"ids": list(ids)})
    return [dict(row) for row in rows.mappings()]


async def list_hashes(session: AsyncSession, hashes: Sequence[str]) -> set[str]:
    """Those of the hashes whose file is in our library."""
    return set(await session.scalars(select(col(Media.hash)).where(col(Media.hash).in_(hashes))))


async def list_digests(session: AsyncSession, digests: Sequence[bytes]) -> set[bytes]:
    """Those of the digests that a content has."""
    found = col(Content.submission_digest)
    return {digest for digest in await session.scalars(select(found).where(found.in_(digests))) if digest}


async def list_users(session: AsyncSession, emails: Sequence[str]) -> dict[str, int]:
    query = select(col(User.email), col(User.id)).where(col(User.email).in_(emails))
    return {row[0]: row[1] for row in await session.execute(query)}


async def take_last_contents(session: AsyncSession, content_ids: dict[int, int]) -> None:
    """Join returned prompts that know no last content to theirs."""
    await session.execute(
        text(
            "UPDATE gai_prompt SET last_content_id = given.content FROM"
            " unnest(CAST(:prompts AS bigint[]), CAST(:contents AS bigint[])) AS given (prompt, content)"
            " WHERE gai_prompt.id = given.prompt AND last_content_id IS NULL AND last_content_at IS NOT NULL"
        ),
        {"prompts": list(content_ids), "contents": list(content_ids.values())},
    )
