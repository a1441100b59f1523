"""docs/settings.md has every setting, its true default, and an example that is accepted."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(PYGAI_\w+)` \| (?:`([^`]*)`)? ?\| (.+) \| `([^`]+)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Documented:
    default: str
    meaning: str
    example: str


DOCUMENTED = {row[1]: Documented(row[2] or "", row[3], row[4]) for row in ROW.finditer(PAGE.read_text())}
FIELDS = {f"PYGAI_{name.upper()}": field for name, field in Settings.model_fields.items()}


def _shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, list) else str(default)


def test_every_setting_is_documented_and_nothing_else_is():
    assert set(DOCUMENTED) == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_the_documented_default_is_the_one_in_force(name):
    assert DOCUMENTED[name].default == _shown(FIELDS[name].default)


@pytest.mark.parametrize("name", FIELDS)
def test_the_example_is_accepted_and_differs_from_the_default(name, monkeypatch):
    monkeypatch.setenv(name, DOCUMENTED[name].example)

    settings = Settings()

    assert getattr(settings, name.removeprefix("PYGAI_").lower()) != FIELDS[name].default


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_says_what_it_is_for(name):
    assert FIELDS[name].description
    assert DOCUMENTED[name].meaning.endswith(".")
