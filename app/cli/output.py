"""What commands print: tables and sentences for people, JSON for programs, and errors with what to do next."""

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table
from typer.exceptions import TyperException

console = Console()
complaints = Console(stderr=True)


class JsonOutput:
    """The standard output of a command that was asked for JSON: one value, and nothing else."""

    def __init__(self) -> None:
        self.is_asked_for = False
        self.is_written = False
        self._stream = sys.stdout

    def ask(self) -> None:
        """What anything else prints from now on, an extension perhaps, goes to the standard error."""
        self.is_asked_for = True
        sys.stdout = sys.stderr

    def write(self, value: Any) -> None:
        self._stream.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")
        self.is_written = True

    def write_errors(self, lines: Sequence[str]) -> None:
        """What a program reads of a command that failed, unless it told what had been done before."""
        if self.is_asked_for and not self.is_written:
            self.write({"errors": lines})


# Of the command that runs.
_json_output: ContextVar[JsonOutput] = ContextVar("json_output")

Row = Mapping[str, Any]
Item = TypeVar("Item")

LONGEST_CELL = 80
# On a narrow terminal, what folds keeps at least this width.
FOLDED_WIDTH = 8


def print_rows(
    rows: Sequence[Row],
    *,
    as_json: bool,
    title: str | None = None,
    columns: Sequence[str] | None = None,
    whole: Collection[str] = (),
) -> None:
    """A table, of some of the columns when they are named, or a JSON list of all.

    Long cells are cut, those of the columns in `whole` are not.
    """
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("Nothing yet.", style="dim")
        return
    table = Table(title=title, header_style="bold")
    cells = {
        name: [on_one_line(row[name]) if name in whole else brief(row[name]) for row in rows]
        for name in columns or rows[0]
    }
    for name, column in cells.items():
        widest = max(map(len, column))
        table.add_column(name, overflow="fold", min_width=min(widest, FOLDED_WIDTH))
    for line in zip(*cells.values(), strict=True):
        table.add_row(*map(escape, line))
    console.print(table)


def print_row(row: Row, *, as_json: bool) -> None:
    """One thing, a line per field, or a JSON object."""
    if as_json:
        print_json(row)
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in row.items():
        lines = "\n".join(map(shown, value)) if isinstance(value, list) else shown(value)
        table.add_row(f"[bold]{name}[/]", escape(lines))
    console.print(table)


def columns_of(row: Any) -> dict[str, Any]:
    """A table's row, its columns in the order in which they were declared."""
    return {name: getattr(row, name) for name in type(row).model_fields}


def print_json(value: Any) -> None:
    _json_output.get().write(value)


def ask_for_json(context: typer.Context, asked: bool) -> bool:
    """What `--json` does before its command begins."""
    if asked and not context.resilient_parsing:
        _json_output.get().ask()
    return asked


def say(sentence: str) -> None:
    """That something was done; kept apart from data, which goes to the standard output."""
    complaints.print(f"[green]✓[/] {escape(sentence)}", highlight=False, soft_wrap=True)


def warn(sentence: str) -> None:
    complaints.print(f"[yellow]![/] {escape(sentence)}", highlight=False, soft_wrap=True)


def counted(items: Iterable[Item], total: int, what: str) -> Iterable[Item]:
    """The items, with a progress bar beside the data when somebody watches."""
    return track(items, what, total=total, console=complaints, transient=True, disable=not complaints.is_terminal)


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps(value, ensure_ascii=False, default=_plain) if isinstance(value, dict | list) else str(value)


def on_one_line(value: Any) -> str:
    return " ".join(shown(value).split())


def brief(value: Any) -> str:
    """The same on one short line."""
    line = on_one_line(value)
    return line if len(line) <= LONGEST_CELL else f"{line[: LONGEST_CELL - 1]}…"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that people can mend are told in words, without a traceback; the exit code is 1."""
    output = JsonOutput()
    token = _json_output.set(output)
    try:
        with redirect_stdout(sys.stdout):  # which it is again afterwards, whatever `--json` made of it
            yield
    except typer.Exit:
        raise
    except Exception as raised:
        lines = _words_for(raised)
        output.write_errors(lines or [_in_short(raised)])
        if not lines:
            raise
        for line in lines:
            complain(line)
        raise SystemExit(1) from None
    finally:
        _json_output.reset(token)


def _in_short(raised: Exception) -> str:
    """A command that was written wrong, or a defect."""
    if isinstance(raised, TyperException):
        return raised.format_message()
    return f"{type(raised).__name__}: {raised}"


def complain(line: str) -> None:
    complaints.print(f"[red]✗[/] {escape(line)}", highlight=False, soft_wrap=True)


def _words_for(raised: Exception) -> list[str]:
    """What to tell somebody about an error; nothing when it is a defect, whose traceback is wanted."""
    # Imported when something went wrong: `pygai --help` needs none of it.
    import asyncpg
    from alembic.util import CommandError
    from pydantic import ValidationError

    from app.core.errors import DomainError
    from app.core.http.sockets import CannotListen
    from app.core.postgres.database import is_unavailable
    from app.core.postgres.embedded.postgres import EmbeddedPostgresError
    from app.core.security import SecretMissing
    from app.core.storage import StorageUnusable
    from app.host.errors import ExtensionError, HandlerFailed

    if isinstance(raised, DomainError):
        return [f"{field}: {reason}" for field, reason in raised.reasons.items()]
    if isinstance(raised, ValidationError):
        name_of = setting_of if raised.title == "Settings" else _field_of
        return [
            f"{name_of(problem)}: {str(problem['msg']).removeprefix('Value error, ')}"
            for problem in raised.errors()
        ]
    if isinstance(
        raised,
        CannotListen | SecretMissing | EmbeddedPostgresError | StorageUnusable | ExtensionError | HandlerFailed,
    ):
        return [str(raised)]
    if isinstance(raised, OSError) and raised.filename:
        return [f"{raised.filename}: {raised.strerror}"]
    if isinstance(raised, CommandError):
        return [f"The tables are not those of this release: {raised}", "`pygai doctor` says more."]
    if is_unavailable(raised) or isinstance(
        raised, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError
    ):
        return [f"The database cannot be reached ({raised}).", "`pygai doctor` looks for the cause."]
    return []


def _field_of(problem: Any) -> str:
    return ".".join(str(part) for part in problem["loc"]) or "options"


def setting_of(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    return f"PYGAI_{name.upper()}" if name else "settings"
