"""`pygai content`: what clients handed back."""

from typing import Annotated

import typer

from app.cli.options import AsJson, Limit

app = typer.Typer(no_args_is_help=True, help="Contents: what clients handed back.")

ContentId = Annotated[int, typer.Argument(metavar="ID", help="The content's number.")]


@app.command("list")
def list_(
    prompt: Annotated[int | None, typer.Option(metavar="ID", help="Only what this prompt brought forth.")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Only those with a lesser number, to page on.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List contents, the newest first.

    Examples:

    - `pygai content list`
    - `pygai content list --prompt 1 --limit 10 --json`
    """
    from app.cli import content_work

    content_work.print_all(prompt_id=prompt, before_id=before, limit=limit, as_json=as_json)


@app.command("show")
def show(content: ContentId, as_json: AsJson = False) -> None:
    """Show one content, what became of its files, and its page.

    Examples:

    - `pygai content show 12`
    - `pygai content show 12 --json`
    """
    from app.cli import content_work

    content_work.show(content, as_json=as_json)


@app.command("approve")
def approve(
    content: ContentId,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="EMAIL", help="The user who has read it and stands behind it; the only one there is."
        ),
    ] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take the approval back, whoever has given it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say that a person has read a content and stands behind it; its page is made again.

    Examples:

    - `pygai content approve 12 --by editor@example.com`
    - `pygai content approve 12 --withdraw`
    """
    from app.cli import content_work

    if by is not None and withdraw:
        raise typer.BadParameter("give --by or --withdraw, not both")
    if withdraw:
        content_work.withdraw_approval(content, as_json=as_json)
    else:
        content_work.approve(content, by=by, as_json=as_json)


@app.command("move")
def move(
    content: ContentId,
    topic: Annotated[
        str | None, typer.Option(metavar="NAME|ID", help="The topic it is to be listed under; empty for none.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="NAME", help="The site that is to have its page.")] = None,
    as_json: AsJson = False,
) -> None:
    """Move a published page to another topic, where it keeps its address, or to another site, which it leads to.

    Examples:

    - `pygai content move 12 --topic Travel`
    - `pygai content move 12 --site Poems`
    """
    from app.cli import content_work

    if (topic is None) == (site is None):
        raise typer.BadParameter("give --topic or --site")
    content_work.move(content, topic=topic, site=site, as_json=as_json)


@app.command("remove")
def remove(content: ContentId) -> None:
    """Remove a content and take its page from the site.

    Examples:

    - `pygai content remove 12`
    """
    from app.cli import content_work

    content_work.remove(content)
