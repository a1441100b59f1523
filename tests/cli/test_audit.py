"""What commands leave in the audit log, and `pygai audit list`."""

import pytest
from sqlalchemy import select

from app.models import AuditEntry
from tests.builders import a_prompt, a_topic, a_user


async def audited(database):
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(entry.action, entry.subject, entry.details) for entry in entries]


async def test_an_edited_prompt_is_told_by_the_columns_in_which_it_differs(pygai, database):
    prompt, topic = await a_prompt(database, text="Rain?"), await a_topic(database)

    await pygai("prompt", "edit", prompt.id, "--text", "Snow?!", "--topic", topic.name, "--count", 10)

    (entry,) = await audited(database)
    before, after = {"text": "5 characters", "topic_id": None}, {"text": "6 characters", "topic_id": topic.id}
    assert entry == ("prompt.edit", f"prompt {prompt.id}", {"before": before, "after": after})


async def test_attachments_are_told_by_name_and_an_address_without_its_secrets(pygai, database, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("hello")
    address = "https://ada:hush@a.example/b.png?signature=hush"

    added = await pygai("prompt", "add", "--text", "x", "--file", note, "--file", address, "--json")
    edited = await pygai("prompt", "edit", added.data["id"], "--detach", added.data["files"][1]["id"], "--json")

    first, second = [details for _, _, details in await audited(database)]
    assert added.data["files"][1]["url"] == address
    assert [file["name"] for file in edited.data["files"]] == ["note.txt"]
    assert first["after"]["files"] == ["note.txt", "https://a.example/b.png"]
    assert second["before"] == {"files": ["note.txt", "https://a.example/b.png"]}
    assert second["after"] == {"files": ["note.txt"]}


async def test_a_removed_prompt_is_told_by_what_it_was(pygai, database):
    prompt = await a_prompt(database, memo="for later")

    await pygai("prompt", "remove", prompt.id)

    ((action, subject, details),) = await audited(database)
    assert (action, subject) == ("prompt.remove", f"prompt {prompt.id}")
    assert details["before"]["memo"] == "for later"
    assert details["before"]["text"] == f"{len(prompt.text)} characters"


async def test_a_lease_that_is_ended_leaves_whose_it_was(pygai, database):
    prompt = await a_prompt(database, leased_to="somebody")

    await pygai("prompt", "release", prompt.id)
    await pygai("prompt", "release", prompt.id)

    lease = {"leased_to": "somebody", "leased_until": prompt.leased_until.isoformat()}
    assert await audited(database) == [("prompt.release", f"prompt {prompt.id}", {"before": lease})]


@pytest.mark.parametrize("options", [["--topic", "Nowhere"], ["--file", "ftp://a.example/b"]])
async def test_a_prompt_that_is_refused_leaves_nothing(pygai, database, options):
    answer = await pygai("prompt", "add", "--text", "x", *options)

    assert answer.code == 1
    assert await audited(database) == []


async def test_what_becomes_of_a_user_is_told_without_a_password(pygai, database):
    await pygai("user", "add", "gai@example.com", "--password", "long enough")
    await pygai("user", "edit", "gai@example.com", "--role", "admin")
    await pygai("user", "edit", "gai@example.com", "--password", "other secret", "--role", "admin")
    await a_user(database, role="admin")
    await pygai("user", "remove", "gai@example.com")

    columns = {"email": "gai@example.com", "password_hash": "secret", "is_active": True}
    hidden = {"password_hash": "secret"}
    assert await audited(database) == [
        ("user.add", "gai@example.com", {"after": {**columns, "role": "client"}}),
        ("user.edit", "gai@example.com", {"before": {"role": "client"}, "after": {"role": "admin"}}),
        ("user.edit", "gai@example.com", {"before": hidden, "after": hidden}),
        ("user.remove", "gai@example.com", {"before": {**columns, "role": "admin"}}),
    ]


async def test_what_becomes_of_a_token_is_told_without_its_secret(pygai, database):
    user = await a_user(database)

    added = (await pygai("token", "add", user.email, "--name", "phone", "--json")).data
    await pygai("token", "revoke", added["id"])

    revoked = {"user": user.email, "name": "phone", "kind": "personal"}
    assert await audited(database) == [
        ("token.add", added["jti"], {"after": {"user": user.email, "name": "phone"}}),
        ("token.revoke", added["jti"], {"before": revoked}),
    ]
