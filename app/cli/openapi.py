"""`pygai openapi`: the description of the HTTP API."""

import json
from pathlib import Path
from typing import Annotated

import typer


def openapi(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")] = None,
) -> None:
    """Print the OpenAPI document as JSON; needs no database.

    Examples:

    - `pygai openapi`
    - `pygai openapi --output openapi.json`
    """
    from app.cli.output import print_json, say
    from app.cli.running import read_settings
    from app.main import create_app

    document = create_app(read_settings()).openapi()
    if output is None:
        print_json(document)
        return
    output.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(f"Wrote {output}.")
