"""SQL of backups."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.models import User
from app.transfer.queries import GAI_TABLES


async def count_rows(session: AsyncSession) -> dict[str, int]:
    """How many rows the tables of the seeds have, by name."""
    return {
        str(table.__tablename__): await session.scalar(select(func.count()).select_from(table)) or 0
        for table in GAI_TABLES
    }


async def count_users(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(User)) or 0


async def count_other_connections(connection: AsyncConnection) -> int:
    """Connections of services and commands to this database, this one left out."""
    return int(
        await connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'pygai' AND pid <> pg_backend_pid()"
            )
        )
        or 0
    )
