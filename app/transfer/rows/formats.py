"""CSV (RFC 4180) and JSON lines, both UTF-8.

A CSV cell is empty for what is absent. An optional text that is empty is written `\\`, and one that begins with
`\\` gets a second one, so both come back as they were. Nothing else about a text is changed: a leading `=` stays.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from pydantic_core import from_json

from app.core import errors
from app.transfer.rows.kinds import RowFormat, RowKind
from app.transfer.rows.lines import JSON_COLUMNS, LINES, OPTIONAL_TEXTS

LONGEST_FIELD = 2**31 - 1
HEAD_CHARACTERS = 64 * 1024

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a file: where it begins and what it holds, or why it cannot be read."""

    line: int
    record: Record | None
    reason: str = ""


def format_of_name(path: Path) -> RowFormat | None:
    """By the name's ending, if it tells."""
    by_suffix = {".csv": RowFormat.CSV, ".jsonl": RowFormat.JSONL, ".ndjson": RowFormat.JSONL}
    return by_suffix.get(path.suffix.lower())


def format_of(path: Path) -> RowFormat:
    """By the name's ending, or else by the file's first character."""
    if known := format_of_name(path):
        return known
    with _opened(path) as file:
        return RowFormat.JSONL if file.read(HEAD_CHARACTERS).lstrip().startswith("{") else RowFormat.CSV


def columns_of(path: Path) -> list[str]:
    """A CSV file's header, or the names in the first object that can be read. Raises Invalid."""
    format_ = format_of(path)
    if format_ is RowFormat.JSONL:
        return list(next((entry.record for entry in decode(format_, path) if entry.record), {}))
    csv.field_size_limit(LONGEST_FIELD)
    with _opened(path) as file:
        return _header_of(csv.reader(file, strict=True))


def header(kind: RowKind) -> list[str]:
    """The columns in the order of a file: the id first, the time last."""
    names = [name for name in LINES[kind].model_fields if name not in {"id", "created_at"}]
    return ["id", *names, "created_at"]


def encode_header(format_: RowFormat, columns: Sequence[str]) -> str:
    return _as_csv(columns) if format_ is RowFormat.CSV else ""


def encode(format_: RowFormat, columns: Sequence[str], record: Record) -> str:
    if format_ is RowFormat.JSONL:
        return json.dumps({name: record[name] for name in columns}, ensure_ascii=False) + "\n"
    return _as_csv([_cell(name, record[name]) for name in columns])


def decode(format_: RowFormat, path: Path) -> Iterator[Entry]:
    """The rows of a file, one after the other. Raises Invalid for a CSV file without a usable header."""
    with _opened(path) as file:
        yield from _json_entries(file) if format_ is RowFormat.JSONL else _csv_entries(file)


def _opened(path: Path) -> TextIO:
    # What is no UTF-8 becomes characters that the check of the line refuses; a spreadsheet's mark is skipped.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _as_csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in JSON_COLUMNS:
        return json.dumps(value, ensure_ascii=False)
    if name in OPTIONAL_TEXTS:
        return f"\\{value}" if value == "" or value.startswith("\\") else str(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _csv_entries(file: TextIO) -> Iterator[Entry]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(file, strict=True)
    columns = _header_of(reader)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            yield Entry(line, None, f"is no CSV: {broken}")
            continue
        if cells:
            yield _csv_entry(line, columns, cells)


def _header_of(reader: Any) -> list[str]:
    try:
        columns: list[str] = [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error) as missing:
        raise errors.Invalid({"file": "begins with no header"}) from missing
    if len(set(columns)) != len(columns):
        raise errors.Invalid({"file": "names a column twice in its header"})
    return columns


def _csv_entry(line: int, columns: Sequence[str], cells: Sequence[str]) -> Entry:
    if len(cells) != len(columns):
        return Entry(line, None, f"has {len(cells)} cells, the header {len(columns)}")
    record: dict[str, Any] = {}
    for name, cell in zip(columns, cells, strict=True):
        try:
            record[name] = _value(name, cell)
        except ValueError:
            return Entry(line, None, f"{name}: is no JSON")
    return Entry(line, record)


def _value(name: str, cell: str) -> Any:
    if name in {"text", "external_id", "hist_prompt_id", "hist_id", "cron_id"}:
        return cell
    if cell == "":
        return None
    if name in JSON_COLUMNS:
        return from_json(cell, allow_inf_nan=False)
    return cell[1:] if name in OPTIONAL_TEXTS and cell.startswith("\\") else cell


def _json_entries(file: TextIO) -> Iterator[Entry]:
    # Split at line feeds alone: a text may hold other characters that end lines.
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            record = from_json(line, allow_inf_nan=False)
        except ValueError as broken:
            yield Entry(number, None, f"is no JSON: {broken}")
            continue
        if isinstance(record, dict):
            yield Entry(number, record)
        else:
            yield Entry(number, None, "is no JSON object")


def _lines(file: TextIO) -> Iterator[str]:
    file.reconfigure(newline="\n")  # type: ignore[attr-defined]
    yield from file
