"""`pygai directory`: the websites that contents are published to."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.options import CLEARABLE, AsJson, NameOrNumber, NewName, changed, given, text_of
from app.cli.site_language import tell_language

app = typer.Typer(no_args_is_help=True, help="Directories: the websites that contents are published to.")


class Template(StrEnum):
    """What is written for a site: its pages, or what another program makes them from."""

    DEFAULT = "default"
    MKDOCS = "mkdocs"
    HUGO = "hugo"


PATH_HELP = (
    "A folder below the sites root; another folder, or a store's address (file://, s3://, gs://, az://), where "
    "PYGAI_SITES_ALLOWED_ROOTS allows it."
)

Title = Annotated[str | None, typer.Option(help="The site's title; its name when there is none.")]
Description = Annotated[str | None, typer.Option(help="What the site is about, in a sentence.")]
About = Annotated[str | None, typer.Option(help="The text of its about page, in Markdown.")]
AboutFile = Annotated[
    Path | None,
    typer.Option(allow_dash=True, help="A file with that text; `-` reads what is piped in."),
]
Language = Annotated[str | None, typer.Option(help="The language of its pages, such as en or zh-Hans.")]
Author = Annotated[str | None, typer.Option(help="Whose name its pages and feeds carry.")]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", help="Its own public address; below the address of the service when there is none."
    ),
]
TemplateName = Annotated[
    Template | None,
    typer.Option("--template", "--tmpl", help="What is written: pages, or Markdown for MkDocs or Hugo."),
]
Theme = Annotated[str | None, typer.Option(help="How its pages look.")]
PageSize = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Articles on a page of a list, 1 to 100; its first page grows to twice as many."
    ),
]
TimeZone = Annotated[str | None, typer.Option("--time-zone", help="The zone of its dates, such as Europe/Berlin.")]
DisclosesAi = Annotated[
    bool | None,
    typer.Option(
        "--discloses-ai/--no-discloses-ai",
        help="Whether a page says that it was written with AI until a person has approved it.",
    ),
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Its name, a part of every page's address.")],
    path: Annotated[str | None, typer.Option(help=f"{PATH_HELP} The name when not given.")] = None,
    title: Title = None,
    description: Description = None,
    about: About = None,
    about_file: AboutFile = None,
    language: Language = None,
    author: Author = None,
    base_url: BaseUrl = None,
    template: TemplateName = None,
    theme: Theme = None,
    page_size: PageSize = None,
    time_zone: TimeZone = None,
    discloses_ai: DisclosesAi = None,
    as_json: AsJson = False,
) -> None:
    """Add a website.

    Examples:

    - `pygai directory add MyWebSite --title "My Web Site" --author "Rain Writer"`
    - `pygai directory add Poems --base-url https://poems.example.org/ --language zh --time-zone Asia/Shanghai`
    - `pygai directory add Notes --template mkdocs --path /srv/notes`
    """
    from app.cli import directory_work
    from schemas.site import SiteDraft

    columns = _said(
        path=path or None,
        title=title,
        description=description,
        about=_about(about, about_file),
        language=language,
        author=author,
        base_url=base_url,
        tmpl=template and template.value,
        theme=theme,
        page_size=page_size,
        time_zone=time_zone,
        discloses_ai=discloses_ai,
    )
    added = directory_work.add(SiteDraft(name=name, **columns), as_json=as_json)
    tell_language(added, language)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the websites.

    Examples:

    - `pygai directory list`
    - `pygai directory list --json`
    """
    from app.cli import directory_work

    directory_work.print_all(as_json=as_json)


@app.command("show")
def show(directory: NameOrNumber, as_json: AsJson = False) -> None:
    """Show one website, where it is kept and its address.

    Examples:

    - `pygai directory show MyWebSite`
    - `pygai directory show 1 --json`
    """
    from app.cli import directory_work

    directory_work.show(directory, as_json=as_json)


@app.command("edit")
def edit(
    directory: NameOrNumber,
    name: NewName = None,
    path: Annotated[str | None, typer.Option(help=PATH_HELP)] = None,
    title: Title = None,
    description: Description = None,
    about: About = None,
    about_file: AboutFile = None,
    language: Language = None,
    author: Author = None,
    base_url: BaseUrl = None,
    template: TemplateName = None,
    theme: Theme = None,
    page_size: PageSize = None,
    time_zone: TimeZone = None,
    discloses_ai: DisclosesAi = None,
    as_json: AsJson = False,
) -> None:
    """Change a website. Its pages follow by themselves, and the old ones are there until the new ones are.

    Examples:

    - `pygai directory edit MyWebSite --title "Rainy days" --page-size 20`
    - `pygai directory edit MyWebSite --about-file about.md --discloses-ai`
    - `pygai directory edit MyWebSite --path other-folder --base-url ""`
    """
    from app.cli import directory_work
    from schemas.site import SiteChanges

    changes = changed(
        name=name,
        path=path,
        title=title,
        description=description,
        about=_about(about, about_file),
        language=language,
        author=author,
        base_url=base_url,
        tmpl=template and template.value,
        theme=theme,
        page_size=page_size,
        time_zone=time_zone,
        discloses_ai=discloses_ai,
    )
    edited = directory_work.edit(directory, SiteChanges(**changes), as_json=as_json)
    tell_language(edited, language)


@app.command("remove")
def remove(
    directory: NameOrNumber,
    keep_files: Annotated[
        bool, typer.Option("--keep-files", help="Leave its pages as files that nobody looks after any more.")
    ] = False,
    delete_files: Annotated[
        bool, typer.Option("--delete-files", help="Delete every file that was made there; yours stay.")
    ] = False,
) -> None:
    """Remove a website. While articles are live there, say what becomes of their files.

    Examples:

    - `pygai directory remove MyWebSite`
    - `pygai directory remove MyWebSite --keep-files`
    - `pygai directory remove MyWebSite --delete-files`
    """
    from app.cli import directory_work
    from schemas.site import Files

    if keep_files and delete_files:
        raise typer.BadParameter("give --keep-files or --delete-files, not both")
    said = Files.DELETED if delete_files else Files.KEPT if keep_files else Files.ASKED
    directory_work.remove(directory, files=said)


def _said(**columns: Any) -> dict[str, Any]:
    """The options that were given and say something."""
    return {name: value for name, value in given(**columns).items() if value != "" or name not in CLEARABLE}


def _about(about: str | None, file: Path | None) -> str | None:
    if about is not None and file is not None:
        raise typer.BadParameter("give --about or --about-file, not both")
    return about if file is None else text_of(None, file)
