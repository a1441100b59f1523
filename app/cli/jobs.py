"""`pygai jobs`: work after the answer."""

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.options import AsJson, Limit

if TYPE_CHECKING:
    from app.runtime import Runtime

COLUMNS = ("id", "job", "status", "about", "attempts", "due_at", "reason")

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
    from app.cli.output import print_rows
    from app.cli.running import operator, run
    from schemas.job import JobStatus

    wanted = JobStatus(status) if status else None
    jobs = run(lambda runtime: runtime.connector.list_jobs(operator(), status=wanted, limit=limit))
    print_rows([job.model_dump() for job in jobs], as_json=as_json, columns=COLUMNS)


@app.command("run")
def run() -> None:
    """Work on jobs until stopped, beside `pygai serve` or on another machine.

    Examples:

    - `pygai jobs run`
    - `PYGAI_DATABASE_URL=postgresql://pygai@db.example.com/pygai pygai jobs run`
    """
    from app.cli.output import say
    from app.cli.running import run as run_on

    run_on(_work_until_stopped)
    say("Stopped.")


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
    from app.cli.output import say
    from app.cli.running import operator
    from app.cli.running import run as run_on

    numbers = _one_of(jobs, all_)
    count = run_on(lambda runtime: runtime.connector.retry_jobs(operator(), numbers))
    say(f"{count} jobs wait to be tried again.")


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
    from app.cli.output import say
    from app.cli.running import operator
    from app.cli.running import run as run_on

    numbers = _one_of(jobs, failed)
    count = run_on(lambda runtime: runtime.connector.remove_jobs(operator(), numbers))
    say(f"{count} jobs removed.")


async def _work_until_stopped(runtime: "Runtime") -> None:
    from app.cli.output import say
    from app.runtime import working

    stop = asyncio.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)
    async with working(runtime):
        say("Working on jobs; Ctrl-C stops.")
        await stop.wait()


def _one_of(numbers: list[int] | None, every: bool) -> list[int] | None:
    """The numbers, or None for every failed one."""
    if bool(numbers) == every:
        raise typer.BadParameter("give numbers of jobs, or the option for every failed one")
    return numbers
