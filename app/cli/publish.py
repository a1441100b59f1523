"""`pygai publish` and `pygai unpublish`: pages of contents, now or later, and whole sites."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli.options import AsJson

SiteName = Annotated[
    str | None, typer.Option("--site", metavar="NAME", help="With --all or --check: this site alone.")
]


def publish(
    contents: Annotated[
        list[int] | None, typer.Argument(metavar="[CONTENT_ID]...", help="The numbers of contents.")
    ] = None,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Make the pages anew that are there already.")
    ] = False,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"],
            help="Publish then and not now; the site's own time where no offset is given.",
        ),
    ] = None,
    all_: Annotated[
        bool,
        typer.Option("--all", help="Publish what was asked for and is not there yet, then make whole sites anew."),
    ] = False,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Every content that has no page, asked for or not.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare every file with what it should be, and mend what is not."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --check: only look.")] = False,
    delete_foreign: Annotated[
        bool,
        typer.Option("--delete-foreign", help="With --check: delete files that nothing of the site accounts for."),
    ] = False,
    site: SiteName = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, help="With --all or --check: processes; one per core."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish contents as pages of their sites, through the extensions that take part.

    Whole sites (--all, --check) are made from the database. Readers have the old pages until the new ones are
    there, and an interrupted --all goes on where it was when it is run again.

    Examples:

    - `pygai publish 12 13`
    - `pygai publish 12 --rewrite`
    - `pygai publish 12 --at 2026-12-24T18:00`
    - `pygai publish --all`
    - `pygai publish --all --site MyWebSite --workers 2`
    - `pygai publish --check --dry-run --json`
    - `pygai publish --unpublished`
    """
    from app.cli import publish_work

    if sum([bool(contents), all_, unpublished, check]) != 1:
        raise typer.BadParameter("give numbers of contents, or one of --all, --unpublished and --check")
    if at is not None:
        if not contents or rewrite:
            raise typer.BadParameter("--at takes numbers of contents that are not published yet")
        publish_work.schedule(contents, at=at, as_json=as_json)
        return
    if (dry_run or delete_foreign) and not check:
        raise typer.BadParameter("--dry-run and --delete-foreign belong to --check")
    if check:
        publish_work.check(site, mend=not dry_run, delete_foreign=delete_foreign, workers=workers, as_json=as_json)
    elif all_:
        publish_work.rebuild(site, rewrite=rewrite, workers=workers, as_json=as_json)
    else:
        publish_work.publish(contents, rewrite=rewrite, as_json=as_json)


def unpublish(
    contents: Annotated[list[int], typer.Argument(metavar="CONTENT_ID...", help="The numbers of contents.")],
    as_json: AsJson = False,
) -> None:
    """Take pages away, or give up plans to publish. The contents stay and may be published again.

    The address says that the page is gone, and no list, feed or search leads there any more.

    Examples:

    - `pygai unpublish 12`
    - `pygai unpublish 12 13 --json`
    """
    from app.cli import publish_work

    publish_work.withdraw(contents, as_json=as_json)
