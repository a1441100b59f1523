"""Many clients, few tasks, several processes."""

import asyncio
from pathlib import Path

import httpx

from app.core import security
from app.core.postgres.database import Database
from app.models import Token, TokenKind
from tests.builders import a_prompt, a_user, ago
from tests.conftest import SECRET
from tests.faults.processes import a_service

CLIENTS = 100
PROMPTS = 50


async def test_a_hundred_clients_at_once_get_fifty_different_tasks_from_two_processes(
    dsn: str, database: Database, tmp_path: Path
):
    tokens = await _tokens(database)
    prompts = [await a_prompt(database, available_at=ago(hours=1)) for _ in range(PROMPTS)]

    async with (
        a_service(tmp_path / "one", database_url=dsn) as one,
        a_service(tmp_path / "two", database_url=dsn) as two,
    ):
        urls = [(one.url, two.url)[number % 2] for number in range(CLIENTS)]
        answers = await _ask_at_once(urls, tokens)

    tasks = [answer["id"] for answer in answers if answer]
    assert sorted(tasks) == sorted(prompt.id for prompt in prompts)
    assert answers.count({}) == CLIENTS - PROMPTS


async def _tokens(database: Database) -> list[str]:
    user = await a_user(database)
    issued = [
        security.issue_jwt(SECRET, user_id=user.id, username=user.email, seconds=3600) for _ in range(CLIENTS)
    ]
    async with database.session() as session:
        session.add_all(
            Token(jti=one.jti, user_id=user.id, kind=TokenKind.JWT, expires_at=one.expires_at) for one in issued
        )
    return [one.jwt for one in issued]


async def _ask_at_once(urls: list[str], tokens: list[str]) -> list[dict[str, object]]:
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(url: str, token: str) -> dict[str, object]:
            answer = await client.get(f"{url}/aiprompt/output/", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
            data: dict[str, object] = answer.json()["data"]
            return data

        return await asyncio.gather(*(ask(*pair) for pair in zip(urls, tokens, strict=True)))
