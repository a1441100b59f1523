"""`pygai doctor`: what is wrong with this installation, and how to fix it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.diagnostics.findings import Finding

MARKS = {"ok": "[green]✓[/]", "note": "[yellow]![/]", "trouble": "[red]✗[/]"}


def doctor(as_json: AsJson = False) -> None:
    """Tell what is wrong with this installation and how to fix it; exit code 1 if anything is.

    Checks only: it changes nothing and repairs nothing.

    Examples:

    - `pygai doctor`
    - `pygai doctor --json`
    """
    from app.cli.output import print_json

    findings = _examine()
    if as_json:
        print_json([_to_wire(finding) for finding in findings])
    else:
        _print_findings(findings)
    if any(finding.is_trouble for finding in findings):
        raise typer.Exit(1)


def _examine() -> "list[Finding]":
    import asyncio

    from app.cli.running import read_settings
    from app.diagnostics.installation_checks import invalid_settings
    from app.diagnostics.service import examine

    try:
        settings = read_settings()
    except (ValueError, OSError) as invalid:
        return invalid_settings(invalid)
    return asyncio.run(examine(settings))


def _to_wire(finding: "Finding") -> dict[str, Any]:
    return {
        "check": finding.check,
        "state": finding.state,
        "words": finding.message,
        "mend": finding.fix,
    }


def _print_findings(findings: "Sequence[Finding]") -> None:
    from rich.markup import escape

    from app.cli.output import console

    for finding in findings:
        line = f"{MARKS[finding.state]} [bold]{escape(finding.check)}[/]  {escape(finding.message)}"
        console.print(line, highlight=False, soft_wrap=True)
        if finding.fix:
            console.print(f"    → {escape(finding.fix)}", highlight=False, soft_wrap=True)
    console.print(f"\n{_summary(sum(finding.is_trouble for finding in findings))}", highlight=False)


def _summary(problems: int) -> str:
    if problems == 0:
        return "Nothing is wrong."
    return "1 problem found." if problems == 1 else f"{problems} problems found."
