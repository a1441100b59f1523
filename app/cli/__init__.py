"""The command line: one file per noun."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app import __version__
from app.cli import (
    audit,
    backup,
    config,
    content,
    demo,
    directory,
    doctor,
    exporting,
    extension,
    importing,
    instruction,
    interval,
    jobs,
    openapi,
    prompt,
    publish,
    reset,
    serve,
    theme,
    token,
    topic,
    user,
)
from app.cli.output import explained


class Commands(TyperGroup):
    """Commands whose errors are told in words."""

    def invoke(self, ctx: Any) -> Any:
        with explained():
            return super().invoke(ctx)


app = typer.Typer(
    name="pygai",
    cls=Commands,
    help="Hands AI tasks to clients, takes their results and turns them into live websites.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"PyGai Connector {__version__}")
        raise typer.Exit


@app.callback()
def pygai(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Every command has its own `--help` with examples."""


app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(prompt.app, name="prompt")
app.add_typer(topic.app, name="topic")
app.add_typer(interval.app, name="interval")
app.add_typer(config.app, name="config")
app.add_typer(instruction.app, name="instruction")
app.add_typer(directory.app, name="directory")
app.add_typer(theme.app, name="theme")
app.command("reset")(reset.reset)
app.add_typer(content.app, name="content")
app.command("publish")(publish.publish)
app.command("unpublish")(publish.unpublish)
app.add_typer(jobs.app, name="jobs")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(audit.app, name="audit")
app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(extension.app, name="extension")
app.command("openapi")(openapi.openapi)


def main() -> None:
    """The `pygai` command."""
    app()
