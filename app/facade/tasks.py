"""T1 and its leases: claiming a task, keeping it a while longer, giving it back, saying that it failed."""

from app.access.caller import Caller
from app.contents import service as contents
from app.facade.base import Facade
from app.prompts import handlers, service
from app.prompts.queries import Filters
from app.prompts.service import Wish
from schemas.content import AttemptReport
from schemas.prompt import Lease, PromptFilters, PromptTask, TaskQuery


class Tasks(Facade):
    """Tasks that clients hold."""

    async def claim_task(self, caller: Caller, query: TaskQuery) -> PromptTask | None:
        """Lease the longest available task to the caller's token, or find the one that it holds (T1).

        Waits up to `query.wait` seconds for one; None when there is nothing to do.
        """
        wish = Wish(caller.jti, filters_of(query), query.wait, query.another)
        parts = self._parts
        task = await handlers.hand_out(parts.extensions, parts.dispatcher, self._settings, wish)
        if task is None:
            return None
        # What an extension gave leaves as it is.
        is_ours = not parts.extensions.has("promptHandler")
        return PromptTask.model_validate(task) if is_ours else PromptTask.model_construct(**task)

    async def extend_lease(self, caller: Caller, prompt_id: int) -> Lease:
        """Extend the caller's own lease by a whole one. Raises NotFound, Conflict."""
        until = await service.extend_lease(self._database, self._settings, prompt_id=prompt_id, token=caller.jti)
        return Lease(leasedUntil=until.isoformat())

    async def release_task(self, caller: Caller, prompt_id: int) -> None:
        """Give the caller's own lease back without a result. Raises NotFound, Conflict."""
        await service.release(self._database, prompt_id=prompt_id, token=caller.jti)

    async def report_failure(self, caller: Caller, report: AttemptReport) -> None:
        """Keep that a client could not do its task, and give the task back."""
        await contents.record_attempt(self._database, report=report, caller=caller)


def filters_of(query: PromptFilters) -> Filters:
    return Filters(query.id, query.intervalId, query.topicId, query.dirId)
