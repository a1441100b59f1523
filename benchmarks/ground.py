"""The databases that are measured on: made, filled, and put back into the same state before each run."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.access import service as access
from app.core import security
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres
from app.core.settings import Settings
from app.models import Role, Token, TokenKind, User
from benchmarks.wrk import Ammunition

CLIENTS = 16

# About 500 words, as the seed's prompt asks for; kept free of what a JSON string would have to escape.
ESSAY = (
    "Rain ran slantwise down the window, tapping softly at the pane, and for once nobody in the house was in a "
    "hurry. To live for today is not to forget tomorrow — it is to let tomorrow keep its own worries until it "
    "comes to the door with them. A cup of tea, a letter half written, a lamp lit too early: all was enough. "
) * 8

# Half of them are not available, in every way in which a prompt can be unavailable.
PROMPTS = """
INSERT INTO gai_prompt (type, text, count, initial_count, is_enabled, available_at,
                        leased_to, leased_at, leased_until)
SELECT 'gentxt',
       'Write an essay of at least 500 words about number ' || n || ': live for today.',
       CASE WHEN kind = 2 THEN 0 ELSE 1000000 END,
       1000000,
       kind <> 1,
       CASE kind WHEN 3 THEN NULL WHEN 4 THEN now() + interval '1 day'
                 ELSE now() - n * interval '1 millisecond' END,
       CASE WHEN kind = 5 THEN 'holder-' || n END,
       CASE WHEN kind = 5 THEN now() END,
       CASE WHEN kind = 5 THEN now() + interval '1 day' END
FROM (SELECT n, CASE WHEN $2 AND n % 2 = 0 THEN n / 2 % 5 + 1 ELSE 0 END AS kind
      FROM generate_series(1, $1::int) AS n) AS numbered
"""

CONTENTS = """
INSERT INTO gai_content (prompt_id, external_id, hist_prompt_id, hist_id, cron_id, text, submission_digest)
SELECT n, '', n::text, 'L-GTXT-' || n, '_CRON-Daily', repeat('Rain ran slantwise down the window. ', 8),
       sha256(convert_to(n::text, 'UTF8'))
FROM generate_series(1, $1::int) AS n
"""

PUT_BACK = """
UPDATE gai_prompt SET leased_to = NULL, leased_at = NULL, leased_until = NULL, last_content_id = NULL,
       last_content_at = NULL, available_at = now() - id * interval '1 millisecond', count = initial_count
WHERE leased_to NOT LIKE 'holder-%' OR last_content_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a database holds."""

    prompts: int
    contents: int
    half_unavailable: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """A filled database, the settings that lead to it, and what to load it with."""

    dsn: str
    settings: dict[str, str]
    ammunition: Ammunition

    async def put_back(self) -> None:
        """The state before any run: no lease of ours, nothing returned, no dead rows, nothing to write out."""
        connection = await asyncpg.connect(self.dsn)
        try:
            await _without_triggers(connection, PUT_BACK)
            for statement in ("VACUUM gai_prompt", "VACUUM gai_content", "CHECKPOINT"):
                await connection.execute(statement)
        finally:
            await connection.close()

    async def count(self, what: str | None) -> int:
        """How many leases (`claim`) or contents (`submit`) there are now."""
        if what is None:
            return 0
        counted = {
            "claim": "SELECT count(*) FROM gai_prompt WHERE leased_to NOT LIKE 'holder-%'",
            "submit": "SELECT count(*) FROM gai_content",
        }
        connection = await asyncpg.connect(self.dsn)
        try:
            return int(await connection.fetchval(counted[what]))
        finally:
            await connection.close()


async def prepare(server: EmbeddedPostgres, name: str, size: Size, folder: Path) -> Ground:
    """Make, migrate and fill a database of this name."""
    dsn = await _new_database(server, name)
    secret = secrets.token_urlsafe(64)
    settings = Settings(data_dir=folder / name, database_url=dsn, secret=secret)
    database = Database(dsn)
    try:
        await migrations.migrate(database)
        tokens = await _add_clients(database, settings)
    finally:
        await database.dispose()
    await _fill(dsn, size)
    ammunition = Ammunition(folder / f"{name}.tokens", folder / f"{name}.text", size.prompts)
    ammunition.tokens.write_text("\n".join(tokens))
    ammunition.text.write_text(ESSAY)
    given = {"PYGAI_DATA_DIR": str(settings.data_dir), "PYGAI_DATABASE_URL": dsn, "PYGAI_SECRET": secret}
    return Ground(dsn, given, ammunition)


async def _new_database(server: EmbeddedPostgres, name: str) -> str:
    connection = await asyncpg.connect(server.dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return server.dsn.replace("/pygai?", f"/{name}?")


async def _add_clients(database: Database, settings: Settings) -> list[str]:
    """A signed token for each client, recorded as a sign-in records it."""
    secret = security.signing_secret(settings, may_make=False)
    async with database.session() as session:
        await access.ensure_administrator(session, settings)
        user = User(email="bench@example.com", password_hash="", role=Role.CLIENT)
        session.add(user)
        await session.flush()
        issued = [
            security.issue_jwt(secret, user_id=user.id, username=user.email, seconds=86400) for _ in range(CLIENTS)
        ]
        session.add_all(
            Token(jti=one.jti, user_id=user.id, kind=TokenKind.JWT, expires_at=one.expires_at) for one in issued
        )
    return [one.jwt for one in issued]


async def _fill(dsn: str, size: Size) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await _without_triggers(connection, PROMPTS, size.prompts, size.half_unavailable)
        await _without_triggers(connection, CONTENTS, size.contents)
        for statement in ("VACUUM ANALYZE gai_prompt", "VACUUM ANALYZE gai_content", "CHECKPOINT"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def _without_triggers(connection: asyncpg.Connection, statement: str, *arguments: object) -> None:
    """A million rows at once need not tell anybody, nor be checked one by one."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(statement, *arguments)
