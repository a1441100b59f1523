"""The audit log, as tests read it."""

from typing import Any

from sqlalchemy import select

from app.models import AuditEntry
from app.runtime import Runtime


async def audited(runtime: Runtime) -> list[tuple[str, str, str, Any]]:
    """Actor, action, subject and details, the oldest first."""
    async with runtime.database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(entry.actor, entry.action, entry.subject, entry.details) for entry in entries]
