"""`pygai token`: what clients present instead of a password."""

from typing import Annotated

import typer

from app.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Tokens: personal access tokens, and those of signed-in clients.")

COLUMNS = ("id", "user", "name", "kind", "created_at", "expires_at", "revoked_at")


@app.command("add")
def add(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whose token it is.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="How long it is good; for ever when not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a personal access token. Its secret is shown this once.

    Examples:

    - `pygai token add gai@example.com --name "Gai on my phone" --days 365`
    - `pygai token add gai@example.com --json`
    """
    from app.cli.output import columns_of, print_row, warn
    from app.cli.running import operator, run
    from schemas.token import TokenDraft

    draft = TokenDraft(email=email, name=name, days=days)
    added = run(lambda runtime: runtime.connector.add_token(operator(), draft))
    print_row(columns_of(added), as_json=as_json)
    warn("Keep the secret now: it is not stored and cannot be shown again.")


@app.command("list")
def list_(
    user: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only this user's.")] = None,
    sessions: Annotated[bool, typer.Option("--sessions", help="Those of signed-in clients too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List personal access tokens, never their secrets.

    Examples:

    - `pygai token list`
    - `pygai token list --user gai@example.com --sessions --json`
    """
    from app.cli.output import columns_of, print_rows
    from app.cli.running import operator, run

    tokens = run(lambda runtime: runtime.connector.list_tokens(operator(), user=user, sessions=sessions))
    print_rows([columns_of(token) for token in tokens], as_json=as_json, columns=COLUMNS)


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID|JTI", help="Its number or its `jti`, as listed.")],
) -> None:
    """Revoke a token: from now on nobody gets in with it.

    Examples:

    - `pygai token revoke 3`
    - `pygai token revoke pat-0f9a3c`
    """
    from app.cli.output import say
    from app.cli.running import operator, run

    revoked = run(lambda runtime: runtime.connector.revoke_token(operator(), token))
    say(f"Revoked {revoked}.")
