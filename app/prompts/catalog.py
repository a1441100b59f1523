"""What people keep in order: topics, intervals, configs, instructions, directories and prompts.

Every change goes through here, so that the rules of T1 about when a prompt is available hold whoever makes it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import errors
from app.core.settings import Settings
from app.models import Directory, Interval, Prompt, Topic
from app.prompts import catalog_queries as queries
from app.prompts import directories, renewal
from app.prompts.catalog_queries import Named
from app.prompts.cron import next_due

GREATEST_ID = 2**63 - 1
LONGEST_NAME = 200
MOST_COUNT = 2**31 - 1
# Changing one of these moves the instants at which prompts come due.
_SCHEDULING = frozenset({"expression", "time_zone"})
# Changing one of these moves a site to where another one may be.
_PLACING = frozenset({"name", "path"})


async def list_all(session: AsyncSession, kind: type[Named]) -> Sequence[Named]:
    return await queries.list_named(session, kind)


async def find(session: AsyncSession, kind: type[Named], reference: str) -> Named | None:
    """The one of that name, or of that number when none has the name."""
    found = await queries.find_by_name(session, kind, reference)
    if found is not None or not (reference.isascii() and reference.isdecimal()):
        return found
    return await session.get(kind, int(reference)) if int(reference) <= GREATEST_ID else None


async def get(session: AsyncSession, kind: type[Named], reference: str) -> Named:
    """Raises NotFound."""
    found = await find(session, kind, reference)
    if found is None:
        noun = kind.__name__.lower()
        raise errors.NotFound({noun: f"there is no {noun} {reference!r}"})
    return found


async def add(session: AsyncSession, settings: Settings, row: Named) -> Named:
    """Raises Invalid, and Conflict when the name or a site's place is taken."""
    _check(row)
    if isinstance(row, Directory):
        await directories.check_place(session, settings, row)
    if isinstance(row, Interval):
        row.next_at = next_due(row.expression, row.time_zone, after=datetime.now(UTC))
    session.add(row)
    await session.flush()
    if isinstance(row, Directory):
        await renewal.ask(session, [row.id])
    await session.refresh(row)
    return row


async def edit(session: AsyncSession, settings: Settings, row: Named, changes: Mapping[str, Any]) -> Named:
    """Change columns. Raises Invalid, Conflict. Sites on whose pages it shows are made anew after the commit.

    A changed schedule leaves the interval and its returned prompts without instants: call
    `schedule.roll_forward` after the commit; failing that, the next minute's round gives them new ones.
    """
    was = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row)
    changed = {name for name, value in was.items() if getattr(row, name) != value}
    if isinstance(row, Interval) and changed & _SCHEDULING:
        row.next_at = None
        await queries.unschedule_returned(session, interval_id=row.id)
    if isinstance(row, Directory) and changed & _PLACING:
        await directories.check_place(session, settings, row)
    if isinstance(row, Directory) and "tmpl" in changed:
        await directories.check_template(session, row)
    session.add(row)
    await session.flush()
    await _show(session, row, changed)
    await session.refresh(row)
    return row


async def _show(session: AsyncSession, row: Named, changed: Collection[str]) -> None:
    """Have the pages follow that a change shows on."""
    if isinstance(row, Directory) and changed:
        await renewal.ask(session, [row.id])
    if isinstance(row, Topic) and "name" in changed:
        await renewal.ask_for_topic(session, row.id)


async def remove(session: AsyncSession, row: Named) -> None:
    """Prompts that refer to it go on without it; without an interval nothing makes a returned one due.

    Sites that list a topic are made anew without it after the commit.
    """
    if isinstance(row, Interval):
        await queries.unschedule_returned(session, interval_id=row.id)
    if isinstance(row, Topic):
        await renewal.ask_for_topic(session, row.id)
    await session.delete(row)
    await session.flush()


def _check(row: Any) -> None:
    row.name = row.name.strip()
    if not 0 < len(row.name) <= LONGEST_NAME:
        raise errors.Invalid({"name": f"must have 1 to {LONGEST_NAME} characters"})
    if isinstance(row, Interval):
        next_due(row.expression, row.time_zone, after=datetime.now(UTC))
    if isinstance(row, Directory):
        directories.check(row)


async def get_prompt(session: AsyncSession, prompt_id: int) -> Prompt:
    """Raises NotFound."""
    prompt = await session.get(Prompt, _checked_id(prompt_id))
    if prompt is None:
        raise _no_prompt(prompt_id)
    return prompt


def _checked_id(prompt_id: int) -> int:
    if not 0 < prompt_id <= GREATEST_ID:
        raise _no_prompt(prompt_id)
    return prompt_id


def _no_prompt(prompt_id: int) -> errors.NotFound:
    return errors.NotFound({"prompt": f"there is no prompt {prompt_id}"})


async def add_prompt(session: AsyncSession, *, count: int, **columns: Any) -> Prompt:
    """A prompt that is available at once. Raises Invalid, Conflict."""
    prompt = Prompt(**columns)
    _check_text(prompt)
    prompt.count = prompt.initial_count = _checked_count(count)
    session.add(prompt)
    await session.flush()
    await session.refresh(prompt)
    return prompt


async def edit_prompt(
    session: AsyncSession,
    *,
    prompt_id: int,
    count: int | None = None,
    is_enabled: bool | None = None,
    **changes: Any,
) -> Prompt:
    """Change columns; a new interval and enabling place the prompt anew in the order of T1.

    `count` sets the count and what a reset restores; a prompt that had run out is enabled again by it.
    Raises NotFound, Invalid, Conflict.
    """
    prompt = await queries.lock_prompt(session, _checked_id(prompt_id))
    if prompt is None:
        raise _no_prompt(prompt_id)
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


async def remove_prompt(session: AsyncSession, *, prompt_id: int) -> None:
    """What it brought forth stays. Raises NotFound."""
    await session.delete(await get_prompt(session, prompt_id))
    await session.flush()


async def release_prompt(session: AsyncSession, *, prompt_id: int) -> bool:
    """End its lease, whoever holds it; whether there was one. Raises NotFound."""
    await get_prompt(session, prompt_id)
    return await queries.clear_any_lease(session, prompt_id=prompt_id)


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
