"""`pygai doctor`: every problem is found, with a message and a way to fix it."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.contents.jobs import PUBLISH_CONTENT
from app.jobs.queue import enqueue
from app.models import ContentFile, FileStatus, Publication, PublicationStatus
from tests.builders import a_content, a_site, a_user, an_interval, saved
from tests.conftest import _execute, dsn_of
from tests.envelopes import errored


@pytest.fixture
async def doctor(pygai, database):
    """Run the doctor on an installation in which all is well but what the test does to it."""
    await a_user(database, email="admin@example.com", role="admin")

    async def doctor(**changes):
        answer = await pygai("doctor", "--json", **changes)
        return answer.code, {finding["check"]: finding for finding in answer.data}

    return doctor


@asynccontextmanager
async def a_server(body):
    """Something that answers HTTP with these bytes; gives its port."""

    async def answer(reader, writer):
        await reader.read(1024)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def assert_trouble(found, check, *, saying):
    code, findings = found
    assert code == 1
    assert findings[check]["state"] == "trouble"
    assert saying in findings[check]["words"]
    assert findings[check]["mend"]


async def test_a_sound_installation_has_no_problems(doctor):
    code, findings = await doctor()

    assert [finding for finding in findings.values() if finding["state"] == "trouble"] == []
    assert code == 0
    assert findings.keys() >= {
        "settings", "data folder", "secret", "public address", "port", "extensions", "extension path",
        "database log", "media", "sites", "database", "migrations", "clocks", "administrator", "queue",
        "failed jobs", "publications", "files", "intervals",
    }  # fmt: skip


async def test_it_tells_people_in_sentences(pygai, database):
    answer = await pygai("doctor")

    assert answer.code == 1
    assert "✗ administrator  There is no active administrator." in answer.printed
    assert "→ Run `pygai user add EMAIL --role admin`" in answer.printed
    assert "1 problem found." in answer.printed


async def test_it_counts_the_problems_it_found(pygai, database):
    answer = await pygai("doctor", PYGAI_EXTENSIONS="absent")

    assert answer.code == 1
    assert "2 problems found." in answer.printed


async def test_a_probe_leaves_nothing_behind(doctor, variables):
    await doctor()

    folder = Path(variables["PYGAI_DATA_DIR"])
    assert [path for path in folder.rglob("*") if path.is_file()] == []


async def test_a_wrong_setting_is_found(doctor):
    assert_trouble(await doctor(PYGAI_PORT="door"), "settings", saying="PYGAI_PORT: ")


async def test_settings_that_cannot_be_read_are_found(doctor, tmp_path):
    (tmp_path / "pygai_admin_email").write_bytes(b"\xff")

    found = await doctor(CREDENTIALS_DIRECTORY=str(tmp_path))

    assert_trouble(found, "settings", saying="cannot be read")


async def test_a_variable_written_wrong_is_found(doctor):
    code, findings = await doctor(PYGAI_DATABSE_URL="postgresql://elsewhere")

    assert code == 1
    assert findings["settings"]["mend"] == "Did you mean PYGAI_DATABASE_URL?"


async def test_a_missing_data_folder_is_found_and_not_made(doctor, tmp_path):
    found = await doctor(PYGAI_DATA_DIR=str(tmp_path / "nowhere"))

    assert_trouble(found, "data folder", saying="There is no folder")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("with_database", [True, False])
async def test_a_data_folder_that_cannot_be_reached_is_found(doctor, variables, tmp_path, with_database):
    if not with_database:
        variables["PYGAI_DATABASE_URL"] = None

    found = await doctor(PYGAI_DATA_DIR=str(tmp_path / ("x" * 300)))

    assert_trouble(found, "data folder", saying="File name too long")
    assert found[1]["database"]["state"] == ("ok" if with_database else "trouble")


async def test_an_installation_that_was_never_started_is_not_made_by_looking(doctor, variables):
    found = await doctor(PYGAI_DATABASE_URL=None)

    assert_trouble(found, "database", saying="Nothing was ever started")
    assert not (Path(variables["PYGAI_DATA_DIR"]) / "postgres").exists()


async def test_a_missing_secret_is_found(doctor):
    assert_trouble(await doctor(PYGAI_SECRET=None), "secret", saying="There is no signing secret")


async def test_a_secret_that_others_can_read_is_found(doctor, variables):
    file = Path(variables["PYGAI_DATA_DIR"]) / "secret.key"
    file.write_text("x" * 64)
    file.chmod(0o644)

    assert_trouble(await doctor(PYGAI_SECRET=None), "secret", saying="has mode 644")


async def test_a_secret_that_is_too_short_is_found(doctor, variables):
    (Path(variables["PYGAI_DATA_DIR"]) / "secret.key").write_text("short")

    assert_trouble(await doctor(PYGAI_SECRET=None), "secret", saying="fewer than")


async def test_a_store_that_cannot_be_written_is_found(doctor, variables):
    (Path(variables["PYGAI_DATA_DIR"]) / "media").write_text("a file where a folder should be")

    assert_trouble(await doctor(), "media", saying="cannot be")


async def test_a_site_whose_store_cannot_be_written_is_found(doctor, database, tmp_path):
    (tmp_path / "taken").write_text("")
    site = await a_site(database, path=f"file://{tmp_path}/taken")

    found = await doctor(PYGAI_SITES_ALLOWED_ROOTS=str(tmp_path))

    assert_trouble(found, f"site {site.name}", saying="cannot be")


@pytest.mark.parametrize("path", ["s3://bucket/pages", "/etc/pages", "../outside"])
async def test_a_site_that_may_not_be_where_it_is_is_found(doctor, database, path):
    site = await a_site(database, path=path)

    assert_trouble(await doctor(), f"site {site.name}", saying="below the sites root")


@pytest.mark.parametrize("public_url", [None, "http://127.0.0.1:5050"])
async def test_a_public_service_that_hands_out_addresses_nobody_can_reach_is_found(doctor, public_url):
    found = await doctor(PYGAI_HOST="0.0.0.0", PYGAI_PUBLIC_URL=public_url)

    assert_trouble(found, "public address", saying="The addresses" if public_url is None else "the addresses")


async def test_a_port_that_is_taken_by_somebody_else_is_found(doctor):
    async with a_server(b"<h1>Another program</h1>") as port:
        found = await doctor(PYGAI_PORT=str(port))

    assert_trouble(found, "port", saying="Something else listens")


async def test_the_running_service_is_recognised_by_its_health(doctor):
    async with a_server(b'{"status":"success","data":{"alive":true}}') as port:
        code, findings = await doctor(PYGAI_PORT=str(port))

    assert code == 0
    assert "The service answers" in findings["port"]["words"]


async def test_an_extension_that_would_not_load_is_found(doctor):
    assert_trouble(await doctor(PYGAI_EXTENSIONS="absent"), "extensions", saying="absent")


async def test_an_extension_path_that_is_not_there_is_found(doctor):
    assert_trouble(await doctor(PYGAI_EXT_PATH="/nowhere/at/all"), "extension path", saying="not there")


async def test_an_extension_path_that_everybody_can_write_is_found(doctor, tmp_path):
    (tmp_path / "ext").mkdir()
    (tmp_path / "ext").chmod(0o777)

    found = await doctor(PYGAI_EXT_PATH=str(tmp_path / "ext"), PYGAI_EXTENSIONS="pygaiext")

    assert_trouble(found, "extension path", saying="Everybody on this machine can write")


async def test_a_database_that_is_away_is_found(doctor):
    found = await doctor(PYGAI_DATABASE_URL="postgresql://127.0.0.1:1/nothing")

    assert_trouble(found, "database", saying="cannot be reached")


@pytest.mark.parametrize("address", ["postgresql://[broken", "mysql://127.0.0.1/pygai"])
async def test_a_database_address_that_is_none_is_found(doctor, address):
    assert_trouble(await doctor(PYGAI_DATABASE_URL=address), "settings", saying="must be an address such as")


async def test_a_database_of_another_name_is_found(doctor, postgres):
    found = await doctor(PYGAI_DATABASE_URL=dsn_of(postgres, "not_there"))

    assert_trouble(found, "database", saying="does not exist")


async def test_an_empty_database_is_found_and_not_migrated(doctor, postgres):
    await _execute(postgres.dsn, "CREATE DATABASE doctor_empty")
    try:
        first = await doctor(PYGAI_DATABASE_URL=dsn_of(postgres, "doctor_empty"))
        second = await doctor(PYGAI_DATABASE_URL=dsn_of(postgres, "doctor_empty"))
    finally:
        await _execute(postgres.dsn, "DROP DATABASE doctor_empty WITH (FORCE)")

    assert_trouble(first, "migrations", saying="The database is empty")
    assert_trouble(second, "migrations", saying="The database is empty")


async def test_a_database_of_another_release_is_found(doctor, database):
    async with database.driver() as connection:
        await connection.execute("UPDATE alembic_version SET version_num = 'later'")

    assert_trouble(await doctor(), "migrations", saying="revision later")


async def test_a_queue_that_nobody_works_on_is_found(doctor, database):
    async with database.driver() as connection:
        await enqueue(connection, PUBLISH_CONTENT, {"content_id": 1})
        await connection.execute("UPDATE pgqueuer SET execute_after = now() - interval '1 hour'")

    assert_trouble(await doctor(), "queue", saying="60 minutes")


async def a_stuck_queue(connection):
    await enqueue(connection, PUBLISH_CONTENT, {"content_id": 1})
    await connection.execute("UPDATE pgqueuer SET execute_after = now() - interval '1 hour'")


async def a_later_revision(connection):
    await connection.execute("UPDATE alembic_version SET version_num = 'later'")


async def no_revision(connection):
    await connection.execute("DROP TABLE alembic_version")


@pytest.mark.parametrize(
    ("check", "damage"),
    [("queue", a_stuck_queue), ("migrations", a_later_revision), ("migrations", no_revision)],
)
async def test_readiness_tells_what_the_doctor_tells(doctor, stranger, database, check, damage):
    async with database.driver() as connection:
        await damage(connection)

    _, findings = await doctor()
    ready = errored(await stranger.get("/readyz"), 503)

    assert findings[check]["state"] == "trouble"
    assert f"{check}: {findings[check]['words'].removesuffix('.')}" in ready


async def test_a_check_that_fails_hides_no_other(doctor, database):
    async with database.driver() as connection:
        await connection.execute("ALTER TABLE gai_directory RENAME TO moved")

    code, findings = await doctor()

    assert code == 1
    assert findings["sites"]["state"] == "trouble"
    assert {findings[check]["state"] for check in ("database", "migrations", "queue", "intervals")} == {"ok"}


async def test_failed_jobs_are_found(doctor, database):
    async with database.driver() as connection:
        await enqueue(connection, PUBLISH_CONTENT, {"content_id": 1})
        await connection.execute("UPDATE pgqueuer SET status = 'failed'")

    assert_trouble(await doctor(), "failed jobs", saying="held: 1")


async def test_failed_publications_are_found_unless_a_later_one_went_well(doctor, database):
    mended, broken = await a_content(database), await a_content(database)
    for content in (mended, broken):
        row = Publication(content_id=content.id, status=PublicationStatus.FAILED, reason="the disk is full")
        await saved(database, row)
    await saved(database, Publication(content_id=mended.id, status=PublicationStatus.PUBLISHED))

    assert_trouble(await doctor(), "publications", saying="made: 1. The last: the disk is full")


async def test_files_that_were_given_up_are_found(doctor, database):
    content = await a_content(database)
    file = ContentFile(
        content_id=content.id,
        position=0,
        source="http://10.0.0.1/a.png",
        status=FileStatus.FAILED,
        reason="refused",
    )
    await saved(database, file)

    assert_trouble(await doctor(), "files", saying="refused")


async def test_an_interval_that_never_comes_due_is_found(doctor, database):
    await an_interval(database, name="never", expression="0 0 30 2 *")

    assert_trouble(await doctor(), "intervals", saying="never")


async def test_nobody_who_may_administer_is_found(pygai, database):
    await a_user(database, role="admin", is_active=False)
    await a_user(database)

    answer = await pygai("doctor", "--json")

    findings = {finding["check"]: finding for finding in answer.data}
    assert_trouble((answer.code, findings), "administrator", saying="no active administrator")


async def test_a_file_in_the_place_of_the_data_folder_is_found(doctor, variables, tmp_path):
    (tmp_path / "in-the-way").write_text("a file, where a folder should be")
    variables["PYGAI_DATA_DIR"] = str(tmp_path / "in-the-way")

    assert_trouble(await doctor(), "data folder", saying="no folder")
