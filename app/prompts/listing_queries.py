"""SQL of looking through prompts, for operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Config, Content, Directory, Instruction, Interval, Prompt, PromptAttempt, Topic
from app.prompts.queries import Filters


@dataclass(frozen=True, slots=True)
class PromptLine:
    """A prompt with the names of what it refers to."""

    prompt: Prompt
    topic: str | None
    interval: str | None
    config: str | None
    instruction: str | None
    directory: str | None


async def list_prompts(
    session: AsyncSession, *, filters: Filters, after_id: int, limit: int
) -> Sequence[PromptLine]:
    query: Any = (
        select(
            Prompt,
            col(Topic.name),
            col(Interval.name),
            col(Config.name),
            col(Instruction.name),
            col(Directory.name),
        )
        .outerjoin(Topic, col(Topic.id) == col(Prompt.topic_id))
        .outerjoin(Interval, col(Interval.id) == col(Prompt.interval_id))
        .outerjoin(Config, col(Config.id) == col(Prompt.config_id))
        .outerjoin(Instruction, col(Instruction.id) == col(Prompt.inst_id))
        .outerjoin(Directory, col(Directory.id) == col(Prompt.dir_id))
        .where(col(Prompt.id) > after_id)
        .order_by(col(Prompt.id))
        .limit(limit)
    )
    for name, value in filters.given:
        query = query.where(getattr(Prompt, name) == value)
    return [PromptLine(*row) for row in await session.execute(query)]


async def list_attempts(session: AsyncSession, *, prompt_id: int, limit: int) -> Sequence[PromptAttempt]:
    """The last reports that the task could not be done, newest first."""
    query = (
        select(PromptAttempt)
        .where(col(PromptAttempt.prompt_id) == prompt_id)
        .order_by(col(PromptAttempt.id).desc())
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def count_contents(session: AsyncSession, *, prompt_id: int) -> int:
    counting = select(func.count()).select_from(Content).where(col(Content.prompt_id) == prompt_id)
    return await session.scalar(counting) or 0
