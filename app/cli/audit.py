"""`pygai audit`: who changed what."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli.options import AsJson, Limit

app = typer.Typer(no_args_is_help=True, help="Audit: who changed what, and when.")

COLUMNS = ("id", "created_at", "actor", "action", "subject", "details")


@app.command("list")
def list_(
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only what they did: a user's address, or cli:NAME.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only this action, or all of a family: prompt finds prompt.add.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help='Only what was done to it, such as "prompt 12".')] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="WHEN",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"],
            help="Only from then on; this machine's time where no offset is given.",
        ),
    ] = None,
    before: Annotated[
        int | None, typer.Option(metavar="ID", min=1, help="Only those with a smaller number, to page on.")
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what was changed, the newest first.

    Examples:

    - `pygai audit list`
    - `pygai audit list --action prompt --since 2026-12-24`
    - `pygai audit list --actor admin@example.com --subject "prompt 12" --json`
    """
    from app.cli.output import columns_of, print_rows
    from app.cli.running import operator, run
    from schemas.audit import AuditQuery

    query = AuditQuery(
        actor=actor,
        action=action,
        subject=subject,
        since=_aware(since),
        before=before,
        limit=limit,
    )
    lines = run(lambda runtime: runtime.connector.list_audit_entries(operator(), query))
    print_rows([columns_of(line) for line in lines], as_json=as_json, columns=COLUMNS)


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    try:
        return moment.astimezone()
    except (ValueError, OverflowError) as outside:
        raise typer.BadParameter(f"--since is outside what clocks count: {outside}") from outside
