"""`python -m tests.house.migrations_in_step`: whether the migrations make what the models describe."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import EmbeddedPostgres


async def differences(database: Database) -> str | None:
    """What a new migration would have to do, or None."""

    def check(connection: Connection) -> str | None:
        config = migrations.alembic_config()
        config.attributes["connection"] = connection
        try:
            command.check(config)
        except CommandError as found:
            return str(found)
        return None

    async with database.engine.connect() as connection:
        return await connection.run_sync(check)


async def differences_on_a_new_server() -> str | None:
    with tempfile.TemporaryDirectory(prefix="pygai-migrations-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        database = Database(server.dsn)
        try:
            await migrations.migrate(database)
            return await differences(database)
        finally:
            await database.dispose()
            server.release()


def main() -> None:
    found = asyncio.run(differences_on_a_new_server())
    sys.exit(f"The models and the migrations differ: {found}" if found else 0)


if __name__ == "__main__":
    main()
