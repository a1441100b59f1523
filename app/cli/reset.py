"""`pygai reset`: T4 from the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import given

if TYPE_CHECKING:
    from app.runtime import Runtime


def reset(
    id_: Annotated[int | None, typer.Option("--id", min=1, help="Only this prompt.")] = None,
    interval: Annotated[str | None, typer.Option(metavar="NAME|ID", help="Only prompts of this interval.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="NAME|ID", help="Only prompts of this topic.")] = None,
    directory: Annotated[str | None, typer.Option(metavar="NAME|ID", help="Only prompts of this site.")] = None,
) -> None:
    """Make used prompts available again and restore their counts (T4).

    What an operator disabled stays disabled, and running leases stay.

    Examples:

    - `pygai reset`
    - `pygai reset --topic Wordsmith`
    - `pygai reset --id 1`
    """
    from app.cli.output import say
    from app.cli.running import operator, run
    from schemas.prompt import PromptSelection

    selection = PromptSelection(**given(id=id_, interval=interval, topic=topic, directory=directory))

    async def work(runtime: "Runtime") -> str:
        filters = await runtime.connector.find_filters(operator(), selection)
        count = await runtime.connector.reset_prompts(operator(), filters)
        return "Reset by an extension." if count is None else f"{count} used prompts are available again."

    say(run(work))
