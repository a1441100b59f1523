"""`pygai doctor`: what is wrong with this installation, and how to mend it."""

import typer

from app.cli.options import AsJson


def doctor(as_json: AsJson = False) -> None:
    """Say in words what is wrong with this installation and how to mend it; exit code 1 if anything is.

    Looks only: it changes nothing and repairs nothing.

    Examples:

    - `pygai doctor`
    - `pygai doctor --json`
    """
    from app.cli import doctor_work
    from app.cli.output import print_json

    findings = doctor_work.look_everywhere()
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    else:
        doctor_work.tell(findings)
    if any(finding.is_trouble for finding in findings):
        raise typer.Exit(1)
