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


@app.command("remove")
def remove(content: ContentId) -> None:
    """Remove a content and take its page from the site.

    Examples:

    - `pygai content remove 12`
    """
    from app.cli import content_work

    content_work.remove(content)
