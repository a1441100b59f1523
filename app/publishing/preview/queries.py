"""SQL of what a preview shows of a site."""

import asyncpg

from app.models import PageStatus
from app.publishing.build.parts import ArticlePart, Part, ShadowPart


async def find_page_part(connection: asyncpg.Connection, *, dir_id: int, path: str) -> Part | None:
    """What the site shows at the address of an article."""
    found = await connection.fetchrow(
        "SELECT id, status FROM gai_page WHERE dir_id = $1 AND path = $2 AND status <> 'pending'", dir_id, path
    )
    if found is None:
        return None
    return ArticlePart(found["id"]) if found["status"] == PageStatus.LIVE else ShadowPart(found["id"])
