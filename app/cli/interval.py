"""`pygai interval`: when returned prompts come due again."""

from typing import Annotated

import typer

from app.cli.options import AsJson, Memo, NameOrNumber, NewName, changed

app = typer.Typer(no_args_is_help=True, help="Intervals: when returned prompts come due again.")

EXPRESSION_HELP = "Five fields: minute, hour, day of month, month, day of week. See crontab(5)."
TIME_ZONE_HELP = "The time zone in which it counts, such as Europe/Berlin."


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name.")],
    expression: Annotated[str, typer.Argument(metavar="CRON", help=EXPRESSION_HELP)],
    time_zone: Annotated[str, typer.Option(help=TIME_ZONE_HELP)] = "UTC",
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Add an interval.

    Examples:

    - `pygai interval add "every 5 minutes" "*/5 * * * *"`
    - `pygai interval add mornings "30 7 * * 1-5" --time-zone Europe/Berlin`
    """
    from app.cli import things
    from app.cli.running import operator, run
    from schemas.catalog import IntervalDraft

    draft = IntervalDraft(name=name, expression=expression, time_zone=time_zone, memo=memo or None)
    added = run(lambda runtime: runtime.connector.add_interval(operator(), draft))
    things.print_added("interval", added, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the intervals and when each comes due next.

    Examples:

    - `pygai interval list`
    - `pygai interval list --json`
    """
    from app.cli import things
    from app.cli.running import operator, run

    listed = run(lambda runtime: runtime.connector.list_intervals(operator()))
    things.print_list("interval", listed, as_json=as_json)


@app.command("show")
def show(interval: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one interval and the next instants at which it comes due.

    Examples:

    - `pygai interval show daily`
    - `pygai interval show 2 --json`
    """
    from app.cli.output import columns_of, print_row
    from app.cli.running import operator, run

    found = run(lambda runtime: runtime.connector.read_interval(operator(), interval))
    upcoming = [instant.isoformat(timespec="minutes") for instant in found.upcoming]
    print_row({**columns_of(found), "upcoming": upcoming}, as_json=as_json)


@app.command("edit")
def edit(
    interval: NameOrNumber,
    name: NewName = None,
    expression: Annotated[str | None, typer.Option("--expression", metavar="CRON", help=EXPRESSION_HELP)] = None,
    time_zone: Annotated[str | None, typer.Option(help=TIME_ZONE_HELP)] = None,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Change an interval; what waits for it comes due at the new instants.

    Examples:

    - `pygai interval edit daily --expression "0 6 * * *"`
    - `pygai interval edit daily --time-zone Asia/Shanghai`
    """
    from app.cli import things
    from app.cli.running import operator, run
    from schemas.catalog import IntervalChanges

    changes = IntervalChanges(**changed(name=name, expression=expression, time_zone=time_zone, memo=memo))
    edited = run(lambda runtime: runtime.connector.edit_interval(operator(), interval, changes))
    things.print_changed("interval", edited, as_json=as_json)


@app.command("remove")
def remove(interval: NameOrNumber) -> None:
    """Remove an interval; returned prompts that had it wait for a reset.

    Examples:

    - `pygai interval remove daily`
    """
    from app.cli import things
    from app.cli.running import operator, run

    things.say_removed("interval", run(lambda runtime: runtime.connector.remove_interval(operator(), interval)))
