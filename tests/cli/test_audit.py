"""What commands leave in the audit log, and `pygai audit list`."""

import pytest
from sqlalchemy import select

from app.models import AuditEntry
from tests.builders import a_prompt, a_topic, a_user, ago, saved


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
    local, remote = [file["id"] for file in added.data["files"]]
    both = [f"{local} note.txt", f"{remote} https://a.example/b.png"]
    assert added.data["files"][1]["url"] == address
    assert [file["name"] for file in edited.data["files"]] == ["note.txt"]
    assert first["after"]["files"] == both
    assert second == {"before": {"files": both}, "after": {"files": [f"{local} note.txt"]}}


async def test_an_attachment_in_the_place_of_one_of_its_name_is_told(pygai, database, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("hello")
    added = (await pygai("prompt", "add", "--text", "x", "--file", note, "--json")).data
    note.write_text("hello again")

    edited = await pygai(
        "prompt", "edit", added["id"], "--detach", added["files"][0]["id"], "--attach", note, "--json"
    )

    _, (_, _, details) = await audited(database)
    assert details == {
        "before": {"files": [f"{added['files'][0]['id']} note.txt"]},
        "after": {"files": [f"{edited.data['files'][0]['id']} note.txt"]},
    }


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


async def a_log(database):
    """Lines of three actors, the oldest first; their numbers."""
    lines = [
        ("ada@example.com", "prompt.add", "prompt 1", ago(days=3)),
        ("ada@example.com", "prompt.edit", "prompt 1", ago(days=2)),
        ("cli:root", "prompts.other", "prompt 2", ago(days=1)),
        ("cli:ada", "topic.add", "topic 1", ago(hours=1)),
    ]
    return [
        (await saved(database, AuditEntry(actor=actor, action=action, subject=subject, created_at=at))).id
        for actor, action, subject, at in lines
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [3, 2, 1, 0]),
        (["--actor", "ada@example.com"], [1, 0]),
        (["--action", "prompt"], [1, 0]),
        (["--action", "prompt.edit"], [1]),
        (["--action", "prompt_"], []),
        (["--subject", "prompt 1"], [1, 0]),
        (["--subject", "prompt"], []),
        (["--since", ago(days=1.5).strftime("%Y-%m-%dT%H:%M:%S+0000")], [3, 2]),
        (["--actor", "ada@example.com", "--action", "prompt.add", "--subject", "prompt 1"], [0]),
        (["--limit", 2], [3, 2]),
    ],
)
async def test_the_log_is_listed_by_actor_action_subject_and_time(pygai, database, options, found):
    numbers = await a_log(database)

    answer = await pygai("audit", "list", *options, "--json")

    assert [line["id"] for line in answer.data] == [numbers[place] for place in found]


async def test_the_log_is_paged_by_the_last_number_seen(pygai, database):
    numbers = await a_log(database)

    first = (await pygai("audit", "list", "--limit", 3, "--json")).data
    second = (await pygai("audit", "list", "--limit", 3, "--before", first[-1]["id"], "--json")).data

    assert [line["id"] for line in first + second] == numbers[::-1]


async def test_a_time_without_an_offset_is_this_machines(pygai, database):
    numbers = await a_log(database)
    since = ago(days=1.5).astimezone().replace(tzinfo=None)

    answer = await pygai("audit", "list", "--since", since.isoformat(timespec="seconds"), "--json")

    assert [line["id"] for line in answer.data] == [numbers[3], numbers[2]]


async def test_a_line_says_who_did_what_to_what_and_how_it_differs(pygai, database):
    topic = await a_topic(database, name="Rain")
    await pygai("topic", "edit", "Rain", "--name", "Snow")

    (line,) = (await pygai("audit", "list", "--json")).data
    table = await pygai("audit", "list")

    assert list(line) == ["id", "created_at", "actor", "action", "subject", "details"]
    assert (line["action"], line["subject"]) == ("topic.edit", f"topic {topic.id}")
    assert line["details"] == {"before": {"name": "Rain"}, "after": {"name": "Snow"}}
    assert line["actor"].startswith("cli:")
    assert "topic.edit" in " ".join(table.printed.split())


async def test_a_line_of_an_earlier_release_is_listed_as_it_was_written(pygai, database):
    details = {"changed": ["name"], "files": 2}
    await saved(database, AuditEntry(actor="cli:root", action="prompt.edit", subject="prompt 1", details=details))

    (line,) = (await pygai("audit", "list", "--json")).data

    assert line["details"] == details


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--since", "yesterday"], 2),
        (["--since", "0001-01-01"], 2),
        (["--since", "0001-01-01T00:00+0500"], 1),
        (["--before", 0], 2),
        (["--before", 2**64], 1),
        (["--limit", 0], 2),
    ],
)
async def test_what_cannot_be_looked_for_is_told_in_words(pygai, options, code):
    answer = await pygai("audit", "list", *options)

    assert answer.code == code
    assert answer.complaints
    assert answer.printed == ""
