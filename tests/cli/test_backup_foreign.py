"""A backup is data: whatever else somebody has put into it is never run."""

import contextlib
import gzip
import io
import os
import re
import subprocess
import tarfile
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from app.contents.jobs import PUBLISH_CONTENT
from app.core import errors
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.core.postgres.embedded.postgres import binaries_dir
from app.jobs.queue import enqueue
from app.transfer.backup import postgres as programs
from tests.builders import a_prompt
from tests.cli.backups import backed_up, restored, with_dump
from tests.cli.installations import everything, installation, rows_of
from tests.conftest import _numbers
from tests.databases import address_of, downgrade, execute

COPY = re.compile(rb"COPY public\.gai_prompt \([^)]*\) FROM stdin;\n")


@pytest.fixture
def marker():
    """A file that the server's account could make."""
    with tempfile.TemporaryDirectory(prefix="pygai-marker-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder) / "made"


HARM = """
CREATE FUNCTION harm() RETURNS text LANGUAGE plpgsql AS $$
BEGIN COPY (SELECT 1) TO PROGRAM 'touch {marker}'; RETURN ''; END $$;
CREATE FUNCTION calm(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.harm(); RETURN $1; END $$;
CREATE FUNCTION harm_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.harm(); RETURN NEW; END $$;
CREATE FUNCTION harm_all() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.harm(); END $$;
"""
HARMLESS = "DROP FUNCTION harm, calm, harm_row, harm_all CASCADE"
WAYS = {
    "an index": "CREATE INDEX ON gai_prompt (public.calm(text))",
    "a check": "ALTER TABLE gai_prompt ADD CHECK (public.harm() IS NOT NULL)",
    "a default": "ALTER TABLE gai_prompt ALTER memo SET DEFAULT public.harm()",
    "a trigger": "CREATE TRIGGER t BEFORE INSERT ON gai_prompt FOR EACH ROW EXECUTE FUNCTION public.harm_row()",
    "an event trigger": "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.harm_all()",
    "a rule": "CREATE RULE r AS ON INSERT TO gai_prompt DO ALSO SELECT public.harm()",
    "a materialized view": "CREATE MATERIALIZED VIEW v AS SELECT public.harm()",
    "a column": "ALTER TABLE gai_prompt ADD own text GENERATED ALWAYS AS (public.calm(text)) STORED",
}


@pytest.fixture
async def harmful(here, marker):
    """An installation whose database can do what makes the marker."""
    await execute(here.database.dsn, HARM.format(marker=marker))
    yield here
    await execute(here.database.dsn, HARMLESS)


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_that_a_backup_brings_along_runs_then_or_later(harmful, there, tmp_path, marker, way):
    await execute(harmful.database.dsn, WAYS[way])
    path = await backed_up(harmful, tmp_path / "backup.tar.gz")
    marker.unlink(missing_ok=True)

    await restored(there, path)
    await a_prompt(there.database)
    await rows_of(there.database, "CREATE TABLE another (id int)")

    assert not marker.exists()
    assert len(await rows_of(there.database, "SELECT 1 FROM gai_prompt")) == 2
    assert await rows_of(there.database, "SELECT 1 FROM pg_proc WHERE proname LIKE 'harm%'") == []


STATEMENTS = {
    "a program": "COPY public.gai_prompt FROM PROGRAM 'touch {marker}';",
    "psql's shell": "\\! touch {marker}",
    "a program behind an honest line": "SET a = 'b'; COPY (SELECT 1) TO PROGRAM 'touch {marker}';",
    "a program behind a value": "SELECT pg_catalog.setval('s', 1, true); COPY a TO PROGRAM 'touch {marker}';",
    "a query": "SELECT pg_sleep(0);",
}


@pytest.mark.parametrize("kind", STATEMENTS)
async def test_a_statement_in_the_place_of_another_is_refused_unread(here, there, tmp_path, marker, kind):
    statement = STATEMENTS[kind].format(marker=marker).encode()

    def change(dump):
        return COPY.sub(lambda found: statement.ljust(len(found[0]) - 1) + b"\n", dump)

    path = with_dump(await backed_up(here, tmp_path / "backup.tar.gz"), change)
    await a_prompt(there.database, text="Still here")

    with pytest.raises(errors.Invalid) as refused:
        await restored(there, path, replaces=True)

    assert "what no backup of ours does" in refused.value.reasons["file"]
    assert not marker.exists()
    assert await rows_of(there.database, "SELECT text FROM gai_prompt") == [{"text": "Still here"}]


async def test_tables_that_are_none_of_ours_are_left_out_and_named(here, there, tmp_path):
    await execute(here.database.dsn, "CREATE TABLE theirs AS SELECT 1 AS id; CREATE TABLE empty (id int)")
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    done = await restored(there, path)

    assert done.left_out == ["theirs"]
    assert await rows_of(there.database, "SELECT 1 FROM pg_tables WHERE tablename IN ('theirs', 'empty')") == []


async def test_the_command_says_what_was_left_out(here, tmp_path, pygai):
    await execute(here.database.dsn, "CREATE TABLE theirs AS SELECT 1 AS id")
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    done = await pygai("restore", path, "--replace", "--json")

    assert done.code == 0
    assert "theirs" in done.complaints
    assert done.data["rows"]["gai_prompt"] == 1


BROKEN = {
    "a column of nobody's": ("ALTER TABLE gai_prompt ADD theirs int", "theirs"),
    "a table that is missing": ("DROP TABLE import_origin", "import_origin"),
    "a value that cannot be": (
        "ALTER TABLE gai_prompt DROP CONSTRAINT ck_gai_prompt_count; UPDATE gai_prompt SET count = -1",
        "ck_gai_prompt_count",
    ),
    "another type": ("ALTER TABLE gai_content_file ALTER attempts TYPE text USING 'ten'", "ten"),
    "another revision": ("UPDATE alembic_version SET version_num = '0001'", "manifest"),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_database_that_is_not_as_its_release_made_it_is_refused(here, there, tmp_path, kind):
    statement, said = BROKEN[kind]
    path = tmp_path / "backup.tar.gz"
    await backed_up(here, path)
    await execute(here.database.dsn, statement)
    await programs.dump(here.database.dsn, tmp_path / "dump")
    with_dump(path, lambda _: (tmp_path / "dump").read_bytes())
    await a_prompt(there.database, text="Still here")

    with pytest.raises(errors.Invalid) as refused:
        await restored(there, path, replaces=True)

    assert said in refused.value.reasons["file"]
    assert await rows_of(there.database, "SELECT text FROM gai_prompt") == [{"text": "Still here"}]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
async def test_backups_of_all_older_releases_come_back(here, there, tmp_path, revision):
    before = await everything(here.database, "gai_prompt", "user_account", "media_file")
    await downgrade(here.database, revision)
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    await restored(there, path)

    assert await everything(there.database, "gai_prompt", "user_account", "media_file") == before
    assert await migrations.current_revision(there.database) == migrations.newest_revision()


async def test_a_restored_database_is_dumped_as_the_one_it_comes_from(here, there, tmp_path):
    odd = await a_prompt(here.database, text="\\.\n\\N\tAll \\x ä\u2028\r\n\\.")
    async with here.database.transaction() as connection:
        await enqueue(connection, PUBLISH_CONTENT, {"content_id": odd.id}, after_seconds=3600)
        await connection.execute("UPDATE gai_prompt SET last_content_id = 1 WHERE id = 1")
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    await restored(there, path)

    await there.database.dispose()
    assert _script_of(there.database.dsn) == _script_of(here.database.dsn)


def _script_of(dsn):
    arguments = [str(binaries_dir() / "pg_dump"), "--restrict-key=same", dsn]
    script = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    # A schema that was made anew is told apart from the one that every database begins with.
    return re.sub(r"-- Name: (SCHEMA )?public; Type: .*?(?=-- Name)", "", script, flags=re.DOTALL)


@pytest.fixture
async def owned(postgres, tmp_path):
    """An installation whose database belongs to a role that may do nothing else."""
    role = f"owner_{next(_numbers)}"
    await execute(postgres.dsn, f"CREATE ROLE {role} LOGIN")
    await execute(postgres.dsn, f"CREATE DATABASE {role} OWNER {role}")
    database = Database(address_of(postgres.dsn, role).replace("postgres@", f"{role}@"))
    yield installation(database, tmp_path / "owned")
    await database.dispose()
    await execute(postgres.dsn, f"DROP DATABASE {role} WITH (FORCE)")
    await execute(postgres.dsn, f"DROP ROLE {role}")


async def test_the_owner_of_a_database_restores_without_being_a_superuser(here, owned, tmp_path):
    await a_prompt(here.database, text="Another")
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    await restored(owned, path)
    await owned.database.dispose()
    await restored(owned, path, replaces=True)

    tables = ("gai_prompt", "gai_content", "user_account", "pgqueuer")
    assert await everything(owned.database, *tables) == await everything(here.database, *tables)
    assert (await rows_of(owned.database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) == [
        {"rolsuper": False}
    ]


async def test_a_secret_that_signs_nothing_is_refused(here, there, tmp_path):
    (here.settings.data_dir / "secret.key").write_bytes(b"\xff" * 64)
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    with pytest.raises(errors.Invalid) as refused:
        await restored(there, path)

    assert "too short" in refused.value.reasons["file"]


MEBIBYTE = 1024 * 1024


def a_header(name, *, size=0, kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def a_sparse_file():
    header = bytearray(a_header("secret.key", kind=tarfile.GNUTYPE_SPARSE))
    # A hole of 8 GiB, by 512 bytes of archive.
    header[386:410] = b"00000000000\x0000000000000\x00"
    header[483:495] = b"77777777777\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header)


def a_pax_record(key, value):
    record = f" {key}={value}\n"
    length = len(record) + 2
    content = f"{length}{record}".encode()
    return a_header("x", size=len(content), kind=tarfile.XHDTYPE) + content.ljust(512, b"\0")


HOSTILE = {
    "a long header": lambda: a_header("x", size=64 * MEBIBYTE, kind=tarfile.XHDTYPE) + bytes(64 * MEBIBYTE),
    "a long name": lambda: a_header("x", size=64 * MEBIBYTE, kind=tarfile.GNUTYPE_LONGNAME) + bytes(64 * MEBIBYTE),
    "a header before a header": lambda: a_header("x", size=8, kind=tarfile.GNUTYPE_LONGNAME) * 2_000,
    "a way back": lambda: a_header("secret.key") + a_pax_record("size", "-2048") + a_header("secret.key"),
    "a hole": a_sparse_file,
    "a large secret": lambda: a_header("secret.key", size=MEBIBYTE) + bytes(MEBIBYTE),
    "a large manifest": lambda: a_header("manifest.json", size=1024 * MEBIBYTE),
}


@contextlib.contextmanager
def peak_memory(*, at_most):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < at_most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", HOSTILE)
async def test_an_archive_that_would_fill_memory_or_disk_is_refused(there, tmp_path, kind):
    path = tmp_path / "backup.tar.gz"
    path.write_bytes(gzip.compress(HOSTILE[kind]() + bytes(1024), 1))

    with peak_memory(at_most=32 * MEBIBYTE), pytest.raises(errors.Invalid):
        await restored(there, path)

    assert [entry for entry in there.settings.data_dir.rglob("*") if entry.is_file()] == []


async def test_a_file_that_has_no_room_is_refused_before_it_is_written(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(path.read_bytes()))) as opened:
        member = opened.getmember("database.dump")
    member.size = free + 1
    path.write_bytes(gzip.compress(member.tobuf()))

    with pytest.raises(errors.Conflict) as refused:
        await restored(there, path)

    assert "no room" in refused.value.reasons["file"]
