"""`pygai prompt`: the tasks that are handed out."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.options import After, AsJson, Limit, Memo, TextFile, changed, cleared, given, text_of

if TYPE_CHECKING:
    from app.runtime import Runtime
    from schemas.prompt import PromptSummary

app = typer.Typer(no_args_is_help=True, help="Prompts: the tasks that are handed out to clients.")

PromptId = Annotated[int, typer.Argument(metavar="ID", help="The prompt's number.")]
Text = Annotated[str | None, typer.Option(help="What is asked of the model.")]
Kind = Literal["gentxt", "genimg"]
KIND_HELP = "What is to be generated: a text or an image."
Topic = Annotated[str | None, typer.Option(metavar="NAME|ID", help="Its topic.")]
Interval = Annotated[str | None, typer.Option(metavar="NAME|ID", help="When it comes due again.")]
Config = Annotated[str | None, typer.Option(metavar="NAME|ID", help="Its parameters.")]
Instruction = Annotated[str | None, typer.Option(metavar="NAME|ID", help="What the model is told first.")]
Directory = Annotated[str | None, typer.Option(metavar="NAME|ID", help="The site it is published to.")]
ShowInContent = Annotated[
    bool | None,
    typer.Option("--show-in-content/--hide-in-content", help="Whether pages show the prompt's text."),
]


@app.command("add")
def add(
    text: Text = None,
    text_file: TextFile = None,
    type_: Annotated[Kind, typer.Option("--type", help=KIND_HELP)] = "gentxt",
    topic: Topic = None,
    interval: Interval = None,
    config: Config = None,
    instruction: Instruction = None,
    directory: Directory = None,
    count: Annotated[int, typer.Option(min=0, help="How often it is to be done.")] = 10,
    file: Annotated[
        list[str] | None, typer.Option(metavar="PATH|URL", help="An attachment; may be given again.")
    ] = None,
    show_in_content: ShowInContent = None,
    disabled: Annotated[bool, typer.Option("--disabled", help="Do not hand it out yet.")] = False,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Add a prompt; it is available at once.

    Examples:

    - `pygai prompt add --text "Write an essay about rain." --topic Wordsmith --interval daily`
    - `pygai prompt add --type genimg --text "Rain at night" --config "Square picture" --count 3`
    - `pygai prompt add --text-file task.txt --file photo.png --file https://example.com/map.png --disabled`
    """
    from app.cli import prompt_work
    from app.cli.running import operator, run
    from schemas.prompt import PromptDraft

    fields = given(
        text=text_of(text, text_file), type=type_, is_show_in_content=show_in_content, memo=memo or None
    )
    if "text" not in fields:
        raise typer.BadParameter("give --text or --text-file")
    references = given(topic=topic, interval=interval, config=config, instruction=instruction, directory=directory)
    draft = PromptDraft(**fields, **references, count=count, is_enabled=not disabled)
    files = prompt_work.sources_of(file or [])
    added = run(lambda runtime: runtime.connector.add_prompt(operator(), draft, attach=files))
    prompt_work.print_changed("Added", added, as_json=as_json)


@app.command("list")
def list_(
    topic: Topic = None,
    interval: Interval = None,
    directory: Directory = None,
    after: After = 0,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List prompts and how each stands.

    Examples:

    - `pygai prompt list`
    - `pygai prompt list --topic Wordsmith --json`
    - `pygai prompt list --after 50`
    """
    from app.cli import prompt_work
    from app.cli.running import operator, run
    from schemas.prompt import PromptSelection

    selection = PromptSelection(**given(topic=topic, interval=interval, directory=directory))

    async def work(runtime: "Runtime") -> "list[PromptSummary]":
        filters = await runtime.connector.find_filters(operator(), selection)
        return await runtime.connector.list_prompts(operator(), filters, after=after, limit=limit)

    prompt_work.print_summaries(run(work), as_json=as_json)


@app.command("show")
def show(prompt: PromptId, as_json: AsJson = False) -> None:
    """Show one prompt with its lease, return data, attachments and the last attempts that clients reported.

    Examples:

    - `pygai prompt show 1`
    - `pygai prompt show 1 --json`
    """
    from app.cli import prompt_work
    from app.cli.running import operator, run

    found = run(lambda runtime: runtime.connector.show_prompt(operator(), prompt))
    prompt_work.print_details(found, as_json=as_json)


@app.command("edit")
def edit(
    prompt: PromptId,
    text: Text = None,
    text_file: TextFile = None,
    type_: Annotated[Kind | None, typer.Option("--type", help=KIND_HELP)] = None,
    topic: Topic = None,
    interval: Interval = None,
    config: Config = None,
    instruction: Instruction = None,
    directory: Directory = None,
    count: Annotated[
        int | None, typer.Option(min=0, help="How often it is to be done from now on, and again after a reset.")
    ] = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is handed out.")] = None,
    attach: Annotated[
        list[str] | None, typer.Option(metavar="PATH|URL", help="A further attachment; may be given again.")
    ] = None,
    detach: Annotated[
        list[int] | None, typer.Option(metavar="FILE-ID", help="An attachment to take away; may be given again.")
    ] = None,
    show_in_content: ShowInContent = None,
    memo: Memo = None,
    as_json: AsJson = False,
) -> None:
    """Change a prompt. An empty `--topic`, `--interval` and so on takes it away.

    A prompt that ran out is enabled again by a new count. With another interval, or enabled anew, a returned
    prompt comes due at the first instant of its interval after the return.

    Examples:

    - `pygai prompt edit 1 --text "Write a poem about rain." --count 5`
    - `pygai prompt edit 1 --interval hourly --enable`
    - `pygai prompt edit 1 --attach photo.png --detach 7 --topic ""`
    """
    from app.cli import prompt_work

    fields = given(text=text_of(text, text_file), type=type_, count=count)
    fields |= given(is_enabled=enable, is_show_in_content=show_in_content)
    fields |= cleared(memo=memo, topic=topic, interval=interval, config=config)
    fields |= cleared(instruction=instruction, directory=directory)
    changed(fields=fields or None, attach=attach or None, detach=detach or None)
    prompt_work.edit(prompt, fields, attach=attach or [], detach=detach or [], as_json=as_json)


@app.command("remove")
def remove(prompt: PromptId) -> None:
    """Remove a prompt; what it brought forth stays.

    Examples:

    - `pygai prompt remove 1`
    """
    from app.cli.output import say
    from app.cli.running import operator, run

    run(lambda runtime: runtime.connector.remove_prompt(operator(), prompt))
    say(f"Removed prompt {prompt}.")


@app.command("release")
def release(prompt: PromptId) -> None:
    """Take a prompt back from the client that holds it, so that another gets it.

    Examples:

    - `pygai prompt release 1`
    """
    from app.cli.output import say
    from app.cli.running import operator, run

    was_leased = run(lambda runtime: runtime.connector.release_prompt(operator(), prompt))
    say(f"Prompt {prompt} is free again." if was_leased else f"Prompt {prompt} was not on lease.")
