"""`pygai user` and `pygai token`."""

import pytest
from sqlalchemy import select

from app.access import queries
from app.core import security
from app.models import AuditEntry, Token
from tests.builders import a_user


async def find_user(database, email):
    async with database.session() as session:
        return await queries.find_user(session, email=email)


async def test_a_user_is_added_listed_shown_edited_and_removed(pygai, database):
    await a_user(database, email="admin@example.com", role="admin")

    added = (await pygai("user", "add", "Gai@Example.com", "--password", "long enough", "--json")).data
    listed = (await pygai("user", "list", "--json")).data
    shown = (await pygai("user", "show", "gai@example.com", "--json")).data
    edited = (await pygai("user", "edit", "gai@example.com", "--role", "admin", "--deactivate", "--json")).data
    removed = await pygai("user", "remove", "gai@example.com")

    assert (added["email"], added["role"], added["is_active"]) == ("gai@example.com", "client", True)
    assert {user["email"] for user in listed} == {"admin@example.com", "gai@example.com"}
    assert shown["tokens"] == []
    assert (edited["role"], edited["is_active"]) == ("admin", False)
    assert removed.code == 0
    assert await find_user(database, "gai@example.com") is None


async def test_a_password_is_asked_for_when_none_is_given(pygai, database):
    answer = await pygai("user", "add", "gai@example.com", typed="long enough\nlong enough\n")

    user = await find_user(database, "gai@example.com")
    assert answer.code == 0
    assert "long enough" not in answer.printed
    assert security.verify_password("long enough", user.password_hash)


async def test_a_password_comes_from_the_environment(pygai, database):
    await pygai("user", "add", "gai@example.com", PYGAI_NEW_PASSWORD="from outside")

    user = await find_user(database, "gai@example.com")
    assert security.verify_password("from outside", user.password_hash)


async def test_a_made_up_password_is_shown_and_works(pygai, database):
    added = (await pygai("user", "add", "gai@example.com", "--make-password", "--json")).data

    user = await find_user(database, "gai@example.com")
    assert security.verify_password(added["password"], user.password_hash)


async def test_editing_without_options_asks_for_a_new_password(pygai, database):
    user = await a_user(database)
    await a_user(database, role="admin")

    await pygai("user", "edit", user.email, typed="something new\nsomething new\n")

    changed = await find_user(database, user.email)
    assert security.verify_password("something new", changed.password_hash)


@pytest.mark.parametrize(
    ("email", "password", "field"), [("nobody", "long enough", "email"), ("a@b.example", "short", "password")]
)
async def test_a_bad_address_or_password_is_refused_in_words(pygai, email, password, field):
    answer = await pygai("user", "add", email, "--password", password)

    assert answer.code == 1
    assert f"{field}: " in answer.complaints


async def test_an_empty_password_is_refused_and_not_passed_over(pygai, database):
    user = await a_user(database)

    answer = await pygai("user", "edit", user.email, "--password", "", "--role", "admin")

    assert answer.code == 1
    assert "password: must have" in answer.complaints
    assert (await find_user(database, user.email)).role == "client"


@pytest.mark.parametrize("change", [["edit", "--deactivate"], ["edit", "--role", "client"], ["remove"]])
async def test_the_last_administrator_stays(pygai, database, change):
    admin = await a_user(database, role="admin")

    answer = await pygai("user", change[0], admin.email, *change[1:])

    assert answer.code == 1
    assert "last active administrator" in answer.complaints
    assert (await find_user(database, admin.email)).is_active


async def test_no_password_is_in_the_audit_log(pygai, database):
    await pygai("user", "add", "gai@example.com", "--password", "long enough")

    async with database.session() as session:
        entry = await session.scalar(select(AuditEntry))
        user = await queries.find_user(session, email="gai@example.com")
    assert (entry.action, entry.subject) == ("user.add", "gai@example.com")
    assert "long enough" not in str(entry.details)
    assert user.password_hash not in str(entry.details)


async def test_a_token_is_added_listed_and_revoked(pygai, database):
    user = await a_user(database)

    added = (await pygai("token", "add", user.email, "--name", "phone", "--days", 30, "--json")).data
    listed = (await pygai("token", "list", "--user", user.email, "--json")).data
    revoked = await pygai("token", "revoke", added["id"])
    after = (await pygai("token", "list", "--json")).data

    async with database.session() as session:
        stored = await session.get_one(Token, added["id"])
    assert added["secret"].startswith("pygai_")
    assert stored.secret_hash == security.hash_token(added["secret"])
    assert 29 <= (stored.expires_at - stored.created_at).days <= 30
    assert "secret" not in listed[0]
    assert revoked.code == 0
    assert after[0]["revoked_at"] is not None


async def test_a_token_is_revoked_by_its_jti(pygai, database):
    user = await a_user(database)
    added = (await pygai("token", "add", user.email, "--json")).data

    answer = await pygai("token", "revoke", added["jti"])
    again = await pygai("token", "revoke", added["jti"])

    assert answer.code == 0
    assert again.code == 1
    assert "there is no good token" in again.complaints


async def test_a_token_for_nobody_is_refused(pygai):
    answer = await pygai("token", "add", "nobody@example.com")

    assert answer.code == 1
    assert "there is no user" in answer.complaints
