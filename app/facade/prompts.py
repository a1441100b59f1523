"""Prompts as operators keep them, and their reset (T4)."""

from pathlib import Path

from app.access.caller import Caller
from app.audit.service import Change, record
from app.facade.base import Facade
from app.facade.tasks import filters_of
from app.models import PromptFile
from app.prompts import files, handlers, service
from app.prompts.service import attachment_url
from schemas.prompt import Attachment, PromptFilters, PromptTask


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

    async def list_files(self, caller: Caller, prompt_id: int) -> list[Attachment]:
        """A prompt's attachments, in the order in which T1 hands them out. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            attached = await files.list_files(session, prompt_id=prompt_id)
        return [self._attachment(file) for file in attached]

    async def attach_file(self, caller: Caller, prompt_id: int, source: Path | bytes, *, name: str) -> Attachment:
        """Store a file and hand its address out with the prompt. Raises NotFound, Forbidden, Conflict."""
        caller.require_admin()
        library = self._parts.library
        async with self._database.session() as session:
            attached = await files.attach(session, library, prompt_id=prompt_id, source=source, name=name)
            added = {"file": attached.name}
            await record(session, Change(caller.username, "prompt.attach", f"prompt {prompt_id}", after=added))
        return self._attachment(attached)

    async def detach_file(self, caller: Caller, prompt_id: int, file_id: int) -> None:
        """Hand the prompt out without the file; the stored file stays. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            detached = await files.detach(session, prompt_id=prompt_id, file_id=file_id)
            change = Change(
                caller.username, "prompt.detach", f"prompt {prompt_id}", before={"file": detached.name}
            )
            await record(session, change)

    def _attachment(self, file: PromptFile) -> Attachment:
        uploads_url = f"{self._settings.base_url}/uploads"
        url = file.url or attachment_url(uploads_url, file.media_hash or "", file.name)
        return Attachment(id=file.id, name=file.name, url=url)
