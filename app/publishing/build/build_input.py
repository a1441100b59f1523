"""What a press reads before it renders: each thing once, however many parts are made from it."""

from collections.abc import Mapping, Sequence

from app.models import ListKind
from app.publishing.build.parts import ArticlePart, ShadowPart
from app.publishing.build.reader import Desk, Shadow
from app.publishing.build.rows import EntryRow, ListRow
from app.publishing.model import Article


class Reading:
    """What was read for one set of parts."""

    def __init__(self, desk: Desk, lists: Sequence[ListRow]) -> None:
        self.desk = desk
        self.lists = {row.id: row for row in lists}
        self.whole = next((row for row in lists if row.kind == ListKind.SITE), None)
        self.articles: Mapping[int, Article] = {}
        self.shadows: Mapping[int, Shadow] = {}

    async def read(self, parts: Sequence[ArticlePart | ShadowPart]) -> None:
        live = [part.page_id for part in parts if isinstance(part, ArticlePart)]
        left = [part.page_id for part in parts if isinstance(part, ShadowPart)]
        self.articles = await self.desk.articles(live) if live else {}
        self.shadows = {shadow.page.id: shadow for shadow in await self.desk.shadows(left)} if left else {}

    async def chunk(self, number: int, size: int, *, with_words: bool = False) -> list[EntryRow]:
        if self.whole is None:
            return []
        return await self.desk.entries_between(
            self.whole.id, (number - 1) * size + 1, number * size, with_words=with_words
        )

    async def newest(self, limit: int) -> list[EntryRow]:
        return await self.desk.newest_entries(self.whole.id, limit) if self.whole else []
