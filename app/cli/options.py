"""Options and arguments that several commands share."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import ask_for_json

AsJson = Annotated[
    bool,
    # Before all others, so that a mistake in one of those is told in JSON as well.
    typer.Option("--json", callback=ask_for_json, is_eager=True, help="Print JSON instead of a table."),
]
NameOrNumber = Annotated[str, typer.Argument(metavar="NAME|ID", help="Its name, or its number.")]
NewName = Annotated[str | None, typer.Option("--name", help="A new name.")]
Memo = Annotated[str | None, typer.Option(help="A note for yourself; an empty one takes it away.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Most lines printed.")]
After = Annotated[int, typer.Option(min=0, help="Only those with a greater number, to page on.")]
TextFile = Annotated[
    Path | None,
    typer.Option("--text-file", allow_dash=True, help="A file with the text; `-` reads what is piped in."),
]

JSON_HELP = "A JSON object, or `@FILE` with one."


def given(**columns: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in columns.items() if value is not None}


def cleared(**columns: Any) -> dict[str, Any]:
    """The options that were given, of which an empty one means that there is to be none."""
    return {name: value or None for name, value in given(**columns).items()}


# What may be absent, and is cleared by an empty value.
CLEARABLE = frozenset({"memo", "title", "description", "config", "about", "author", "base_url"})


def changed(**columns: Any) -> dict[str, Any]:
    """The options that were given to `edit`, of which there must be one."""
    changes = {
        name: None if value == "" and name in CLEARABLE else value for name, value in given(**columns).items()
    }
    if not changes:
        raise typer.BadParameter("nothing to change: give at least one option")
    return changes


def text_of(text: str | None, file: Path | None) -> str | None:
    """What `--text` or `--text-file` brings."""
    if text is not None and file is not None:
        raise typer.BadParameter("give --text or --text-file, not both")
    if file is None:
        return text
    try:
        return typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text("utf-8")
    except UnicodeDecodeError as wrong:
        raise typer.BadParameter(f"{file} is not a text in UTF-8") from wrong


def json_object(option: str, value: str | None) -> dict[str, Any] | None:
    """The object that an option names, inline or as `@FILE`; key order is kept."""
    if not value:
        return None
    text = text_of(None, Path(value[1:])) if value.startswith("@") else value
    try:
        parsed = json.loads(text or "", parse_constant=_refuse_constant)
    except ValueError as wrong:
        raise typer.BadParameter(f"{option} is not JSON: {wrong}") from wrong
    if not isinstance(parsed, dict):
        raise typer.BadParameter(f'{option} must be a JSON object such as {{"temperature": 1}}')
    return parsed


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
