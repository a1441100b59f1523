"""`pygai jobs`: work after the answer."""

from typing import Annotated, Literal

import typer

from app.cli.options import AsJson, Limit

app = typer.Typer(no_args_is_help=True, help="Jobs: files to fetch and pages to make, after the answer.")

Numbers = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="The numbers of jobs, as listed.")]


@app.command("list")
def list_(
    status: Annotated[
        Literal["queued", "picked", "failed"] | None,
        typer.Option(help="Only jobs that wait, are worked on, or failed and are held."),
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs that wait, run, or failed and are held, with the reason of their last failure.

    Examples:

    - `pygai jobs list`
    - `pygai jobs list --status failed --json`
    """
    from app.cli import jobs_work

    jobs_work.print_all(status=status, limit=limit, as_json=as_json)


@app.command("run")
def run() -> None:
    """Work on jobs until stopped, beside `pygai serve` or on another machine.

    Examples:

    - `pygai jobs run`
    - `PYGAI_DATABASE_URL=postgresql://pygai@db.example.com/pygai pygai jobs run`
    """
    from app.cli import jobs_work

    jobs_work.run_until_stopped()


@app.command("retry")
def retry(
    jobs: Numbers = None,
    all_: Annotated[bool, typer.Option("--all", help="Every failed job.")] = False,
) -> None:
    """Queue failed jobs again.

    Examples:

    - `pygai jobs retry 7 8`
    - `pygai jobs retry --all`
    """
    from app.cli import jobs_work

    jobs_work.retry(_one_of(jobs, all_))


@app.command("remove")
def remove(
    jobs: Numbers = None,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed job.")] = False,
) -> None:
    """Remove jobs; their work is not done.

    Examples:

    - `pygai jobs remove 7`
    - `pygai jobs remove --failed`
    """
    from app.cli import jobs_work

    jobs_work.remove(_one_of(jobs, failed))


def _one_of(numbers: list[int] | None, every: bool) -> list[int] | None:
    """The numbers, or None for every failed one."""
    if bool(numbers) == every:
        raise typer.BadParameter("give numbers of jobs, or the option for every failed one")
    return numbers
