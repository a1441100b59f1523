"""`pygai user`: who may sign in."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.options import AsJson, given

if TYPE_CHECKING:
    from schemas.user import UserSummary

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
    from pydantic import SecretStr

    from app.cli.output import print_row, say
    from app.cli.running import operator, run
    from schemas.user import Role, UserDraft

    secret = _password(password, make_password=make_password, ask=True) or ""
    draft = UserDraft(email=email, password=SecretStr(secret), role=Role(role))
    user = run(lambda runtime: runtime.connector.add_user(operator(), draft))
    print_row(_shown(user, secret if make_password else None), as_json=as_json)
    say(f"Added {user.email}.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the users.

    Examples:

    - `pygai user list`
    - `pygai user list --json`
    """
    from app.cli.output import columns_of, print_rows
    from app.cli.running import operator, run

    users = run(lambda runtime: runtime.connector.list_users(operator()))
    print_rows([columns_of(user) for user in users], as_json=as_json)


@app.command("show")
def show(email: Email, as_json: AsJson = False) -> None:
    """Show one user and their personal access tokens.

    Examples:

    - `pygai user show gai@example.com`
    - `pygai user show gai@example.com --json`
    """
    from app.cli.output import print_row
    from app.cli.running import operator, run

    user = run(lambda runtime: runtime.connector.read_user(operator(), email))
    print_row(user.model_dump(), as_json=as_json)


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
    from app.cli.output import print_row, say
    from app.cli.running import operator, run
    from schemas.user import UserChanges

    ask = role is None and active is None
    secret = _password(password, make_password=make_password, ask=ask)
    changes = UserChanges(**given(password=secret, role=role, is_active=active))
    user = run(lambda runtime: runtime.connector.edit_user(operator(), email, changes))
    print_row(_shown(user, secret if make_password else None), as_json=as_json)
    say(f"Changed {user.email}.")


@app.command("remove")
def remove(email: Email) -> None:
    """Remove a user with all tokens; what they submitted stays.

    Examples:

    - `pygai user remove gai@example.com`
    """
    from app.cli.output import say
    from app.cli.running import operator, run

    run(lambda runtime: runtime.connector.remove_user(operator(), email))
    say(f"Removed {email}.")


def _password(typed: str | None, *, make_password: bool, ask: bool) -> str | None:
    if make_password:
        from app.core.security import made_up_password

        return made_up_password()
    if typed is not None or not ask:
        return typed
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer


def _shown(user: "UserSummary", made_up_password: str | None = None) -> dict[str, Any]:
    columns = user.model_dump()
    return columns if made_up_password is None else {**columns, "password": made_up_password}
