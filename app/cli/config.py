"""`pygai config`: parameters for an AI model."""

from typing import Annotated, Literal

import typer

from app.cli.options import JSON_HELP, AsJson, Memo, NameOrNumber, NewName, changed, json_object

app = typer.Typer(no_args_is_help=True, help="Configs: parameters for an AI model, handed out with a prompt.")

Kind = Literal["gentxt", "genimg"]
KIND_HELP = "What is generated with it: a text or an image."


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name.")],
    text: Annotated[str, typer.Option(metavar="JSON", help=JSON_HELP)],
    type_: Annotated[Kind, typer.Option("--type", help=KIND_HELP)] = "gentxt",
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Add a config.

    Examples:

    - `pygai config add Careful --text '{"temperature": 0.2}'`
    - `pygai config add "Square picture" --type genimg --text @picture.json`
    """
    from app.cli import things
    from app.models import Config
    from schemas.prompt import GenerationType

    parameters = json_object("--text", text) or {}
    row = Config(name=name, text=parameters, type=GenerationType(type_), memo=memo or None)
    things.add(row, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the configs.

    Examples:

    - `pygai config list`
    - `pygai config list --json`
    """
    from app.cli import things
    from app.models import Config

    things.print_all(Config, as_json=as_json)


@app.command("show")
def show(config: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one config.

    Examples:

    - `pygai config show Careful`
    - `pygai config show 2 --json`
    """
    from app.cli import things
    from app.cli.output import columns_of, print_row
    from app.models import Config

    print_row(columns_of(things.get(Config, config)), as_json=as_json)


@app.command("edit")
def edit(
    config: NameOrNumber,
    name: NewName = None,
    text: Annotated[str | None, typer.Option(metavar="JSON", help=JSON_HELP)] = None,
    type_: Annotated[Kind | None, typer.Option("--type", help=KIND_HELP)] = None,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Change a config; clients get it with the next task.

    Examples:

    - `pygai config edit Careful --text '{"temperature": 0.1}'`
    - `pygai config edit 2 --name "Very careful"`
    """
    from app.cli import things
    from app.models import Config

    parameters = None if text is None else json_object("--text", text) or {}
    changes = changed(name=name, text=parameters, type=type_, memo=memo)
    things.edit(Config, config, changes, as_json=as_json)


@app.command("remove")
def remove(config: NameOrNumber) -> None:
    """Remove a config; its prompts go on without one.

    Examples:

    - `pygai config remove Careful`
    """
    from app.cli import things
    from app.models import Config

    things.remove(Config, config)
