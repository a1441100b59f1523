"""Adding, changing and removing prompts, so that T1's rules of availability hold whoever makes the change."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.cron import next_due
from app.core import errors
from app.core.postgres.named_rows import GREATEST_ID
from app.models import Interval, Prompt
from app.prompts import editing_queries as queries
from app.prompts.errors import no_prompt

MOST_COUNT = 2**31 - 1


async def get(session: AsyncSession, prompt_id: int) -> Prompt:
    """Raises NotFound."""
    prompt = await session.get(Prompt, _checked_id(prompt_id))
    if prompt is None:
        raise no_prompt(prompt_id)
    return prompt


def _checked_id(prompt_id: int) -> int:
    if not 0 < prompt_id <= GREATEST_ID:
        raise no_prompt(prompt_id)
    return prompt_id


async def add(session: AsyncSession, *, count: int, **columns: Any) -> Prompt:
    """A prompt that is available at once. Raises Invalid, Conflict."""
    prompt = Prompt(**columns)
    _check_text(prompt)
    prompt.count = prompt.initial_count = _checked_count(count)
    session.add(prompt)
    await session.flush()
    await session.refresh(prompt)
    return prompt


async def lock(session: AsyncSession, prompt_id: int) -> Prompt:
    """The prompt, as it stays for others until the transaction ends. Raises NotFound."""
    prompt = await queries.lock_prompt(session, _checked_id(prompt_id))
    if prompt is None:
        raise no_prompt(prompt_id)
    return prompt


async def edit(
    session: AsyncSession,
    prompt: Prompt,
    *,
    count: int | None = None,
    is_enabled: bool | None = None,
    **changes: Any,
) -> Prompt:
    """Change columns of a locked prompt; a new interval and enabling place it anew in the order of T1.

    `count` sets the count and what a reset restores; a prompt that had run out is enabled again by it.
    Raises Invalid, Conflict.
    """
    was = (prompt.interval_id, prompt.is_enabled)
    for name, value in changes.items():
        setattr(prompt, name, value)
    _check_text(prompt)
    _set_count(prompt, count)
    _set_enabled(prompt, is_enabled)
    session.add(prompt)
    await session.flush()
    if (prompt.interval_id, prompt.is_enabled) != was or is_enabled:
        await _place(session, prompt)
    await session.refresh(prompt)
    return prompt


async def remove(session: AsyncSession, prompt: Prompt) -> None:
    """Its contents are kept."""
    await session.delete(prompt)
    await session.flush()


async def release(session: AsyncSession, prompt: Prompt) -> bool:
    """End its lease, whoever holds it; whether there was one."""
    return await queries.clear_any_lease(session, prompt_id=prompt.id)


def _check_text(prompt: Prompt) -> None:
    if not prompt.text.strip():
        raise errors.Invalid({"text": "must not be empty"})


def _checked_count(count: int) -> int:
    if not 0 <= count <= MOST_COUNT:
        raise errors.Invalid({"count": f"must be from 0 to {MOST_COUNT}"})
    return count


def _set_count(prompt: Prompt, count: int | None) -> None:
    if count is None:
        return
    prompt.count = prompt.initial_count = _checked_count(count)
    if prompt.is_exhausted and count > 0:
        prompt.is_exhausted, prompt.is_enabled = False, True


def _set_enabled(prompt: Prompt, is_enabled: bool | None) -> None:
    if is_enabled is None:
        return
    if is_enabled and prompt.count == 0:
        raise errors.Conflict({"count": f"prompt {prompt.id} has run out; give it a new count to enable it"})
    # From here on it is an operator's decision, which a reset leaves alone.
    prompt.is_enabled, prompt.is_exhausted = is_enabled, False


async def _place(session: AsyncSession, prompt: Prompt) -> None:
    """Without return data it is available; with it, when its interval comes due after the return, or never."""
    if prompt.last_content_id is None and prompt.last_content_at is None:
        await queries.make_available(session, prompt_id=prompt.id)
        return
    interval = await session.get(Interval, prompt.interval_id) if prompt.interval_id else None
    returned_at = prompt.last_content_at or datetime.now(UTC)
    prompt.available_at = (
        next_due(interval.expression, interval.time_zone, after=returned_at) if interval else None
    )
    session.add(prompt)
    await session.flush()
