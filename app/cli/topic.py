"""`pygai topic`: what prompts and their contents are about."""

from typing import Annotated

import typer

from app.cli.options import AsJson, Memo, NameOrNumber, NewName, changed

app = typer.Typer(no_args_is_help=True, help="Topics: what prompts and their contents are about.")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name.")], memo: Memo = None, as_json: AsJson = False
) -> None:
    """Add a topic.

    Examples:

    - `pygai topic add Wordsmith`
    - `pygai topic add Rain --memo "Everything wet" --json`
    """
    from app.cli import things
    from app.models import Topic

    things.add(Topic(name=name, memo=memo or None), as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the topics.

    Examples:

    - `pygai topic list`
    - `pygai topic list --json`
    """
    from app.cli import things
    from app.models import Topic

    things.print_all(Topic, as_json=as_json)


@app.command("show")
def show(topic: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one topic.

    Examples:

    - `pygai topic show Wordsmith`
    - `pygai topic show 3 --json`
    """
    from app.cli import things
    from app.cli.output import columns_of, print_row
    from app.models import Topic

    print_row(columns_of(things.get(Topic, topic)), as_json=as_json)


@app.command("edit")
def edit(topic: NameOrNumber, name: NewName = None, memo: Memo = None, as_json: AsJson = False) -> None:
    """Rename a topic or change its memo. Sites that list it follow by themselves.

    Examples:

    - `pygai topic edit Rain --name "Rain and snow"`
    - `pygai topic edit 3 --memo ""`
    """
    from app.cli import things
    from app.cli.output import say
    from app.models import Topic

    things.edit(Topic, topic, changed(name=name, memo=memo), as_json=as_json)
    if name is not None:
        say(f"Sites that list it are made anew {things.BY_WHOM}.")


@app.command("remove")
def remove(topic: NameOrNumber) -> None:
    """Remove a topic; its prompts go on without one.

    On sites, its articles lose it and its list says that it is gone (410).

    Examples:

    - `pygai topic remove Rain`
    """
    from app.cli import things
    from app.cli.output import say
    from app.models import Topic

    things.remove(Topic, topic)
    say(f"Sites that listed it are made anew {things.BY_WHOM}.")
