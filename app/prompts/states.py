"""Whether a prompt can be handed out, for people: T1 itself asks the database."""

from datetime import datetime

from app.models import Prompt
from schemas.prompt import PromptState, PromptStatus


def state_of(prompt: Prompt, *, now: datetime) -> PromptState:
    if not prompt.is_enabled:
        return PromptState(status=PromptStatus.EXHAUSTED if prompt.is_exhausted else PromptStatus.DISABLED)
    if prompt.count == 0:
        return PromptState(status=PromptStatus.EXHAUSTED)
    if prompt.leased_until is not None and prompt.leased_until > now:
        return PromptState(status=PromptStatus.LEASED, until=prompt.leased_until)
    if prompt.available_at is None:
        return PromptState(status=_waits_for(prompt))
    if prompt.available_at <= now:
        return PromptState(status=PromptStatus.AVAILABLE)
    return PromptState(status=PromptStatus.DUE, until=prompt.available_at)


def _waits_for(prompt: Prompt) -> PromptStatus:
    return PromptStatus.WAITING_FOR_INTERVAL if prompt.interval_id else PromptStatus.WAITING_FOR_RESET
