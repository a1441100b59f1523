"""SQL of changing prompts."""

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Prompt


async def lock_prompt(session: AsyncSession, prompt_id: int) -> Prompt | None:
    """The prompt, kept from being handed out or counted down until the transaction ends."""
    return await session.get(Prompt, prompt_id, with_for_update={"key_share": True})


async def make_available(session: AsyncSession, *, prompt_id: int) -> None:
    """Available from now on, or since when it has been: LEAST passes over a null."""
    await session.execute(
        update(Prompt)
        .where(col(Prompt.id) == prompt_id)
        .values(available_at=func.least(col(Prompt.available_at), func.now())),
        execution_options={"synchronize_session": False},
    )


async def clear_any_lease(session: AsyncSession, *, prompt_id: int) -> bool:
    """End the lease, whoever holds it; whether there was one."""
    clearing = (
        update(Prompt)
        .where(col(Prompt.id) == prompt_id, col(Prompt.leased_until).is_not(None))
        .values(leased_to=None, leased_at=None, leased_until=None)
        .returning(col(Prompt.id))
    )
    cleared = await session.execute(clearing, execution_options={"synchronize_session": False})
    return cleared.first() is not None
