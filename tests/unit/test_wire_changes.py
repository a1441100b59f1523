"""What a change to something that is kept may hold."""

import pytest
from pydantic import ValidationError

from schemas.catalog import InstructionChanges
from schemas.prompt import PromptChanges
from schemas.user import UserChanges


def test_a_change_has_what_was_given_and_null_only_where_it_was():
    changes = PromptChanges(topic=None, text="Snow?")

    assert changes.given == {"text": "Snow?", "topic": None}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (PromptChanges, {"text": None}),
        (InstructionChanges, {"name": None, "memo": None}),
        (UserChanges, {"role": None}),
        (UserChanges, {"rôle": "admin"}),
    ],
)
def test_what_cannot_be_cleared_and_what_is_unknown_is_refused(kind, fields):
    with pytest.raises(ValidationError):
        kind(**fields)


def test_a_password_is_not_in_what_a_change_prints_of_itself():
    assert "hush" not in repr(UserChanges(password="hush, hush"))
