"""What changes of pages are in no file yet, and what was written of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from app.models import PageStatus
from app.publishing.build import change_queries, queries
from app.publishing.build.parts import AbsentPart, ArticlePart, PagePart, Part, ShadowPart, paging_of
from app.publishing.build.rows import ChangedPageRow, ListRow


@dataclass(frozen=True)
class Written:
    """The digests of files by their paths, the pages that they show, and up to which place of which lists."""

    digests: Mapping[str, str]
    page_ids: Collection[int]
    places: Mapping[int, int]

    async def record(self, connection: asyncpg.Connection) -> None:
        await change_queries.mark_written(connection, page_ids=self.page_ids, places=self.places)


def places_written(lists: Sequence[ListRow], *, page_size: int) -> dict[int, int]:
    """Up to which place the lists that have grown are written, once their parts are."""
    return {
        row.id: paging_of(row, page_size).written_after(row.written)
        for row in lists
        if row.written < row.last_place
    }


def part_of(page: ChangedPageRow, fresh: Collection[int] = ()) -> Part:
    if page.id in fresh or page.status == PageStatus.LIVE:
        return ArticlePart(page.id)
    return AbsentPart(page.id, page.path) if page.status == PageStatus.PENDING else ShadowPart(page.id)


async def current(connection: asyncpg.Connection, dir_id: int, parts: Sequence[Part]) -> list[Part]:
    """The same parts, with pages as they stand now: one may have gone since it was listed, or come back."""
    listed = [part.page_id for part in parts if isinstance(part, PagePart)]
    if not listed:
        return list(parts)
    pages = await queries.list_changed(connection, dir_id=dir_id, page_ids=listed, most_unwritten=0)
    now = {page.id: part_of(page) for page in pages}
    return [now.get(part.page_id, part) if isinstance(part, PagePart) else part for part in parts]
