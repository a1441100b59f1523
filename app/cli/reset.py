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
    from app.cli.prompt_work import resolve
    from app.cli.running import note, run
    from app.prompts import handlers, service
    from app.prompts.queries import Filters

    async def work(runtime: "Runtime") -> str:
        async with runtime.database.session() as session:
            names = given(interval=interval, topic=topic, directory=directory)
            columns = {name: number or 0 for name, number in (await resolve(session, names)).items()}
            filters = Filters(id=id_ or 0, **columns)
            note(session, "prompt.reset", "prompts", **dict(filters.given))
        extensions = runtime.extensions
        if extensions.has("resetHandler"):
            await handlers.reset(extensions, runtime.database, runtime.settings, filters=filters)
            return "Reset by an extension."
        reset_now = await service.reset(runtime.database, runtime.settings, filters=filters)
        return f"{reset_now} used prompts are available again."

    say(run(work))
