"""`pygai extension`: what stands in for the service's own steps."""

import typer

from app.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Extensions: what stands in for the service's own steps.")

COLUMNS = ("name", "version", "enabled", "handlers", "problem", "source")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List extensions: enabled ones in their order, then what else was found, and what would not load.

    Examples:

    - `pygai extension list`
    - `pygai extension list --json`
    """
    from app.cli.output import print_rows
    from app.cli.running import read_settings
    from app.host import ExtensionHost

    settings = read_settings().model_copy(update={"strict_extensions": False})
    print_rows(ExtensionHost.load(settings).describe(), as_json=as_json, columns=COLUMNS)
