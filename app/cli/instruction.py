"""`pygai instruction`: system instructions."""

from typing import Annotated

import typer

from app.cli.options import JSON_HELP, AsJson, Memo, NameOrNumber, NewName, TextFile, changed, json_object, text_of

app = typer.Typer(no_args_is_help=True, help="Instructions: what a model is told before a prompt.")

CONFIG_HELP = f"Parameters of its own, which win over the prompt's config. {JSON_HELP}"


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name.")],
    text: Annotated[str | None, typer.Option(help="The instruction.")] = None,
    text_file: TextFile = None,
    config: Annotated[str | None, typer.Option(metavar="JSON", help=CONFIG_HELP)] = None,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Add an instruction.

    Examples:

    - `pygai instruction add Teacher --text "You are a patient teacher."`
    - `pygai instruction add Poet --text-file poet.txt --config '{"temperature": 1.2}'`
    """
    from app.cli import things
    from app.cli.running import operator, run
    from schemas.catalog import InstructionDraft

    draft = InstructionDraft(
        name=name,
        text=text_of(text, text_file) or "",
        config=json_object("--config", config),
        memo=memo or None,
    )
    added = run(lambda runtime: runtime.connector.add_instruction(operator(), draft))
    things.print_added("instruction", added, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the instructions.

    Examples:

    - `pygai instruction list`
    - `pygai instruction list --json`
    """
    from app.cli import things
    from app.cli.running import operator, run

    listed = run(lambda runtime: runtime.connector.list_instructions(operator()))
    things.print_list("instruction", listed, as_json=as_json)


@app.command("show")
def show(instruction: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one instruction.

    Examples:

    - `pygai instruction show Teacher`
    - `pygai instruction show 1 --json`
    """
    from app.cli.output import columns_of, print_row
    from app.cli.running import operator, run

    found = run(lambda runtime: runtime.connector.read_instruction(operator(), instruction))
    print_row(columns_of(found), as_json=as_json)


@app.command("edit")
def edit(
    instruction: NameOrNumber,
    name: NewName = None,
    text: Annotated[str | None, typer.Option(help="The instruction.")] = None,
    text_file: TextFile = None,
    config: Annotated[
        str | None, typer.Option(metavar="JSON", help=f"{CONFIG_HELP} An empty one takes them away.")
    ] = None,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Change an instruction; clients get it with the next task.

    Examples:

    - `pygai instruction edit Teacher --text "You are a strict teacher."`
    - `pygai instruction edit Teacher --config ""`
    """
    from app.cli import things
    from app.cli.running import operator, run
    from schemas.catalog import InstructionChanges

    parameters = "" if config == "" else json_object("--config", config)
    given = changed(name=name, text=text_of(text, text_file), config=parameters, memo=memo)
    changes = InstructionChanges(**given)
    edited = run(lambda runtime: runtime.connector.edit_instruction(operator(), instruction, changes))
    things.print_changed("instruction", edited, as_json=as_json)


@app.command("remove")
def remove(instruction: NameOrNumber) -> None:
    """Remove an instruction; its prompts go on without one.

    Examples:

    - `pygai instruction remove Teacher`
    """
    from app.cli import things
    from app.cli.running import operator, run

    things.say_removed(
        "instruction", run(lambda runtime: runtime.connector.remove_instruction(operator(), instruction))
    )
