"""What operators do with contents: each verb leaves its line in the audit log, with the change or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from app.core import errors
from app.models import Content, Publication, PublicationStatus
from schemas.content import ContentMove, ContentQuery
from tests.builders import a_content, a_prompt, a_site, a_topic, a_user, saved
from tests.facade.callers import CLIENT, OPERATOR, audited
from tests.faulty import CutOff, Fault, FaultyStore

TOO_LARGE = 2**63


async def a_content_of(runtime, site, **prompt):
    asked = await a_prompt(runtime.database, dir_id=site.id, **prompt)
    return await a_content(runtime.database, prompt_id=asked.id)


async def a_published_content(runtime, site=None, **prompt):
    """One whose page is live, by nobody's verb."""
    content = await a_content_of(runtime, site or await a_site(runtime.database), **prompt)
    await runtime.publisher.publish(content.id)
    return content


async def is_there(database, content):
    async with database.session() as session:
        return await session.get(Content, content.id) is not None


async def status_of(database, content):
    query = select(Publication.status).where(Publication.content_id == content.id).order_by(Publication.id.desc())
    async with database.session() as session:
        return (await session.scalars(query)).first()


# --- approvals ---


async def test_an_approval_says_who_stands_behind_a_content_and_since_when(runtime):
    content, user = await a_content(runtime.database), await a_user(runtime.database)

    approval = await runtime.connector.approve_content(OPERATOR, content.id, by=user.email)

    assert await runtime.connector.read_approval(OPERATOR, content.id) == approval
    now = {"approved_by": user.email, "approved_at": approval.approved_at.isoformat()}
    before = {"approved_by": None, "approved_at": None}
    assert await audited(runtime.database) == [
        ("cli:ada", "content.approve", f"content {content.id}", {"before": before, "after": now})
    ]


async def test_an_approval_that_is_withdrawn_leaves_whose_it_was(runtime):
    content, user = await a_content(runtime.database), await a_user(runtime.database)
    given = await runtime.connector.approve_content(OPERATOR, content.id, by=user.email)

    await runtime.connector.withdraw_approval(OPERATOR, content.id)

    before = {"approved_by": user.email, "approved_at": given.approved_at.isoformat()}
    after = {"approved_by": None, "approved_at": None}
    assert (await audited(runtime.database))[1:] == [
        ("cli:ada", "content.withdraw", f"content {content.id}", {"before": before, "after": after})
    ]


async def test_an_approval_that_was_never_given_leaves_nothing_when_it_is_withdrawn(runtime):
    content = await a_content(runtime.database)

    withdrawn = await runtime.connector.withdraw_approval(OPERATOR, content.id)

    assert (withdrawn.approved_by, withdrawn.is_live) == (None, False)
    assert await audited(runtime.database) == []


async def test_an_approval_that_is_refused_leaves_nothing(runtime):
    content, gone = await a_content(runtime.database), await a_user(runtime.database, is_active=False)

    with pytest.raises(errors.Conflict):
        await runtime.connector.approve_content(OPERATOR, content.id, by=gone.email)
    with pytest.raises(errors.Invalid):
        await runtime.connector.approve_content(OPERATOR, content.id)

    assert await audited(runtime.database) == []


# --- publishing ---


async def test_a_content_is_published_and_how_it_stood_is_kept(runtime):
    content = await a_content_of(runtime, await a_site(runtime.database))
    await saved(runtime.database, Publication(content_id=content.id, status=PublicationStatus.FAILED))

    page = await runtime.connector.publish_content(OPERATOR, content.id)

    assert (page.status, page.reason) == ("published", None)
    details = {"before": {"status": "failed"}, "after": {"status": "pending", "rewrite": False}}
    assert await audited(runtime.database) == [("cli:ada", "content.publish", f"content {content.id}", details)]


async def test_a_page_that_is_there_already_leaves_a_line_only_when_it_is_rewritten(runtime):
    content = await a_published_content(runtime)

    await runtime.connector.publish_content(OPERATOR, content.id)
    left_alone = await audited(runtime.database)
    await runtime.connector.publish_content(OPERATOR, content.id, rewrite=True)

    assert left_alone == []
    details = {"before": {"status": "published"}, "after": {"status": "pending", "rewrite": True}}
    assert [entry[3] for entry in await audited(runtime.database)] == [details]


async def test_a_publication_that_fails_says_why(runtime):
    content = await a_content(runtime.database)

    page = await runtime.connector.publish_content(OPERATOR, content.id)

    assert page.status == "failed"
    assert "there is no directory to publish to" in page.reason


async def test_publishing_without_anybody_who_asks_by_a_verb_leaves_nothing(runtime):
    content = await a_content_of(runtime, await a_site(runtime.database))

    await runtime.publisher.work({"content_id": content.id, "attempt": 0})

    assert await status_of(runtime.database, content) == PublicationStatus.PUBLISHED
    assert await audited(runtime.database) == []


async def test_a_page_that_is_taken_away_leaves_how_it_stood(runtime):
    content = await a_published_content(runtime)

    path = await runtime.connector.unpublish_content(OPERATOR, content.id)

    assert path.endswith("index.html")
    details = {"before": {"status": "published"}, "after": {"status": "withdrawn"}}
    assert await audited(runtime.database) == [("cli:ada", "content.unpublish", f"content {content.id}", details)]


async def test_a_plan_leaves_its_instant_and_how_it_was_put_off_and_given_up(runtime):
    content = await a_content(runtime.database)
    first, second = (datetime.now(UTC) + timedelta(days=days) for days in (1, 2))

    await runtime.connector.schedule_content(OPERATOR, content.id, at=first)
    await runtime.connector.schedule_content(OPERATOR, content.id, at=second)
    await runtime.connector.schedule_content(OPERATOR, content.id, at=second)
    await runtime.connector.unpublish_content(OPERATOR, content.id)

    assert [entry[1::2] for entry in await audited(runtime.database)] == [
        ("content.schedule", {"after": {"status": "scheduled", "due_at": first.isoformat()}}),
        (
            "content.schedule",
            {"before": {"due_at": first.isoformat()}, "after": {"due_at": second.isoformat()}},
        ),
        ("content.unpublish", {"before": {"status": "scheduled"}, "after": {"status": "withdrawn"}}),
    ]


async def test_a_plan_without_an_offset_goes_by_the_time_of_the_site(runtime):
    content = await a_content_of(runtime, await a_site(runtime.database, time_zone="Asia/Shanghai"))

    planned = await runtime.connector.schedule_content(
        OPERATOR, content.id, at=datetime.fromisoformat("2200-01-01T08:00")
    )

    assert planned.at.isoformat() == "2200-01-01T08:00:00+08:00"


async def test_a_plan_that_several_give_up_at_once_is_given_up_once(runtime):
    content = await a_content(runtime.database)
    await runtime.publisher.schedule(content.id, at=datetime.now(UTC) + timedelta(days=1))

    answers = await asyncio.gather(
        *(runtime.connector.unpublish_content(OPERATOR, content.id) for _ in range(5)), return_exceptions=True
    )

    assert [type(answer) for answer in answers].count(errors.NotFound) == 4
    assert len(await audited(runtime.database)) == 1


# --- moving and removing ---


async def test_a_move_to_a_topic_leaves_both_topics_and_a_move_to_the_same_one_nothing(runtime):
    here, there = await a_topic(runtime.database), await a_topic(runtime.database)
    content = await a_published_content(runtime, topic_id=here.id)

    await runtime.connector.move_content(OPERATOR, content.id, ContentMove(topic=here.name))
    await runtime.connector.move_content(OPERATOR, content.id, ContentMove(topic=there.name))
    await runtime.connector.move_content(OPERATOR, content.id, ContentMove(topic=""))

    assert [entry[1:] for entry in await audited(runtime.database)] == [
        ("content.move", f"content {content.id}", {"before": {"topic_id": was}, "after": {"topic_id": now}})
        for was, now in [(here.id, there.id), (there.id, None)]
    ]


async def test_a_move_to_a_site_leaves_both_sites(runtime):
    old, new = await a_site(runtime.database), await a_site(runtime.database)
    content = await a_published_content(runtime, old)

    page = await runtime.connector.move_content(OPERATOR, content.id, ContentMove(site=new.name))

    assert new.name in page.url
    details = {"before": {"dir_id": old.id}, "after": {"dir_id": new.id}}
    assert await audited(runtime.database) == [("cli:ada", "content.move", f"content {content.id}", details)]


async def test_a_move_that_is_refused_leaves_nothing(runtime):
    site = await a_site(runtime.database)
    content, unpublished = await a_published_content(runtime, site), await a_content(runtime.database)

    with pytest.raises(errors.Conflict):
        await runtime.connector.move_content(OPERATOR, content.id, ContentMove(site=site.name))
    with pytest.raises(errors.NotFound):
        await runtime.connector.move_content(OPERATOR, unpublished.id, ContentMove(topic=""))

    assert await audited(runtime.database) == []


@pytest.mark.parametrize("targets", [{}, {"topic": "Rain", "site": "Poems"}])
def test_a_move_goes_to_a_topic_or_to_a_site(targets):
    with pytest.raises(ValidationError, match="give a topic or a site"):
        ContentMove(**targets)


async def test_a_content_that_is_removed_leaves_what_it_was_and_that_its_page_went(runtime):
    content = await a_published_content(runtime)

    path = await runtime.connector.remove_content(OPERATOR, content.id)

    assert path.endswith("index.html")
    withdrawn, removed = await audited(runtime.database)
    assert withdrawn[1:3] == ("content.unpublish", f"content {content.id}")
    assert removed[:3] == ("cli:ada", "content.remove", f"content {content.id}")
    assert removed[3]["before"]["prompt_id"] == content.prompt_id
    assert "text" not in removed[3]["before"]
    assert not await is_there(runtime.database, content)


async def test_a_content_that_several_remove_at_once_is_removed_once(runtime):
    content = await a_content(runtime.database)

    answers = await asyncio.gather(
        *(runtime.connector.remove_content(OPERATOR, content.id) for _ in range(5)), return_exceptions=True
    )

    assert [type(answer) for answer in answers].count(errors.NotFound) == 4
    assert [entry[1] for entry in await audited(runtime.database)] == ["content.remove"]


# --- what is refused, and what is rolled back ---

VERBS = {
    "read_approval": {},
    "approve_content": {},
    "withdraw_approval": {},
    "publish_content": {},
    "unpublish_content": {},
    "schedule_content": {"at": datetime(2200, 1, 1, tzinfo=UTC)},
    "move_content": {"to": ContentMove(topic="")},
    "remove_content": {},
}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_client_may_do_none_of_it(runtime, verb):
    content = await a_published_content(runtime)

    with pytest.raises(errors.Forbidden):
        await getattr(runtime.connector, verb)(CLIENT, content.id, **VERBS[verb])

    assert await status_of(runtime.database, content) == PublicationStatus.PUBLISHED
    assert await audited(runtime.database) == []


async def test_a_client_sees_no_list_of_contents(runtime):
    for listing in (
        runtime.connector.list_contents(CLIENT, ContentQuery()),
        runtime.connector.list_requested(CLIENT, done_too=True),
        runtime.connector.list_unpublished(CLIENT),
    ):
        with pytest.raises(errors.Forbidden):
            await listing


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("number", [0, -1, 999, TOO_LARGE])
async def test_a_content_that_is_not_there_is_not_found(runtime, verb, number):
    await a_user(runtime.database)

    with pytest.raises(errors.NotFound):
        await getattr(runtime.connector, verb)(OPERATOR, number, **VERBS[verb])

    assert await audited(runtime.database) == []


async def test_a_move_whose_files_cannot_be_written_is_a_move_all_the_same(runtime):
    """The database has it, and the job writes the files later."""
    old, new = await a_site(runtime.database), await a_site(runtime.database)
    content = await a_published_content(runtime, old)

    with FaultyStore(Fault(at=1)), pytest.raises(CutOff):
        await runtime.connector.move_content(OPERATOR, content.id, ContentMove(site=new.name))

    assert [entry[1] for entry in await audited(runtime.database)] == ["content.move"]


async def test_what_the_database_rolls_back_leaves_nothing(runtime):
    content = await a_published_content(runtime)
    async with runtime.database.driver() as connection:
        # A job that is asked for after the line is written.
        await connection.execute("ALTER TABLE pgqueuer ADD CONSTRAINT idle CHECK (entrypoint <> 'mend_page')")

    with pytest.raises(errors.DomainError, match="outside what is allowed"):
        await runtime.connector.unpublish_content(OPERATOR, content.id)

    assert await audited(runtime.database) == []
