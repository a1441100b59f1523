"""`pygai import`: an original database, or rows that were exported."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import AsJson
from app.transfer.rows.kinds import RowKind

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.transfer.progress import Progress
    from app.transfer.report import Report

MOST_REMARKS = 40


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="A database of PyGai, or a .csv or .jsonl."
        ),
    ],
    kind: Annotated[
        RowKind | None, typer.Option("--kind", help="What the rows of a .csv or .jsonl are, if it does not tell.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out broken lines instead of importing nothing.")
    ] = False,
    uploads: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="PyGai's `uploads`, with the attachments of prompts."),
    ] = None,
    downloads: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="PyGai's `downloads`, with the files of contents."),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Zone that PyGai ran in; this machine's when absent.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", dir_okay=False, help="Write the whole report here, as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a database of the original PyGai, or prompts or contents from CSV or JSON lines.

    All of it or nothing. Importing the same file again adds only what is new in it.

    Examples:

    - `pygai import pygai.sqlite3`
    - `pygai import pygai.sqlite3 --uploads public/uploads --downloads public/downloads --report report.json`
    - `pygai import pygai.sqlite3 --time-zone Asia/Shanghai`
    - `pygai import prompts.csv`
    - `pygai import rows.jsonl --kind contents --skip-bad --json`
    """
    from app.cli.output import print_json
    from app.cli.progress import ProgressBar
    from app.cli.running import run

    async def work(runtime: "Runtime") -> "Report":
        if await asyncio.to_thread(_is_original, file):
            return await _import_original(runtime, file, uploads, downloads, time_zone, bar)
        return await _import_rows(runtime, file, kind, skip_bad, bar)

    with ProgressBar() as bar:
        done = run(work)
    if report is not None:
        _write(done, report)
    if as_json:
        print_json(done.as_json())
    else:
        _show(done, report)


def _is_original(file: Path) -> bool:
    from app.transfer.original.source import is_sqlite

    return is_sqlite(file)


async def _import_original(
    runtime: "Runtime",
    file: Path,
    uploads: Path | None,
    downloads: Path | None,
    time_zone: str | None,
    progress: "Progress",
) -> "Report":
    from app.transfer.original.importing import import_original
    from app.transfer.original.zones import host_zone, zone_named

    zone = zone_named(time_zone) if time_zone else host_zone()
    report = await import_original(
        runtime.database,
        runtime.settings,
        runtime.library,
        path=file,
        zone=zone,
        uploads=uploads,
        downloads=downloads,
        progress=progress,
    )
    await _remember(runtime, file, report)
    return report


async def _import_rows(
    runtime: "Runtime", file: Path, kind: RowKind | None, skips_bad: bool, progress: "Progress"
) -> "Report":
    from app.transfer.rows.importing import import_rows

    report = await import_rows(
        runtime.database, runtime.settings, path=file, kind=kind, skips_bad=skips_bad, progress=progress
    )
    await _remember(runtime, file, report)
    return report


async def _remember(runtime: "Runtime", file: Path, report: "Report") -> None:
    from app.audit.service import Change, record
    from app.cli.running import operator
    from app.prompts.schedule import roll_forward

    if not report.imported:
        return
    async with runtime.database.session() as session:
        change = Change(operator().username, "import", file.name, after={"rows": report.imported})
        await record(session, change)
    await roll_forward(runtime.database)


def _write(report: "Report", path: Path) -> None:
    import json

    path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")


def _show(report: "Report", path: Path | None) -> None:
    from rich.markup import escape

    from app.cli.output import console, print_rows

    print_rows(report.rows(), as_json=False, title="Imported")
    for remark in report.remarks[:MOST_REMARKS]:
        line = f"{remark.table} {remark.row} {remark.kind}: {remark.what}: {remark.done}"
        console.print(escape(line), highlight=False, soft_wrap=True)
    if len(report.remarks) > MOST_REMARKS:
        where = f"in {path}" if path else "told by --report FILE"
        console.print(f"and {len(report.remarks) - MOST_REMARKS} more, all {where}", style="dim")
    for note in report.notes:
        console.print(f"• {escape(note)}", highlight=False, soft_wrap=True)
