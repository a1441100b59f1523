"""SQL of what a publication needs to know before anything is rendered, in one statement."""

from dataclasses import dataclass, fields
from datetime import datetime

import asyncpg

from app.contents import publications
from app.contents.publications import PublicationRow
from app.models import Directory, PageStatus
from app.publishing.build.rows import PageRow

_PAGE_FIELDS = tuple(column.name for column in fields(PageRow))
_SITE_FIELDS = tuple(Directory.model_fields)


def _columns(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name} AS {table}_{name}" for name in names)


_STATE = f"""
SELECT c.id, c.created_at, r.topic_id, {_columns("publication", publications.FIELDS)},
       {_columns("page", _PAGE_FIELDS)}, {_columns("site", _SITE_FIELDS)}
FROM gai_content AS c
LEFT JOIN gai_prompt AS r ON r.id = c.prompt_id
LEFT JOIN LATERAL (
    -- The one that is asked for, or the latest: how the content stands.
    SELECT * FROM gai_publish WHERE content_id = c.id AND ($2::bigint IS NULL OR id = $2)
    ORDER BY id DESC LIMIT 1
) AS publication ON true
LEFT JOIN LATERAL (
    -- Where it is published, or was last.
    SELECT * FROM gai_page WHERE content_id = c.id ORDER BY status IN ('pending', 'live') DESC, id DESC LIMIT 1
) AS page ON true
LEFT JOIN LATERAL (
    -- The oldest one, where contents go whose prompt names none.
    SELECT * FROM gai_directory
    ORDER BY id IS NOT DISTINCT FROM coalesce(page.dir_id, r.dir_id) DESC, id LIMIT 1
) AS site ON true
WHERE c.id = $1"""


@dataclass(frozen=True, slots=True)
class PublishState:
    """A content, how its publication stands, and the page and site it has or would have."""

    content_id: int
    submitted_at: datetime
    # The one that the prompt names.
    topic_id: int | None
    publication: PublicationRow | None
    page: PageRow | None
    site: Directory | None


async def read_publish_state(
    connection: asyncpg.Connection, content_id: int, *, publication_id: int | None = None
) -> PublishState | None:
    """How a content stands, by its latest publication or by a certain one; None when there is no such content."""
    row = await connection.fetchrow(_STATE, content_id, publication_id)
    if row is None:
        return None
    return PublishState(
        content_id=row["id"],
        submitted_at=row["created_at"],
        topic_id=row["topic_id"],
        publication=None if row["publication_id"] is None else PublicationRow.of(row, prefix="publication_"),
        page=None if row["page_id"] is None else _page(row),
        site=None if row["site_id"] is None else Directory(**{name: row[f"site_{name}"] for name in _SITE_FIELDS}),
    )


def _page(row: asyncpg.Record) -> PageRow:
    values = {name: row[f"page_{name}"] for name in _PAGE_FIELDS}
    return PageRow(**{**values, "status": PageStatus(values["status"])})
