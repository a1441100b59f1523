"""`pygai export`: prompts or contents as CSV or JSON lines."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from app.cli.options import AsJson
from app.transfer.rows.kinds import RowFormat, RowKind

if TYPE_CHECKING:
    from app.runtime import Runtime


def export(
    kind: Annotated[RowKind, typer.Argument(help="What to write.")],
    file: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="Where to; what is printed when absent.")
    ] = None,
    format_: Annotated[
        RowFormat | None, typer.Option("--format", help="By the file's ending when absent, or else CSV.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write every prompt or every content as a line of CSV or JSON, to be read by `pygai import` without loss.

    Examples:

    - `pygai export prompts prompts.csv`
    - `pygai export contents contents.jsonl`
    - `pygai export contents --format jsonl | gzip > contents.jsonl.gz`
    """
    from app.cli.output import complaints, print_json

    chosen = format_ or _format_of(file)
    if file is None:
        if as_json:
            raise typer.BadParameter("--json tells of a file: name one, or have the rows as `--format jsonl`")
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        _export(kind, chosen, sys.stdout)
        return
    if not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}")
    written = _export_to(file, kind, chosen)
    if as_json:
        print_json({"file": str(file), "format": chosen, "rows": written})
    else:
        complaints.print(f"[green]✓[/] {written} {kind} in {file}", highlight=False)


def _format_of(file: Path | None) -> RowFormat:
    from app.transfer.rows.formats import format_of_name

    return (format_of_name(file) if file else None) or RowFormat.CSV


def _export_to(file: Path, kind: RowKind, format_: RowFormat) -> int:
    """Under a name of its own until it is whole."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as target:
            written = _export(kind, format_, target)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return written


def _export(kind: RowKind, format_: RowFormat, target: TextIO) -> int:
    from app.cli.progress import ProgressBar
    from app.cli.running import run
    from app.transfer.rows.exporting import export_rows

    async def work(runtime: "Runtime") -> int:
        return await export_rows(
            runtime.database, runtime.settings, kind=kind, format_=format_, write=target.write, progress=bar
        )

    with ProgressBar() as bar:
        return run(work)
