"""`pygai content approve`: a named human stands behind a content."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.models import AuditEntry, Content, Page, PageStatus, Publication, PublicationStatus
from tests.builders import a_content, a_site, a_user, saved


async def jobs_of(database):
    async with database.driver() as connection:
        rows = await connection.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
    return [(row["entrypoint"], json.loads(row["payload"])) for row in rows]


async def audited(database):
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(entry.action, entry.subject, entry.details) for entry in entries]


async def test_an_approval_is_kept_with_who_and_when_and_its_page_is_made_again(pygai, database):
    content, editor = await a_content(database), await a_user(database, email="editor@example.com")
    site = await a_site(database)
    page = await saved(database, Page(dir_id=site.id, path="x", content_id=content.id, status=PageStatus.LIVE))
    page_id = page.id
    columns = {"content_id": content.id, "page_id": page_id, "filename": "x"}
    await saved(database, Publication(status=PublicationStatus.PUBLISHED, **columns))
    before = datetime.now(UTC)

    approved = await pygai("content", "approve", content.id, "--by", "Editor@example.com", "--json")
    shown = (await pygai("content", "show", content.id, "--json")).data

    async with database.session() as session:
        row = await session.get_one(Content, content.id)
    assert row.approved_by == editor.id
    assert before <= row.approved_at <= datetime.now(UTC)
    assert approved.data["approved_by"] == shown["approvedBy"] == "editor@example.com"
    assert "Its page will be updated" in approved.complaints
    assert await jobs_of(database) == [("mend_page", {"page_id": page_id})]
    before_it = {"approved_by": None, "approved_at": None}
    now = {"approved_by": "editor@example.com", "approved_at": row.approved_at.isoformat()}
    assert await audited(database) == [
        ("content.approve", f"content {content.id}", {"before": before_it, "after": now}),
    ]


async def test_an_approval_can_be_taken_back(pygai, database):
    user, then = await a_user(database), datetime.now(UTC)
    content = await a_content(database, approved_by=user.id, approved_at=then)

    withdrawn = (await pygai("content", "approve", content.id, "--withdraw", "--json")).data

    assert withdrawn == {"id": content.id, "approved_by": None, "approved_at": None}
    before = {"approved_by": user.email, "approved_at": then.isoformat()}
    after = {"approved_by": None, "approved_at": None}
    assert await audited(database) == [
        ("content.withdraw", f"content {content.id}", {"before": before, "after": after})
    ]


@pytest.mark.parametrize("status", [None, PublicationStatus.PENDING, PublicationStatus.WITHDRAWN])
async def test_what_has_no_page_gets_none_by_being_approved(pygai, database, status):
    content, user = await a_content(database), await a_user(database)
    if status:
        await saved(database, Publication(content_id=content.id, status=status))

    answer = await pygai("content", "approve", content.id, "--by", user.email)

    assert answer.code == 0
    assert await jobs_of(database) == []


async def test_the_only_user_there_is_need_not_be_named(pygai, database):
    content, user = await a_content(database), await a_user(database)
    await a_user(database, is_active=False)

    alone = await pygai("content", "approve", content.id, "--json")
    await a_user(database)
    among_others = await pygai("content", "approve", content.id)

    assert alone.data["approved_by"] == user.email
    assert (among_others.code, "by: there are 2 users" in among_others.complaints) == (1, True)


async def test_only_somebody_who_is_there_can_stand_behind_a_content(pygai, database):
    content, gone = await a_content(database), await a_user(database, is_active=False)

    unknown = await pygai("content", "approve", content.id, "--by", "nobody@example.com")
    deactivated = await pygai("content", "approve", content.id, "--by", gone.email)
    nothing = await pygai("content", "approve", content.id + 1, "--by", gone.email)
    both = await pygai("content", "approve", content.id, "--by", gone.email, "--withdraw")

    assert "there is no user nobody@example.com" in unknown.complaints
    assert "was deactivated" in deactivated.complaints
    assert "there is no content" in nothing.complaints
    assert (unknown.code, deactivated.code, nothing.code, both.code) == (1, 1, 1, 2)
    assert await audited(database) == []


async def test_an_approval_goes_with_the_user(pygai, database):
    user = await a_user(database, email="editor@example.com")
    content = await a_content(database, approved_by=user.id, approved_at=datetime.now(UTC))

    await pygai("user", "remove", user.email)
    shown = (await pygai("content", "show", content.id, "--json")).data

    assert shown["approvedBy"] is None
