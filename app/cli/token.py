"""`pygai token`: what clients present instead of a password."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.models import Token, User

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
    from app.access import service
    from app.cli.output import print_row, warn
    from app.cli.running import note, run_in_session

    async def work(session: Any) -> dict[str, Any]:
        token, secret = await service.add_personal_token(session, email=email, name=name, days=days)
        await session.refresh(token)
        note(session, "token.add", token.jti, user=email.strip().lower(), days=days)
        user = await service.get_user(session, email=email)
        return {**shown(token, user), "secret": secret}

    print_row(run_in_session(work), as_json=as_json)
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
    from app.access import queries, service
    from app.cli.output import print_rows
    from app.cli.running import run_in_session

    async def work(session: Any) -> list[dict[str, Any]]:
        user_id = (await service.get_user(session, email=user)).id if user else None
        pairs = await queries.list_tokens(session, user_id=user_id)
        return [shown(*pair) for pair in pairs if sessions or is_personal(pair[0])]

    print_rows(run_in_session(work), as_json=as_json, columns=COLUMNS)


@app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID|JTI", help="Its number or its `jti`, as listed.")],
) -> None:
    """Revoke a token: from now on nobody gets in with it.

    Examples:

    - `pygai token revoke 3`
    - `pygai token revoke pat-0f9a3c`
    """
    from app.access import service
    from app.cli.output import say
    from app.cli.running import note, run_in_session

    async def work(session: Any) -> str:
        jti = await _jti_of(session, token)
        await service.revoke_token(session, jti=jti)
        note(session, "token.revoke", jti)
        return jti

    say(f"Revoked {run_in_session(work)}.")


async def _jti_of(session: Any, reference: str) -> str:
    from app.models import Token

    if not (reference.isascii() and reference.isdecimal()) or len(reference) > 18:
        return reference
    found = await session.get(Token, int(reference))
    return found.jti if found else reference


def is_personal(token: "Token") -> bool:
    return token.kind == "personal"


def shown(token: "Token", user: "User") -> dict[str, Any]:
    return {
        "id": token.id,
        "user": user.email,
        "name": token.name,
        "kind": token.kind,
        "jti": token.jti,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }
