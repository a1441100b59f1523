"""`pygai theme`: how the pages of a site look."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Themes: how the pages of a site look.")

DEFAULT_PORT = 5060


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the themes, where each comes from and what it changes of the default.

    Examples:

    - `pygai theme list`
    - `pygai theme list --json`
    """
    from app.cli import theme_work

    theme_work.print_all(as_json=as_json)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Its name: letters, digits, `-` and `_`.")],
    base: Annotated[
        str | None, typer.Option("--from", metavar="THEME", help="The theme to begin with; the default.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Copy every file, not only those that one begins with.")
    ] = False,
) -> None:
    """Make a theme of your own: a folder below PYGAI_THEMES_PATH with a stylesheet and a README.

    What the folder does not have comes from the default theme, file by file.

    Examples:

    - `pygai theme new mine`
    - `pygai theme new weekly --from magazine`
    - `pygai theme new mine --whole`
    """
    from app.cli import theme_work

    theme_work.make(name, base=base, whole=whole)


@app.command("preview")
def preview(
    name: Annotated[str, typer.Argument(help="The theme to look at.")],
    site: Annotated[
        str | None,
        typer.Option("--site", metavar="NAME", help="Show the articles of this site, and not a sample."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = DEFAULT_PORT,
    once: Annotated[
        Path | None,
        typer.Option(
            "--once", metavar="FOLDER", help="Write the pages into a new folder and end, serving nothing."
        ),
    ] = None,
) -> None:
    """Look at a theme in a browser while you write it: each page is made anew when it is asked for.

    Where a template fails, its name, the line and the reason stand in place of the page.

    Examples:

    - `pygai theme preview mine`
    - `pygai theme preview magazine --site MyWebSite --port 5061`
    - `pygai theme preview mine --once /tmp/pages`
    """
    from app.cli.output import say
    from app.cli.running import read_settings
    from app.core.postgres.lifecycle import open_database
    from app.publishing.preview.server import Preview

    settings = read_settings()
    shown = Preview(settings, name, site, lambda: open_database(settings, migrates=True))
    if once is None:
        shown.serve(port, announce=lambda url: say(f"The theme {name} is shown at {url} until you press Ctrl+C."))
    else:
        say(f"{shown.write(once)} files are in {once}.")
