"""Reading the audit log."""

from app.access.caller import Caller
from app.audit import service
from app.facade.base import Facade
from schemas.audit import AuditLine, AuditQuery


class Audit(Facade):
    """Who changed what."""

    async def list_audit_entries(self, caller: Caller, query: AuditQuery) -> list[AuditLine]:
        """The newest lines first. Raises Forbidden."""
        caller.require_admin()
        async with self._database.session() as session:
            entries = await service.list_entries(
                session,
                actor=query.actor,
                action=query.action,
                subject=query.subject,
                since=query.since,
                before_id=query.before,
                limit=query.limit,
            )
        return [AuditLine.model_validate(entry.model_dump()) for entry in entries]
