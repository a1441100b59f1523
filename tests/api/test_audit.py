"""What is changed over HTTP leaves its line in the audit log, in the transaction of the change."""

from sqlalchemy import select

from app.models import AuditEntry, User
from tests.builders import a_prompt


async def audited(service):
    async with service.state.runtime.database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(entry.actor, entry.action, entry.subject, entry.details) for entry in entries]


async def username_of(service, role):
    async with service.state.runtime.database.session() as session:
        return await session.scalar(select(User.email).where(User.role == role))


async def test_a_reset_leaves_who_asked_for_it_and_of_what(service, client):
    prompt = await a_prompt(service.state.runtime.database)

    await client.post("/aiprompt/reset/", params={"id": prompt.id})

    who = await username_of(service, "client")
    assert await audited(service) == [(who, "prompt.reset", "prompts", {"after": {"id": prompt.id}})]


async def test_attaching_and_detaching_leave_the_name_of_the_file(service, administrator):
    prompt = await a_prompt(service.state.runtime.database)

    attached = await administrator.post(f"/aiprompt/{prompt.id}/files/", files={"file": ("leaf.txt", b"a leaf")})
    await administrator.delete(f"/aiprompt/{prompt.id}/files/{attached.json()['data']['id']}/")

    subject = f"prompt {prompt.id}"
    assert [entry[1:] for entry in await audited(service)] == [
        ("prompt.attach", subject, {"after": {"file": "leaf.txt"}}),
        ("prompt.detach", subject, {"before": {"file": "leaf.txt"}}),
    ]


async def test_what_is_refused_leaves_nothing(service, administrator):
    await administrator.delete("/aiprompt/999/files/1/")

    assert await audited(service) == []


async def test_tasks_and_results_are_no_changes_that_are_audited(service, client):
    prompt = await a_prompt(service.state.runtime.database)

    await client.get("/aiprompt/output/")
    await client.post(f"/aiprompt/{prompt.id}/heartbeat/")
    await client.post(f"/aiprompt/{prompt.id}/release/")
    result = {"text": "Rain.", "promptId": str(prompt.id)}
    await client.post("/aicontent/input/", json={"status": "success", "data": result})

    assert await audited(service) == []


async def test_signing_out_leaves_whose_token_was_revoked(service, client):
    claims = (await client.get("/jwtinfo")).json()["data"]

    await client.post("/signout")
    await client.post("/signout")

    who = await username_of(service, "client")
    revoked = {"before": {"user": who, "name": "", "kind": "jwt"}}
    assert await audited(service) == [(who, "token.revoke", claims["jti"], revoked)]
