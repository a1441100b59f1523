"""Attachments of prompts, one at a time."""

from pathlib import Path

from app.access.caller import Caller
from app.audit.service import Change, record
from app.facade.base import Facade
from app.prompts import files
from app.prompts.details import attachment_of
from schemas.prompt import Attachment


class Attachments(Facade):
    """Files that are handed out with a prompt."""

    async def list_files(self, caller: Caller, prompt_id: int) -> list[Attachment]:
        """A prompt's attachments, in the order in which T1 hands them out. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            attached = await files.list_files(session, prompt_id=prompt_id)
        return [attachment_of(file, self._settings) for file in attached]

    async def attach_file(self, caller: Caller, prompt_id: int, source: Path | bytes, *, name: str) -> Attachment:
        """Store a file and hand its address out with the prompt. Raises NotFound, Forbidden, Conflict."""
        caller.require_admin()
        library = self._parts.library
        async with self._database.session() as session:
            attached = await files.attach(session, library, prompt_id=prompt_id, source=source, name=name)
            added = {"file": attached.name}
            await record(session, Change(caller.username, "prompt.attach", f"prompt {prompt_id}", after=added))
        return attachment_of(attached, self._settings)

    async def detach_file(self, caller: Caller, prompt_id: int, file_id: int) -> None:
        """Hand the prompt out without the file; the stored file stays. Raises NotFound, Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            detached = await files.detach(session, prompt_id=prompt_id, file_id=file_id)
            before = {"file": files.audited_name(detached)}
            await record(session, Change(caller.username, "prompt.detach", f"prompt {prompt_id}", before=before))
