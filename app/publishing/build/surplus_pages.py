"""Older pages of lists that a smaller number of pages has left behind."""

import re
from collections.abc import Iterable, Mapping

import obstore
from obstore.store import ObjectStore

from app.models import ListKind
from app.publishing.build.parts import paging_of
from app.publishing.build.reader import folder_of
from app.publishing.build.rows import ListRow

_NUMBERED = re.compile(r"(?P<folder>(?:topics/[^/]+/|\d{4}/)?)page/(?P<number>[1-9]\d{0,8})/index\.html", re.ASCII)


async def list_outgrown(
    store: ObjectStore, lists: Iterable[ListRow], gone_topics: Iterable[str], *, page_size: int
) -> list[str]:
    """The numbered pages in a site's own lists whose numbers are higher than there are pages now."""
    rows = list(lists)
    pages = {folder_of(row): paging_of(row, page_size).numbered for row in rows}
    pages |= {f"topics/{slug}/": 0 for slug in gone_topics}
    # Few questions to a store that is far away: all topics in one.
    folders = ["page", "topics", *(f"{row.slug}/page" for row in rows if row.kind == ListKind.YEAR)]
    found: list[str] = []
    for folder in folders:
        async for batch in obstore.list(store, prefix=folder, chunk_size=1000):
            found += [meta["path"] for meta in batch if _is_outgrown(meta["path"], pages)]
    return sorted(found)


def _is_outgrown(path: str, pages: Mapping[str, int]) -> bool:
    numbered = _NUMBERED.fullmatch(path)
    return bool(numbered and int(numbered["number"]) > pages.get(numbered["folder"], int(numbered["number"])))
