"""SQL of keeping the catalog: topics, intervals, configs, instructions, directories and prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Config,
    Content,
    Directory,
    Instruction,
    Interval,
    Page,
    Prompt,
    PromptAttempt,
    Topic,
)
from app.prompts.queries import Filters

Named = TypeVar("Named", Topic, Interval, Config, Instruction, Directory)

# Any constant of ours: two sites added at once would not see each other's place.
PLACES_LOCK = 0x50794764

IS_USED = or_(col(Prompt.last_content_id).is_not(None), col(Prompt.last_content_at).is_not(None))


@dataclass(frozen=True, slots=True)
class PromptLine:
    """A prompt with the names of what it refers to."""

    prompt: Prompt
    topic: str | None
    interval: str | None
    config: str | None
    instruction: str | None
    directory: str | None


async def list_named(session: AsyncSession, kind: type[Named]) -> Sequence[Named]:
    return (await session.scalars(select(kind).order_by(col(kind.id)))).all()


async def lock_places(session: AsyncSession) -> None:
    """Places are given to one site at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(PLACES_LOCK)))


async def has_pages(session: AsyncSession, *, dir_id: int) -> bool:
    """Whether a site has ever given an address to an article."""
    query = select(col(Page.id)).where(col(Page.dir_id) == dir_id).limit(1)
    return await session.scalar(query) is not None


async def find_by_name(session: AsyncSession, kind: type[Named], name: str) -> Named | None:
    return await session.scalar(select(kind).where(col(kind.name) == name))


async def unschedule_returned(session: AsyncSession, *, interval_id: int) -> None:
    """Forget when the interval's returned prompts come due; those that are due already stay so."""
    forgetting = (
        update(Prompt)
        .where(col(Prompt.interval_id) == interval_id, col(Prompt.available_at) > func.now(), IS_USED)
        .values(available_at=None)
    )
    await session.execute(forgetting, execution_options={"synchronize_session": False})


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
