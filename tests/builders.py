"""Rows for tests: valid by default, each written as it would be found in the database."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fastapi import FastAPI

from app.access import queries as access_queries
from app.core import security
from app.core.postgres.database import Database
from app.models import (
    Config,
    Content,
    Directory,
    Instruction,
    Interval,
    Prompt,
    Role,
    Token,
    TokenKind,
    Topic,
    User,
)
from schemas.prompt import GenerationType

# Argon2 is slow on purpose; all test users share one hash of this.
PASSWORD = "correct horse battery"
PASSWORD_HASH = security.hash_password(PASSWORD)

Row = TypeVar("Row")

_numbers = itertools.count(1)


def ago(**parts: float) -> datetime:
    return datetime.now(UTC) - timedelta(**parts)


def ahead(**parts: float) -> datetime:
    return datetime.now(UTC) + timedelta(**parts)


async def saved(database: Database, row: Row) -> Row:
    async with database.session() as session:
        session.add(row)
        await session.flush()
        await session.refresh(row)
    return row


async def a_prompt(
    database: Database,
    *,
    leased_to: str | None = None,
    leased_for: timedelta = timedelta(minutes=15),
    **columns: Any,
) -> Prompt:
    """An available text prompt. A negative `leased_for` is a lease that has lapsed."""
    lease: dict[str, Any] = {}
    if leased_to is not None:
        lease = {
            "leased_to": leased_to,
            "leased_at": ago(hours=1),
            "leased_until": datetime.now(UTC) + leased_for,
        }
    given = {
        "type": GenerationType.TEXT,
        "text": f"Write about {next(_numbers)} things.",
        "available_at": ago(hours=1),
    }
    return await saved(database, Prompt(**(given | lease | columns)))


async def a_content(database: Database, **columns: Any) -> Content:
    given = {"text": f"# Title {next(_numbers)}\n\nA text.", "hist_prompt_id": ""}
    return await saved(database, Content(**(given | columns)))


async def a_site(database: Database, **columns: Any) -> Directory:
    name = f"Site{next(_numbers)}"
    return await saved(database, Directory(**({"name": name, "path": name} | columns)))


async def a_topic(database: Database, **columns: Any) -> Topic:
    return await saved(database, Topic(**({"name": f"Topic {next(_numbers)}"} | columns)))


async def an_interval(database: Database, **columns: Any) -> Interval:
    given = {"name": f"interval {next(_numbers)}", "expression": "*/5 * * * *"}
    return await saved(database, Interval(**(given | columns)))


async def an_instruction(database: Database, **columns: Any) -> Instruction:
    given = {"name": f"Instruction {next(_numbers)}", "text": "Be kind."}
    return await saved(database, Instruction(**(given | columns)))


async def a_config(database: Database, **columns: Any) -> Config:
    given = {"type": GenerationType.TEXT, "name": f"Config {next(_numbers)}", "text": {"temperature": 1}}
    return await saved(database, Config(**(given | columns)))


async def a_user(
    database: Database, *, email: str | None = None, role: str = "client", is_active: bool = True
) -> User:
    """A user whose password is PASSWORD."""
    user = User(
        email=email or f"user{next(_numbers)}@example.com",
        password_hash=PASSWORD_HASH,
        role=Role(role),
        is_active=is_active,
    )
    return await saved(database, user)


async def a_token(service: FastAPI, *, email: str | None = None, role: str = "client") -> str:
    """A JWT of a user, who is made when there is none of that address."""
    database: Database = service.state.runtime.database
    async with database.session() as session:
        user = await access_queries.find_user(session, email=email) if email else None
    user = user or await a_user(database, email=email, role=role)
    return await a_token_of(service, user)


async def a_token_of(service: FastAPI, user: User) -> str:
    issued = security.issue_jwt(
        service.state.runtime.signing_key.read(), user_id=user.id, username=user.email, seconds=3600
    )
    token = Token(jti=issued.jti, user_id=user.id, kind=TokenKind.JWT, expires_at=issued.expires_at)
    await saved(service.state.runtime.database, token)
    return issued.jwt


def jti_of(token: str) -> str:
    """The id that leases are bound to."""
    return str(security.jwt.get_unverified_claims(token)["jti"])


def a_submission(**data: Any) -> dict[str, Any]:
    """The body of a T2 request; keywords change its `data`."""
    given = {
        "id": "",
        "text": "# Rain\n\nIt rains.",
        "files": [],
        "cronId": "_CRON-1",
        "histId": f"L-{next(_numbers)}",
        "promptId": "",
    }
    return {"status": "success", "data": given | data}
