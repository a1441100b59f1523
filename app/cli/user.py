"""`pygai user`: who may sign in."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.options import AsJson

if TYPE_CHECKING:
    from app.models import User

app = typer.Typer(no_args_is_help=True, help="Users: who may sign in, as administrator or as client.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
Password = Annotated[
    str | None,
    typer.Option(
        envvar="PYGAI_NEW_PASSWORD",
        show_envvar=True,
        help="The password. Others on this machine can read command lines: the variable or the prompt is safer.",
    ),
]
MakePassword = Annotated[bool, typer.Option("--make-password", help="Make a password up and show it once.")]
RoleName = Literal["admin", "client"]


@app.command("add")
def add(
    email: Email,
    password: Password = None,
    make_password: MakePassword = False,
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "client",
    as_json: AsJson = False,
) -> None:
    """Add a user; asks for the password when none is given.

    Examples:

    - `pygai user add gai@example.com`
    - `pygai user add boss@example.com --role admin --make-password`
    """
    from app.access import service
    from app.cli.output import print_row, say
    from app.cli.running import note, run_in_session
    from app.models import Role

    secret = _password(password, make_password=make_password, ask=True) or ""

    async def work(session: Any) -> "User":
        user = await service.add_user(session, email=email, password=secret, role=Role(role))
        note(session, "user.add", user.email, role=role)
        await session.refresh(user)
        return user

    user = run_in_session(work)
    print_row(_shown(user, secret if make_password else None), as_json=as_json)
    say(f"Added {user.email}.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the users.

    Examples:

    - `pygai user list`
    - `pygai user list --json`
    """
    from app.access import queries
    from app.cli.output import print_rows
    from app.cli.running import run_in_session

    print_rows([_shown(user) for user in run_in_session(queries.list_users)], as_json=as_json)


@app.command("show")
def show(email: Email, as_json: AsJson = False) -> None:
    """Show one user and their personal access tokens.

    Examples:

    - `pygai user show gai@example.com`
    - `pygai user show gai@example.com --json`
    """
    from app.access import queries, service
    from app.cli import token
    from app.cli.output import print_row
    from app.cli.running import run_in_session

    async def work(session: Any) -> dict[str, Any]:
        user = await service.get_user(session, email=email)
        tokens = await queries.list_tokens(session, user_id=user.id)
        return {**_shown(user), "tokens": [token.shown(*pair) for pair in tokens if token.is_personal(pair[0])]}

    print_row(run_in_session(work), as_json=as_json)


@app.command("edit")
def edit(
    email: Email,
    password: Password = None,
    make_password: MakePassword = False,
    role: Annotated[RoleName | None, typer.Option(help="What they may do.")] = None,
    active: Annotated[bool | None, typer.Option("--activate/--deactivate", help="Whether they get in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a user; without any option it asks for a new password.

    A new password and deactivation end every token of the user.

    Examples:

    - `pygai user edit gai@example.com`
    - `pygai user edit gai@example.com --deactivate`
    - `pygai user edit boss@example.com --role admin --make-password`
    """
    from app.access import service
    from app.cli.output import print_row, say
    from app.cli.running import note, run_in_session
    from app.models import Role

    ask = role is None and active is None
    secret = _password(password, make_password=make_password, ask=ask)

    async def work(session: Any) -> "User":
        user = await service.change_user(
            session, email=email, password=secret, role=Role(role) if role else None, is_active=active
        )
        note(session, "user.edit", user.email, role=role, is_active=active, password=secret is not None)
        await session.refresh(user)
        return user

    user = run_in_session(work)
    print_row(_shown(user, secret if make_password else None), as_json=as_json)
    say(f"Changed {user.email}.")


@app.command("remove")
def remove(email: Email) -> None:
    """Remove a user with all tokens; what they submitted stays.

    Examples:

    - `pygai user remove gai@example.com`
    """
    from app.access import service
    from app.cli.output import say
    from app.cli.running import note, run_in_session

    async def work(session: Any) -> None:
        await service.remove_user(session, email=email)
        note(session, "user.remove", email.strip().lower())

    run_in_session(work)
    say(f"Removed {email}.")


def _password(given: str | None, *, make_password: bool, ask: bool) -> str | None:
    if make_password:
        from app.core.security import made_up_password

        return made_up_password()
    if given is not None or not ask:
        return given
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _shown(user: "User", made_up_password: str | None = None) -> dict[str, Any]:
    columns = {
        "id": user.id,
        "email": user.email,
        "role": user.role,
        "is_active": user.is_active,
        "created_at": user.created_at,
    }
    return columns if made_up_password is None else {**columns, "password": made_up_password}
