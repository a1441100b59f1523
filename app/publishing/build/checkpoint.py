"""How far a rebuild has come, so that an interrupted one goes on where it was."""

import hashlib
from dataclasses import dataclass

from app.core.postgres.database import Database
from app.models import Directory
from app.publishing.build import page_queries
from app.publishing.build.writer import Editor


@dataclass(frozen=True)
class Bookmark:
    """A rebuild of certain pages from certain settings, as the site's row knows it.

    It goes up to the page of the number `last_page_id`, and `done` of its slices are written already.
    """

    database: Database
    dir_id: int
    mark: str
    last_page_id: int
    done: int

    async def record(self, slices: int, *, is_done: bool = False) -> None:
        async with self.database.session() as session:
            await page_queries.record_progress(
                session, dir_id=self.dir_id, rebuilt_as=self.mark, rebuilt_parts=slices, is_done=is_done
            )


async def resumed(database: Database, editor: Editor) -> Bookmark:
    """Where the last rebuild was interrupted, unless settings or theme are others now; else the beginning."""
    outfit = hashlib.sha256(repr((editor.renderer, editor.press.site)).encode()).hexdigest()[:20]
    dir_id = editor.dir_id
    async with database.session() as session:
        stored = await session.get_one(Directory, dir_id)
        last = await page_queries.find_last_page_id(session, dir_id=dir_id)
    was, _, was_last = (stored.rebuilt_as or "").partition(":")
    done = 0
    if was == outfit and was_last.isdecimal():
        last, done = int(was_last), stored.rebuilt_parts
    bookmark = Bookmark(database, dir_id, f"{outfit}:{last}", last, done)
    async with database.session() as session:
        await page_queries.begin_progress(
            session, dir_id=dir_id, rebuilt_as=bookmark.mark, rebuilt_parts=bookmark.done
        )
    return bookmark
