"""Answers that wait a moment for their page."""

import asyncio
from collections import defaultdict

from app.contents import publications
from app.contents.publications import PUBLICATION_DONE
from app.core.postgres.database import Database, is_unavailable
from app.core.postgres.notifications import Notifications

RECHECK_SECONDS = 2.0


class PublicationWatch:
    """Tells when a content's publication is settled, in whichever process that happens."""

    def __init__(self, database: Database, notifications: Notifications) -> None:
        self._database = database
        self._events: defaultdict[int, list[asyncio.Event]] = defaultdict(list)
        notifications.subscribe(PUBLICATION_DONE, self._settle)

    def _settle(self, payload: str) -> None:
        for event in self._events.get(int(payload), []):
            event.set()

    async def wait(self, content_id: int, *, seconds: float) -> bool:
        """Whether it was settled within the time; asks the database now and then, in case the news was lost."""
        event = asyncio.Event()
        self._events[content_id].append(event)
        try:
            async with asyncio.timeout(seconds):
                while await self._is_pending(content_id):
                    await _wait_for(event, RECHECK_SECONDS)
        except Exception as raised:
            # The content is safe: a database that goes away now does not take the answer back.
            if isinstance(raised, TimeoutError) or is_unavailable(raised):
                return False
            raise
        else:
            return True
        finally:
            self._events[content_id].remove(event)
            if not self._events[content_id]:
                del self._events[content_id]

    async def _is_pending(self, content_id: int) -> bool:
        async with self._database.driver() as connection:
            return await publications.is_publication_pending(connection, content_id=content_id)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
    event.clear()
