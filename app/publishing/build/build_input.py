"""What a press reads before it renders: each thing once, however many parts are made from it."""

from collections.abc import Mapping, Sequence

from app.models import ListKind
from app.publishing.build.parts import (
    ArticlePart,
    FixedPart,
    FrontPart,
    Part,
    SearchPart,
    ShadowPart,
    VolumePart,
    paging_of,
    volume_part,
)
from app.publishing.build.reader import Desk, Shadow
from app.publishing.build.rows import EntryRow, ListRow
from app.publishing.model import Article
from app.publishing.syndication.search import CHUNK

FEED_ITEMS = 15
LLMS_ITEMS = 30


class Reading:
    """What was read for one set of parts."""

    def __init__(self, desk: Desk, lists: Sequence[ListRow]) -> None:
        self.desk = desk
        self.lists = {row.id: row for row in lists}
        self.whole = next((row for row in lists if row.kind == ListKind.SITE), None)
        self.articles: Mapping[int, Article] = {}
        self.shadows: Mapping[int, Shadow] = {}
        self._newest: Mapping[int, Sequence[EntryRow]] = {}

    async def read(self, parts: Sequence[Part], *, page_size: int) -> None:
        live = [part.page_id for part in parts if isinstance(part, ArticlePart)]
        left = [part.page_id for part in parts if isinstance(part, ShadowPart)]
        shown = self._newest_shown(parts, page_size)
        self.articles = await self.desk.articles(live) if live else {}
        self.shadows = {shadow.page.id: shadow for shadow in await self.desk.shadows(left)} if left else {}
        self._newest = await self.desk.newest_entries(shown) if shown else {}

    def _newest_shown(self, parts: Sequence[Part], page_size: int) -> dict[int, int]:
        """How many of its newest articles are shown of each list."""
        asked = [self.lists.get(part.list_id) for part in parts if isinstance(part, FrontPart)]
        fronts = [row for row in asked if row is not None]
        shown = {row.id: max(2 * paging_of(row, page_size).size, FEED_ITEMS) for row in fronts}
        if FixedPart.LLMS in parts and self.whole is not None:
            shown[self.whole.id] = max(shown.get(self.whole.id, 0), LLMS_ITEMS)
        return shown

    def newest(self, row: ListRow | None) -> Sequence[EntryRow]:
        """The newest first, as many as the front page, the feeds and `llms.txt` show, or more."""
        return self._newest.get(row.id, ()) if row else ()

    async def chunk(self, number: int, size: int, *, with_words: bool = False) -> list[EntryRow]:
        if self.whole is None:
            return []
        return await self.desk.entries_between(
            self.whole.id, (number - 1) * size + 1, number * size, with_words=with_words
        )

    async def volume(self, part: VolumePart, size: int) -> list[EntryRow]:
        """The articles of a volume, up to where the index was to go or has come meanwhile."""
        indexed = self.whole.indexed if self.whole else 0
        until = max(part.until, volume_part(part.number, indexed).until)
        return [row for row in await self.chunk(part.number, size, with_words=True) if row.place <= until]

    def is_indexed(self, part: SearchPart) -> bool:
        """Whether a chunk is in a volume by now, which is written with it."""
        return self.whole is not None and part.number * CHUNK <= self.whole.indexed
