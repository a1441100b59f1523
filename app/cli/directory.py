"""`pygai directory`: the websites that contents are published to."""

from typing import Annotated

import typer

from app.cli.options import AsJson, NameOrNumber, NewName, changed

app = typer.Typer(no_args_is_help=True, help="Directories: the websites that contents are published to.")

PATH_HELP = "A folder below the sites root, or a store's URL (file://, s3://, gs://, az://)."
TITLE_HELP = "The site's title; its name when there is none."
DESCRIPTION_HELP = "What the site is about, in a sentence."
LANGUAGE_HELP = "The language of its pages, such as en or zh."
TEMPLATE_HELP = "The template of its pages."


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name, a part of every page's address.")],
    path: Annotated[str | None, typer.Option(help=f"{PATH_HELP} The name when not given.")] = None,
    title: Annotated[str | None, typer.Option(help=TITLE_HELP)] = None,
    description: Annotated[str | None, typer.Option(help=DESCRIPTION_HELP)] = None,
    language: Annotated[str, typer.Option(help=LANGUAGE_HELP)] = "en",
    template: Annotated[str, typer.Option(help=TEMPLATE_HELP)] = "default",
    as_json: AsJson = False,
) -> None:
    """Add a website.

    Examples:

    - `pygai directory add MyWebSite --title "My Web Site"`
    - `pygai directory add Poems --path s3://my-bucket/poems --language zh`
    """
    from app.cli import things
    from app.models import Directory

    row = Directory(
        name=name,
        path=path or name,
        title=title or None,
        description=description or None,
        language=language,
        tmpl=template,
    )
    things.add(row, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the websites.

    Examples:

    - `pygai directory list`
    - `pygai directory list --json`
    """
    from app.cli import things
    from app.models import Directory

    things.print_all(Directory, as_json=as_json)


@app.command("show")
def show(directory: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one website, where it is kept and its address.

    Examples:

    - `pygai directory show MyWebSite`
    - `pygai directory show 1 --json`
    """
    from app.cli import things
    from app.cli.output import columns_of, print_row
    from app.cli.running import read_settings
    from app.models import Directory
    from app.publishing.sites import location_of, site_url

    row, settings = things.get(Directory, directory), read_settings()
    places = {"location": location_of(settings, row), "url": site_url(settings, row)}
    print_row({**columns_of(row), **places}, as_json=as_json)


@app.command("edit")
def edit(
    directory: NameOrNumber,
    name: NewName = None,
    path: Annotated[str | None, typer.Option(help=PATH_HELP)] = None,
    title: Annotated[str | None, typer.Option(help=TITLE_HELP)] = None,
    description: Annotated[str | None, typer.Option(help=DESCRIPTION_HELP)] = None,
    language: Annotated[str | None, typer.Option(help=LANGUAGE_HELP)] = None,
    template: Annotated[str | None, typer.Option(help=TEMPLATE_HELP)] = None,
    as_json: AsJson = False,
) -> None:
    """Change a website; pages that are there stay until they are published again.

    Examples:

    - `pygai directory edit MyWebSite --title "Rainy days"`
    - `pygai directory edit MyWebSite --path other-folder`
    """
    from app.cli import things
    from app.models import Directory

    changes = changed(name=name, path=path, title=title, description=description, language=language, tmpl=template)
    things.edit(Directory, directory, changes, as_json=as_json)


@app.command("remove")
def remove(directory: NameOrNumber) -> None:
    """Remove a website from the list; its files stay where they are.

    Examples:

    - `pygai directory remove MyWebSite`
    """
    from app.cli import things
    from app.models import Directory

    things.remove(Directory, directory)
