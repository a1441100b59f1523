"""On whose behalf verbs are called, and what the audit log says of it afterwards."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.access.caller import Caller
from app.core.postgres.database import Database
from app.models import AuditEntry, Role

OPERATOR = Caller.internal("cli:ada")
CLIENT = Caller(1, "client@example.com", Role.CLIENT, "jti", datetime.now(UTC))


async def audited(database: Database) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Actor, action, subject and details, the oldest first."""
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(entry.actor, entry.action, entry.subject, entry.details) for entry in entries]
