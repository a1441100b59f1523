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
    from app.cli.running import operator, run
    from schemas.catalog import ConfigDraft
    from schemas.prompt import GenerationType

    parameters = json_object("--text", text) or {}
    draft = ConfigDraft(name=name, text=parameters, type=GenerationType(type_), memo=memo or None)
    added = run(lambda runtime: runtime.connector.add_config(operator(), draft))
    things.print_added("config", added, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the configs.

    Examples:

    - `pygai config list`
    - `pygai config list --json`
    """
    from app.cli import things
    from app.cli.running import operator, run

    listed = run(lambda runtime: runtime.connector.list_configs(operator()))
    things.print_list("config", listed, as_json=as_json)


@app.command("show")
def show(config: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one config.

    Examples:

    - `pygai config show Careful`
    - `pygai config show 2 --json`
    """
    from app.cli.output import columns_of, print_row
    from app.cli.running import operator, run

    found = run(lambda runtime: runtime.connector.read_config(operator(), config))
    print_row(columns_of(found), as_json=as_json)


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
    from app.cli.running import operator, run
    from schemas.catalog import ConfigChanges

    parameters = None if text is None else json_object("--text", text) or {}
    changes = ConfigChanges(**changed(name=name, text=parameters, type=type_, memo=memo))
    edited = run(lambda runtime: runtime.connector.edit_config(operator(), config, changes))
    things.print_changed("config", edited, as_json=as_json)


@app.command("remove")
def remove(config: NameOrNumber) -> None:
    """Remove a config; its prompts go on without one.

    Examples:

    - `pygai config remove Careful`
    """
    from app.cli import things
    from app.cli.running import operator, run

    things.say_removed("config", run(lambda runtime: runtime.connector.remove_config(operator(), config)))
