"""T2 and what becomes of results."""

from app.access.caller import Caller
from app.contents import handlers, service
from app.contents.shown import shown
from app.core import errors
from app.facade.base import Facade
from schemas.content import ContentData, ContentState


class Contents(Facade):
    """Contents: what clients handed back."""

    async def submit_content(self, caller: Caller, data: ContentData, *, publish: bool) -> int:
        """Store a result for good and have it published when asked (T2); the content's number. Raises Invalid."""
        return await handlers.submit(
            self._parts.extensions, self._database, self._settings, data=data, publish=publish, caller=caller
        )

    async def wait_for_page(self, caller: Caller, content_id: int) -> bool:
        """Whether a content's page was settled within `publish_wait_seconds`."""
        del caller
        seconds = self._settings.publish_wait_seconds
        return await self._parts.publication_watch.wait(content_id, seconds=seconds)

    async def publish_by_default(self, caller: Caller, content_id: int, *, rewrite: bool) -> int | None:
        """Publish by our own logic; the publication's number, None when it could not be published."""
        caller.require_admin()
        return await self._parts.publisher.publish(content_id, rewrite)

    async def read_content(self, caller: Caller, content_id: int) -> ContentState:
        """What became of a submission: a client's own, an administrator's any. Raises NotFound, Forbidden."""
        async with self._database.session() as session:
            found = await service.get_report(session, content_id=content_id)
        if not caller.is_admin and found.content.submitted_by != caller.user_id:
            raise errors.Forbidden({"id": "this content was submitted by somebody else"})
        return shown(found, self._settings)
