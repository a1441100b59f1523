"""`pygai content`, `publish`, `reset`, `jobs`, `demo`, `extension`, `openapi`."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app import __version__
from app.cli.output import LONGEST_CELL
from app.contents.jobs import PUBLISH_CONTENT
from app.jobs.queue import enqueue
from app.models import Content, Prompt, Publication, PublicationStatus
from tests.builders import a_content, a_prompt, a_site, a_topic, ago, saved
from tests.conftest import _execute, dsn_of, eventually


async def add_job(database, name=PUBLISH_CONTENT, **payload):
    async with database.driver() as connection:
        await enqueue(connection, name, payload)
        return await connection.fetchval("SELECT max(id) FROM pgqueuer")


async def a_failed_job(database, **payload):
    """As PgQueuer holds a job whose handler failed for the last time."""
    job_id = await add_job(database, **payload)
    traceback = {
        "job_id": job_id,
        "timestamp": "2026-01-01T00:00:00Z",
        "exception_type": "ValueError",
        "exception_message": "the disk is full",
        "traceback": "",
        "additional_context": None,
    }
    async with database.driver() as connection:
        await connection.execute("UPDATE pgqueuer SET status = 'failed', attempts = 5 WHERE id = $1", job_id)
        await connection.execute(
            """INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority, traceback)
               VALUES ($1, 'failed', 'publish_content', 0, $2)""",
            job_id,
            json.dumps(traceback),
        )
    return job_id


async def statuses(database):
    async with database.driver() as connection:
        return {row["id"]: row["status"] for row in await connection.fetch("SELECT id, status FROM pgqueuer")}


async def is_idle(database):
    return not await statuses(database)


async def test_contents_are_listed_shown_and_removed(pygai, database):
    prompt = await a_prompt(database)
    first = await a_content(database, prompt_id=prompt.id, text="# One")
    second = await a_content(database, text="# Two")

    listed = (await pygai("content", "list", "--json")).data
    of_prompt = (await pygai("content", "list", "--prompt", prompt.id, "--json")).data
    older = (await pygai("content", "list", "--before", second.id, "--json")).data
    shown = (await pygai("content", "show", first.id, "--json")).data
    removed = await pygai("content", "remove", first.id)

    assert [line["id"] for line in listed] == [second.id, first.id]
    assert [line["id"] for line in of_prompt] == [line["id"] for line in older] == [first.id]
    assert (shown["text"], shown["publish"]) == ("# One", None)
    assert removed.code == 0
    async with database.session() as session:
        assert await session.get(Content, first.id) is None


async def test_a_content_is_published_and_its_page_goes_with_it(pygai, database, variables):
    site = await a_site(database)
    prompt = await a_prompt(database, dir_id=site.id)
    kept = await a_content(database, prompt_id=prompt.id, text="# Snow\n\nIt snows.")
    doomed = await a_content(database, prompt_id=prompt.id, text="# Rain\n\nIt rains.")

    published = await pygai("publish", kept.id, doomed.id, "--json")
    pages = Path(variables["PYGAI_DATA_DIR"]) / "sites" / site.path
    doomed_page = pages / published.data[1]["url"].split(f"/sites/{site.name}/")[1] / "index.html"
    listing_before = (pages / "index.html").read_text()
    was_there = doomed_page.exists()
    removed = await pygai("content", "remove", doomed.id)

    assert [line["status"] for line in published.data] == ["published", "published"]
    assert was_there
    assert "and its page 20" in removed.complaints
    assert not doomed_page.exists()
    assert "Rain" in listing_before
    assert "Rain" not in (pages / "index.html").read_text()


async def test_a_publication_that_fails_is_told_with_its_reason(pygai, database):
    content = await a_content(database)

    answer = await pygai("publish", content.id, "--json")

    assert answer.code == 1
    assert answer.data[0]["status"] == "failed"
    assert "no directory" in answer.data[0]["reason"]


async def test_a_reason_of_any_length_is_told_whole(pygai, database):
    site = await a_site(database, theme="long-" * 12)
    prompt = await a_prompt(database, dir_id=site.id)
    content = await a_content(database, prompt_id=prompt.id)

    answer = await pygai("publish", content.id)
    reason = (await pygai("publish", content.id, "--json")).data[0]["reason"]

    cells = [line.split("│")[-2].strip() for line in answer.printed.splitlines() if "│" in line]
    assert len(reason) > LONGEST_CELL
    assert "".join(reason.split()) == "".join("".join(cells).split())


async def test_pages_that_failed_are_made_and_pages_that_are_there_only_when_asked(pygai, database):
    site = await a_site(database)
    failed, never_asked = await a_content(database), await a_content(database)
    await saved(database, Publication(content_id=failed.id, status=PublicationStatus.FAILED, reason="full"))

    async def publications():
        async with database.session() as session:
            query = select(Publication.content_id, Publication.status).order_by(Publication.id)
            return [tuple(row) for row in await session.execute(query)]

    once = (await pygai("publish", "--all", "--json")).data
    again = (await pygai("publish", "--all", "--json")).data
    history = await publications()
    await pygai("publish", "--all", "--rewrite", "--json")
    anew = await publications()
    rest = (await pygai("publish", "--unpublished", "--json")).data

    assert [line["site"] for line in once] == [line["site"] for line in again] == [site.name]
    assert history == [(failed.id, "failed"), (failed.id, "published")]
    assert anew == [*history, (failed.id, "published")]
    assert [line["content"] for line in rest] == [never_asked.id]


@pytest.mark.parametrize("command", ["publish", "unpublish"])
async def test_what_was_done_before_a_number_that_is_nothing_is_told(pygai, database, command):
    await a_site(database)
    first, second = (
        await a_content(database, text="# One\n\nRain."),
        await a_content(database, text="# Two\n\nRain."),
    )
    if command == "unpublish":
        await pygai("publish", first.id, second.id)

    answer = await pygai(command, first.id, 4711, second.id, "--json")

    assert answer.code != 0
    assert "there is no content 4711" in answer.complaints
    assert [line["content"] for line in answer.data] == [first.id]


@pytest.mark.parametrize("options", [[], ["1", "--all"], ["--all", "--unpublished"]])
async def test_what_to_publish_is_named_in_one_way(pygai, options):
    answer = await pygai("publish", *options)

    assert answer.code == 2


async def test_publishing_what_is_not_there_is_told_in_words(pygai):
    answer = await pygai("publish", "4711")

    assert answer.code == 1
    assert "there is no content 4711" in answer.complaints


async def test_an_extension_takes_part_in_publishing(pygai, database, tmp_path):
    handler = tmp_path / "ext" / "gai" / "publish.py"
    handler.parent.mkdir(parents=True)
    handler.write_text("def publishHandler(contentId, reWrite):\n    return 77\n")
    content = await a_content(database)

    answer = await pygai(
        "publish", content.id, "--json", PYGAI_EXTENSIONS="pygaiext", PYGAI_EXT_PATH=str(tmp_path / "ext")
    )

    assert [(row["status"], row.get("reason")) for row in answer.data] == [("replaced", None)], answer


async def test_a_reset_makes_used_prompts_of_a_topic_available(pygai, database):
    topic = await a_topic(database)
    used = {"last_content_at": ago(hours=1), "available_at": None, "count": 1}
    meant, other = await a_prompt(database, topic_id=topic.id, **used), await a_prompt(database, **used)

    answer = await pygai("reset", "--topic", topic.name)

    async with database.session() as session:
        meant, other = await session.get_one(Prompt, meant.id), await session.get_one(Prompt, other.id)
    assert "1 used prompts are available again" in answer.complaints
    assert (meant.last_content_at, meant.count) == (None, 10)
    assert other.last_content_at is not None


async def test_jobs_are_listed_with_the_reason_of_their_failure(pygai, database):
    waiting, failed = await add_job(database, content_id=1), await a_failed_job(database, content_id=2)

    every = (await pygai("jobs", "list", "--json")).data
    held = (await pygai("jobs", "list", "--status", "failed", "--json")).data

    assert {job["id"]: job["status"] for job in every} == {waiting: "queued", failed: "failed"}
    assert [job["reason"] for job in held] == ["ValueError: the disk is full"]
    assert held[0]["about"] == {"content_id": 2}


async def test_failed_jobs_are_tried_again(pygai, database):
    first, second = await a_failed_job(database), await a_failed_job(database)

    one = await pygai("jobs", "retry", first)
    after_one = await statuses(database)
    await pygai("jobs", "retry", "--all")

    assert "1 jobs wait" in one.complaints
    assert after_one == {first: "queued", second: "failed"}
    assert await statuses(database) == {first: "queued", second: "queued"}


async def test_jobs_are_removed(pygai, database):
    waiting, failed = await add_job(database), await a_failed_job(database)

    await pygai("jobs", "remove", "--failed")
    after_failed = await statuses(database)
    await pygai("jobs", "remove", waiting)

    assert failed not in after_failed
    assert await statuses(database) == {}


async def test_only_failed_jobs_are_tried_again(pygai, database):
    waiting = await add_job(database)

    answer = await pygai("jobs", "retry", waiting)
    unknown = await pygai("jobs", "retry", "4711")

    assert "has not failed" in answer.complaints
    assert "there is no job 4711" in unknown.complaints


async def test_jobs_are_worked_on_until_stopped(database, variables):
    await a_site(database)
    content = await a_content(database)
    await saved(database, Publication(content_id=content.id))
    await add_job(database, content_id=content.id)

    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app.cli",
        "jobs",
        "run",
        env={**os.environ, **variables},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            await eventually(lambda: is_idle(database))
            worker.send_signal(signal.SIGTERM)
            _, complaints = await worker.communicate()
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()

    async with database.session() as session:
        published = await session.get_one(Publication, 1)
    assert worker.returncode == 0, complaints
    assert published.status == PublicationStatus.PUBLISHED


async def test_the_demo_is_loaded_twice_without_harm(pygai, database):
    first = await pygai("demo", "--json")
    second = await pygai("demo", "--json")
    prompts = (await pygai("prompt", "list", "--json")).data

    assert first.data["user"] == "demo@example.com"
    assert "kept as it is" in second.complaints
    assert len(prompts) == 3


async def test_extensions_are_listed_with_what_is_wrong(pygai, tmp_path):
    handler = tmp_path / "ext" / "gai" / "prompt.py"
    handler.parent.mkdir(parents=True)
    handler.write_text("raise RuntimeError('broken')\n")

    listed = await pygai(
        "extension", "list", "--json", PYGAI_EXTENSIONS="pygaiext,missing", PYGAI_EXT_PATH=str(tmp_path / "ext")
    )

    lines = {line["name"]: line for line in listed.data}
    assert "broken" in lines["pygaiext"]["problem"]
    assert "no entry point" in lines["missing"]["problem"]


async def test_the_api_is_described_without_a_database(pygai, tmp_path):
    file = tmp_path / "openapi.json"
    away = "postgresql://127.0.0.1:1/nothing"

    printed = await pygai("openapi", PYGAI_DATABASE_URL=away)
    written = await pygai("openapi", "--output", file, PYGAI_DATABASE_URL=away)

    assert printed.data["info"]["version"] == __version__
    assert "/aiprompt/output/" in printed.data["paths"]
    assert written.code == 0
    assert json.loads(file.read_text()) == printed.data


async def test_a_database_that_is_away_is_told_in_words(pygai):
    answer = await pygai("topic", "list", PYGAI_DATABASE_URL="postgresql://127.0.0.1:1/nothing")

    assert answer.code == 1
    assert "cannot be reached" in answer.complaints
    assert "pygai doctor" in answer.complaints


async def test_an_empty_database_is_migrated_first(pygai, dsn, postgres):
    name = "cli_empty"
    await _execute(postgres.dsn, f"CREATE DATABASE {name}")
    try:
        added = await pygai("topic", "add", "Rain", "--json", PYGAI_DATABASE_URL=dsn_of(postgres, name))
    finally:
        await _execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)")

    assert added.data["name"] == "Rain"


async def test_a_wrong_setting_is_told_by_its_variable(pygai):
    answer = await pygai("topic", "list", PYGAI_DATABASE_POOL_SIZE="many")

    assert answer.code == 1
    assert "PYGAI_DATABASE_POOL_SIZE: " in answer.complaints
