"""Prompts as operators keep them, and their reset (T4)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Caller
from app.audit.service import Change, present, record, record_edit, snapshot
from app.facade.base import Facade
from app.facade.references import resolved
from app.facade.tasks import filters_of
from app.models import Prompt
from app.prompts import details, editing, files, handlers, service
from schemas.prompt import (
    PromptChanges,
    PromptDetails,
    PromptDraft,
    PromptFilters,
    PromptSelection,
    PromptSummary,
    PromptTask,
)


class Prompts(Facade):
    """Prompts: the tasks that are handed out."""

    async def read_prompt(self, caller: Caller, prompt_id: int) -> PromptTask | None:
        """A prompt as T1 shows it, without leasing it; None when there is none."""
        del caller
        task = await service.find_task(self._database, self._settings, prompt_id=prompt_id)
        return None if task is None else PromptTask.model_validate(task)

    async def reset_prompts(self, caller: Caller, filters: PromptFilters) -> int | None:
        """Make used prompts available at once and restore their counts (T4).

        Returns how many there were; None when an extension did it in our place.
        """
        change = Change(
            caller.username, "prompt.reset", "prompts", after=filters.model_dump(exclude_defaults=True)
        )
        return await handlers.reset(
            self._parts.extensions, self._database, self._settings, filters=filters_of(filters), change=change
        )

    async def find_filters(self, caller: Caller, selection: PromptSelection) -> PromptFilters:
        """The filters that an operator's words mean. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            found = await resolved(session, dict(selection))
        return PromptFilters(
            id=selection.id,
            intervalId=found["interval_id"] or 0,
            topicId=found["topic_id"] or 0,
            dirId=found["dir_id"] or 0,
        )

    async def list_prompts(
        self, caller: Caller, filters: PromptFilters, *, after: int = 0, limit: int = 50
    ) -> list[PromptSummary]:
        """Prompts by number, from the first one greater than `after`. Raises Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            return await details.list_summaries(session, filters=filters_of(filters), after_id=after, limit=limit)

    async def show_prompt(self, caller: Caller, prompt_id: int) -> PromptDetails:
        """A prompt with its lease, return data, attachments and last attempts. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            return await details.get_details(session, self._settings, prompt_id=prompt_id)

    async def add_prompt(
        self, caller: Caller, draft: PromptDraft, *, attach: Iterable[Path | str] = ()
    ) -> PromptDetails:
        """Add a prompt that is available at once; a path is stored, an address handed out as it is.

        Raises NotFound for what it refers to, Invalid, Conflict, Forbidden.
        """
        caller.require_admin()
        sources = await files.store(self._parts.library, attach)
        async with self._database.session() as session:
            prompt = await editing.add(session, **await resolved(session, dict(draft)))
            await files.attach_all(session, prompt_id=prompt.id, sources=sources)
            after = present(await _audited(session, prompt))
            await record(session, Change(caller.username, "prompt.add", f"prompt {prompt.id}", after=after))
            return await details.get_details(session, self._settings, prompt_id=prompt.id)

    async def edit_prompt(
        self,
        caller: Caller,
        prompt_id: int,
        changes: PromptChanges,
        *,
        attach: Iterable[Path | str] = (),
        detach: Iterable[int] = (),
    ) -> PromptDetails:
        """Change a prompt and its attachments; a running lease stays.

        A new interval and enabling place it anew in the order of T1, a new count enables one that had run out.
        Raises NotFound, Invalid, Conflict, Forbidden.
        """
        caller.require_admin()
        sources = await files.store(self._parts.library, attach)
        async with self._database.session() as session:
            prompt = await editing.lock(session, prompt_id)
            before = await _audited(session, prompt)
            await editing.edit(session, prompt, **await resolved(session, changes.given))
            for file_id in detach:
                await files.detach(session, prompt_id=prompt_id, file_id=file_id)
            await files.attach_all(session, prompt_id=prompt_id, sources=sources)
            action, subject, after = "prompt.edit", f"prompt {prompt_id}", await _audited(session, prompt)
            await record_edit(session, caller.username, action, subject, before=before, after=after)
            return await details.get_details(session, self._settings, prompt_id=prompt_id)

    async def remove_prompt(self, caller: Caller, prompt_id: int) -> None:
        """Its contents are kept. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            prompt = await editing.lock(session, prompt_id)
            before = present(await _audited(session, prompt))
            await editing.remove(session, prompt)
            await record(session, Change(caller.username, "prompt.remove", f"prompt {prompt_id}", before=before))

    async def release_prompt(self, caller: Caller, prompt_id: int) -> bool:
        """End a prompt's lease, whoever holds it; whether there was one. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            prompt = await editing.lock(session, prompt_id)
            before = {"leased_to": prompt.leased_to, "leased_until": prompt.leased_until}
            was_leased = await editing.release(session, prompt)
            if was_leased:
                change = Change(caller.username, "prompt.release", f"prompt {prompt_id}", before=before)
                await record(session, change)
            return was_leased


async def _audited(session: AsyncSession, prompt: Prompt) -> dict[str, Any]:
    """What the audit log compares of a prompt; an attachment has its number, for another may have its name."""
    attached = await files.list_files(session, prompt_id=prompt.id)
    return {**snapshot(prompt), "files": [f"{file.id} {files.audited_name(file)}" for file in attached] or None}
