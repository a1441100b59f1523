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
    from app.cli.running import operator, run
    from schemas.catalog import TopicDraft

    draft = TopicDraft(name=name, memo=memo or None)
    added = run(lambda runtime: runtime.connector.add_topic(operator(), draft))
    things.print_added("topic", added, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the topics.

    Examples:

    - `pygai topic list`
    - `pygai topic list --json`
    """
    from app.cli import things
    from app.cli.running import operator, run

    listed = run(lambda runtime: runtime.connector.list_topics(operator()))
    things.print_list("topic", listed, as_json=as_json)


@app.command("show")
def show(topic: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one topic.

    Examples:

    - `pygai topic show Wordsmith`
    - `pygai topic show 3 --json`
    """
    from app.cli.output import columns_of, print_row
    from app.cli.running import operator, run

    found = run(lambda runtime: runtime.connector.read_topic(operator(), topic))
    print_row(columns_of(found), as_json=as_json)


@app.command("edit")
def edit(topic: NameOrNumber, name: NewName = None, memo: Memo = None, as_json: AsJson = False) -> None:
    """Rename a topic or change its memo. Sites that list it follow by themselves.

    Examples:

    - `pygai topic edit Rain --name "Rain and snow"`
    - `pygai topic edit 3 --memo ""`
    """
    from app.cli import things
    from app.cli.output import say
    from app.cli.running import operator, run
    from schemas.catalog import TopicChanges

    changes = TopicChanges(**changed(name=name, memo=memo))
    edited = run(lambda runtime: runtime.connector.edit_topic(operator(), topic, changes))
    things.print_changed("topic", edited, as_json=as_json)
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
    from app.cli.running import operator, run

    things.say_removed("topic", run(lambda runtime: runtime.connector.remove_topic(operator(), topic)))
    say(f"Sites that listed it are made anew {things.BY_WHOM}.")
