"""What commands print: tables and sentences for people, JSON for programs, and errors with what to do next."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.core.db import is_unavailable
from app.core.embedded import EmbeddedPostgresError
from app.core.errors import DomainError
from app.core.security import SecretMissing
from app.core.storage import StorageUnusable
from app.host.errors import ExtensionError

console = Console()
complaints = Console(stderr=True)

Row = Mapping[str, Any]


def print_rows(rows: Sequence[Row], *, as_json: bool, title: str | None = None) -> None:
    """A table, or a JSON list of the same rows."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        console.print("Nothing yet.", style="dim")
        return
    table = Table(title=title, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(shown(value)) for value in row.values()))
    console.print(table)


def print_row(row: Row, *, as_json: bool) -> None:
    """One thing, a line per field, or a JSON object."""
    if as_json:
        print_json(row)
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in row.items():
        table.add_row(f"[bold]{name}[/]", escape(shown(value)))
    console.print(table)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


@contextmanager
def explained() -> Iterator[None]:
    """Errors that people can mend are told in words, without a traceback; the exit code is 1."""
    try:
        yield
    except DomainError as refused:
        _complain(*(f"{field}: {reason}" for field, reason in refused.reasons.items()))
    except ValidationError as invalid:
        _complain(*(f"{_setting(problem)}: {problem['msg']}" for problem in invalid.errors()))
    except (SecretMissing, EmbeddedPostgresError, StorageUnusable, ExtensionError) as missing:
        _complain(str(missing))
    except Exception as raised:
        if not is_unavailable(raised):
            raise
        _complain(f"The database cannot be reached ({raised}).", "`pygai doctor` looks for the cause.")


def _setting(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    return f"PYGAI_{name.upper()}" if name else "settings"


def _complain(*lines: str) -> None:
    for line in lines:
        complaints.print(f"[red]✗[/] {escape(line)}", highlight=False)
    raise SystemExit(1)
