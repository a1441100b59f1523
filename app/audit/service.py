"""Writing the audit log, in the transaction of the change that it tells of, and reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from app.audit import queries
from app.models import AuditEntry

LONGEST_VALUE = 200
# Of these the log says how long they are.
_TEXTS = frozenset({"text", "about"})
# Of these it says that they are there.
_SECRETS = frozenset({"password", "password_hash", "secret", "secret_hash"})
# What nobody changes by hand.
_BOOKKEEPING = {"id", "created_at", "modified_at", "next_at"}


@dataclass(frozen=True, slots=True)
class Change:
    """What `actor` does to `subject`: an action such as `prompt.edit`, on a subject such as `prompt 12`.

    `before` and `after` hold the columns in which the subject differs.
    """

    actor: str
    action: str
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)

    @property
    def details(self) -> dict[str, Any]:
        sides = {"before": self.before, "after": self.after}
        return {name: _plain(side) for name, side in sides.items() if side}


async def record(session: AsyncSession, change: Change) -> None:
    """Write a change within the session's transaction."""
    session.add(
        AuditEntry(actor=change.actor, action=change.action, subject=change.subject, details=change.details)
    )


async def record_on(connection: asyncpg.Connection, change: Change) -> None:
    """The same within the connection's transaction."""
    await queries.add(connection, change.actor, change.action, change.subject, change.details)


async def record_edit(
    session: AsyncSession,
    actor: str,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Write in what two states of the subject differ; nothing when they do not."""
    was, now = difference(before, after)
    if now:
        await record(session, Change(actor, action, subject, was, now))


def snapshot(row: SQLModel) -> dict[str, Any]:
    """A row's columns as they are now, but for those that nobody changes by hand."""
    return row.model_dump(exclude=_BOOKKEEPING)


def present(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are not null: what there is to say of a row that came or went."""
    return {name: value for name, value in columns.items() if value is not None}


async def record_outcome(
    connection: asyncpg.Connection, change: Change | None, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write a change that was asked for, with the columns in which its subject turned out to differ.

    Nothing when there are none, and nothing for None: what nobody asked for by a verb of its own.
    """
    was, now = difference(before, after)
    if change is not None and (was or now):
        await record_on(connection, replace(change, before=was, after=now))


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns in which two states differ, on each side."""
    names = [name for name in after if name not in before or before[name] != after[name]]
    return {name: before[name] for name in names if name in before}, {name: after[name] for name in names}


async def list_entries(
    session: AsyncSession,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    before_id: int | None = None,
    limit: int,
) -> Sequence[AuditEntry]:
    """The newest first. An action may be a whole family: `prompt` finds `prompt.add` and `prompt.edit`."""
    return await queries.list_entries(
        session, actor=actor, action=action, subject=subject, since=since, before_id=before_id, limit=limit
    )


def _plain(side: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in side.items()}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _SECRETS:
        return "secret"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {parameter: _parameter(inner) for parameter, inner in value.items()}
    if isinstance(value, list):
        return [_value(name, one) for one in value]
    if isinstance(value, str) and (name in _TEXTS or len(value) > LONGEST_VALUE):
        return f"{len(value)} characters"
    return value


def _parameter(value: Any) -> Any:
    """Model parameters may hold texts and secrets, so only numbers are shown."""
    if isinstance(value, str):
        return f"{len(value)} characters"
    if isinstance(value, Mapping | list):
        return f"{len(value)} entries"
    return value
