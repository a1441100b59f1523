"""Whether a prompt can be handed out, as operators see it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Prompt
from app.prompts.states import state_of
from schemas.prompt import PromptState, PromptStatus

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)

STATES = {
    "one that waits": ({}, PromptState(status=PromptStatus.AVAILABLE)),
    "one that comes due": ({"available_at": LATER}, PromptState(status=PromptStatus.DUE, until=LATER)),
    "a leased one": ({"leased_until": LATER}, PromptState(status=PromptStatus.LEASED, until=LATER)),
    "one whose lease ends now": ({"leased_until": NOW}, PromptState(status=PromptStatus.AVAILABLE)),
    "a returned one": ({"available_at": None}, PromptState(status=PromptStatus.WAITING_FOR_RESET)),
    "a returned one with an interval": (
        {"available_at": None, "interval_id": 7},
        PromptState(status=PromptStatus.WAITING_FOR_INTERVAL),
    ),
    "a disabled one": (
        {"is_enabled": False, "leased_until": LATER},
        PromptState(status=PromptStatus.DISABLED),
    ),
    "one that ran out": (
        {"is_enabled": False, "is_exhausted": True},
        PromptState(status=PromptStatus.EXHAUSTED),
    ),
    "an enabled one without a count": ({"count": 0}, PromptState(status=PromptStatus.EXHAUSTED)),
}


@pytest.mark.parametrize("case", STATES)
def test_a_prompt_has_one_state_at_any_moment(case):
    columns, state = STATES[case]

    assert state_of(Prompt(text="x", **({"available_at": NOW} | columns)), now=NOW) == state
