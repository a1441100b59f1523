"""The command line: one file per noun."""

import typer

from app.cli import serve
from app.cli.output import explained

app = typer.Typer(
    name="pygai",
    help="Hands AI tasks to clients, takes their results and turns them into live websites.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)


@app.callback()
def pygai() -> None:
    """Every command has its own `--help` with examples."""


app.command("serve")(serve.serve)


def main() -> None:
    """The `pygai` command."""
    with explained():
        app()
