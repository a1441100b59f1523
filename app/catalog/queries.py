"""SQL of what follows when an interval changes."""

from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Prompt

_IS_USED = or_(col(Prompt.last_content_id).is_not(None), col(Prompt.last_content_at).is_not(None))


async def unschedule_returned(session: AsyncSession, *, interval_id: int) -> None:
    """Forget when the interval's returned prompts come due; those that are due already stay so."""
    forgetting = (
        update(Prompt)
        .where(col(Prompt.interval_id) == interval_id, col(Prompt.available_at) > func.now(), _IS_USED)
        .values(available_at=None)
    )
    await session.execute(forgetting, execution_options={"synchronize_session": False})
