"""Every command and option is in `docs/cli.md`, and every command's help has an example."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from app.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


def commands(group, *path):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


def section_of(name):
    """What the page says below the command's own heading."""
    _, heading, rest = PAGE.partition(f"### pygai {name}\n")
    assert heading, f"docs/cli.md has no section `### pygai {name}`"
    return rest.partition("\n## ")[0].partition("\n### ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_documented(name):
    section = section_of(name)

    options = {
        option for parameter in COMMANDS[name].params for option in parameter.opts + parameter.secondary_opts
    }
    missing = {option for option in options if option.startswith("--") and f"`{option}" not in section}
    assert missing == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example_of_itself(name):
    text = COMMANDS[name].help or ""

    assert f"pygai {name}" in text.partition("Examples:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name):
    silent = [parameter.name for parameter in COMMANDS[name].params if not getattr(parameter, "help", "x")]

    assert silent == []


def test_the_page_documents_no_command_that_is_gone():
    headings = [line.removeprefix("### pygai ") for line in PAGE.splitlines() if line.startswith("### pygai ")]

    assert sorted(headings) == sorted(COMMANDS)


def test_help_comes_without_loading_what_is_heavy():
    heavy = "{'sqlalchemy', 'fastapi', 'asyncpg', 'pydantic', 'pgqueuer', 'alembic', 'httpx', 'uvicorn', 'PIL'}"
    look = f"import app.cli, sys; print(sorted({heavy} & sys.modules.keys()))"

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
