"""The command line as people use it: a command, its exit code and what it printed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres
from tests.cli.backups import an_installation
from tests.cli.installations import Installation, another_installation
from tests.conftest import SECRET


@dataclass(frozen=True)
class Answer:
    """What a command did."""

    code: int
    printed: str
    complaints: str

    @property
    def data(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.printed)


Pygai = Callable[..., Awaitable[Answer]]


@pytest.fixture
def variables(dsn: str, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation of the test's own."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    return {
        "PYGAI_DATA_DIR": str(data_dir),
        "PYGAI_DATABASE_URL": dsn,
        "PYGAI_SECRET": SECRET,
        "PYGAI_LOG_LEVEL": "ERROR",
        "PYGAI_PUBLIC_URL": "http://test",
        "PYGAI_EXTENSIONS": "",
        "PYGAI_PORT": "5999",
    }


@pytest.fixture
def pygai(variables: dict[str, str]) -> Pygai:
    """Run a command in this process; keywords are further variables, None takes one away."""

    async def pygai(*arguments: object, typed: str | None = None, **changes: str | None) -> Answer:
        done = await asyncio.to_thread(
            CliRunner().invoke,
            app,
            [str(argument) for argument in arguments],
            input=typed,
            env={**variables, **changes},
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    return pygai


@pytest.fixture
async def here(database: Database, tmp_path: Path) -> Installation:
    """An installation with a little of everything, and its signing secret in its folder."""
    return await an_installation(database, tmp_path / "here")


@pytest.fixture
async def there(postgres: EmbeddedPostgres, template: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """An empty one beside it."""
    async with another_installation(postgres, template, tmp_path / "there") as there:
        yield there
