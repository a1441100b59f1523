"""SQL of the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from pydantic_core import to_json
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import AuditEntry


async def add(
    connection: asyncpg.Connection, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    await connection.execute(
        "INSERT INTO audit_log (actor, action, subject, details) VALUES ($1, $2, $3, $4::text::json)",
        actor,
        action,
        subject,
        to_json(details).decode(),
    )


async def list_entries(
    session: AsyncSession,
    *,
    actor: str | None,
    action: str | None,
    subject: str | None,
    since: datetime | None,
    before_id: int | None,
    limit: int,
) -> Sequence[AuditEntry]:
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if actor is not None:
        query = query.where(col(AuditEntry.actor) == actor)
    if action is not None:
        query = query.where(
            (col(AuditEntry.action) == action) | col(AuditEntry.action).startswith(f"{action}.", autoescape=True)
        )
    if subject is not None:
        query = query.where(col(AuditEntry.subject) == subject)
    if since is not None:
        query = query.where(col(AuditEntry.created_at) >= since)
    if before_id is not None:
        query = query.where(col(AuditEntry.id) < before_id)
    return (await session.scalars(query)).all()
