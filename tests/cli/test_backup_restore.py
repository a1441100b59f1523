"""A backup brings a whole installation back, or says why it cannot."""

import gzip
import hashlib
import json
import stat
import tarfile

import pytest

from app.core import errors
from app.core.postgres import migrations
from app.core.postgres.database import Database
from app.transfer.backup import postgres, saving
from tests.builders import a_prompt, a_user
from tests.cli.backups import HASH, PICTURE, SECRET, backed_up, restored, rewritten
from tests.cli.installations import everything, rows_of
from tests.databases import downgrade

TABLES = (
    "gai_prompt",
    "gai_content",
    "gai_content_file",
    "gai_directory",
    "media_file",
    "user_account",
    "alembic_version",
    "pgqueuer",
)


async def test_rows_files_and_the_secret_come_back(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    await restored(there, path)

    assert await everything(there.database, *TABLES) == await everything(here.database, *TABLES)
    assert await there.library.read(HASH) == PICTURE
    secret = there.settings.data_dir / "secret.key"
    assert secret.read_text() == SECRET
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


async def test_new_rows_after_a_restore_get_new_ids(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await restored(there, path)

    prompt = await a_prompt(there.database)

    assert prompt.id == 2


async def test_a_restored_installation_tells_its_changes_as_ever(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await restored(there, path)

    triggers = await rows_of(there.database, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")

    assert triggers == await rows_of(
        here.database, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    )
    assert {"tgname": "gai_prompt_added"} in triggers


async def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_else(here, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()

    path = await backed_up(here, folder / "backup.tar.gz")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.iterdir()) == [path]


async def test_the_manifest_says_what_is_inside(here, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    with tarfile.open(path) as opened:
        manifest = json.loads(opened.extractfile("manifest.json").read())
        digests = {
            member.name: hashlib.sha256(opened.extractfile(member).read()).hexdigest()
            for member in opened.getmembers()
            if member.name != "manifest.json"
        }

    assert manifest["members"] == digests
    assert set(digests) == {"database.dump", "secret.key", f"media/{HASH[:2]}/{HASH}"}
    assert manifest["revision"] == migrations.newest_revision()
    assert manifest["rows"]["gai_prompt"] == 1
    assert manifest["missing_media"] == []


async def test_a_secret_that_lies_elsewhere_is_not_in_the_backup(here, tmp_path):
    settings = here.settings.model_copy(update={"secret_file": tmp_path / "elsewhere"})

    manifest = await saving.save(here.database, settings, here.library, path=tmp_path / "backup.tar.gz")

    assert "secret.key" not in manifest.members


async def test_a_file_that_the_library_has_lost_is_named_and_stops_nothing(here, tmp_path):
    (here.settings.data_dir / "media" / HASH[:2] / HASH).unlink()

    manifest = await saving.save(here.database, here.settings, here.library, path=tmp_path / "backup.tar.gz")

    assert manifest.missing_media == [HASH]
    assert saving.summary(manifest)["missing_media"] == 1


async def test_an_installation_that_is_not_empty_is_left_alone(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await a_prompt(there.database, text="Work of somebody")

    with pytest.raises(errors.Conflict) as refused:
        await restored(there, path)

    assert "--replace" in refused.value.reasons["installation"]
    assert (await rows_of(there.database, "SELECT text FROM gai_prompt"))[0]["text"] == "Work of somebody"


async def test_with_replace_what_was_there_is_gone(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await a_prompt(there.database, text="Work of somebody")
    await rows_of(there.database, "CREATE TABLE later_release (id int)")

    await restored(there, path, replaces=True)

    assert await everything(there.database, *TABLES) == await everything(here.database, *TABLES)
    assert await rows_of(there.database, "SELECT 1 FROM pg_tables WHERE tablename = 'later_release'") == []


async def test_the_administrator_of_a_first_start_does_not_stand_in_the_way(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await a_user(there.database, email="admin@example.com", role="admin")

    await restored(there, path)

    assert await everything(there.database, "user_account") == await everything(here.database, "user_account")


async def test_a_database_in_use_is_left_alone(here, there, tmp_path):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    service = Database(there.database.dsn)
    await rows_of(service, "SELECT 1")

    with pytest.raises(errors.Conflict) as refused:
        await restored(there, path, replaces=True)

    await service.dispose()
    assert "stop the service" in refused.value.reasons["database"]


async def test_a_backup_can_be_made_while_the_service_works(here, there, tmp_path, working_service):
    await saving.save(here.database, here.settings, here.library, path=tmp_path / "backup.tar.gz")

    await restored(there, tmp_path / "backup.tar.gz")

    assert await everything(there.database, "gai_prompt") == await everything(here.database, "gai_prompt")


async def test_a_restore_that_fails_in_the_database_changes_nothing(here, there, tmp_path):
    # A reference to nothing is found when all rows are in.
    await rows_of(here.database, "ALTER TABLE gai_content DROP CONSTRAINT fk_gai_content_prompt_id")
    await rows_of(here.database, "UPDATE gai_content SET prompt_id = 4711")
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    await a_prompt(there.database, text="Still here")
    before = await everything(there.database, *TABLES)

    with pytest.raises(errors.Invalid) as refused:
        await restored(there, path, replaces=True)

    assert "fk_gai_content_prompt_id" in refused.value.reasons["file"]
    assert await everything(there.database, *TABLES) == before
    assert (await rows_of(there.database, "SELECT text FROM gai_prompt"))[0]["text"] == "Still here"
    assert not (there.settings.data_dir / "secret.key").exists()


async def test_schemas_of_somebody_else_stay_as_they_are(here, there, tmp_path):
    for database in (here.database, there.database):
        await rows_of(database, "CREATE SCHEMA elsewhere")
        await rows_of(database, "CREATE TABLE elsewhere.theirs (id int)")
    await rows_of(here.database, "INSERT INTO elsewhere.theirs VALUES (1)")
    path = await backed_up(here, tmp_path / "backup.tar.gz")

    await restored(there, path)

    assert await rows_of(there.database, "SELECT * FROM elsewhere.theirs") == []
    assert await everything(there.database, *TABLES) == await everything(here.database, *TABLES)


async def test_a_backup_of_an_older_release_is_brought_up_to_this_one(here, there, tmp_path):
    await downgrade(here.database, "0002")
    manifest = await saving.save(here.database, here.settings, here.library, path=tmp_path / "backup.tar.gz")
    await here.database.engine.dispose()

    await restored(there, tmp_path / "backup.tar.gz")

    assert manifest.revision == "0002"
    assert await migrations.current_revision(there.database) == migrations.newest_revision()
    assert await rows_of(there.database, "SELECT * FROM import_origin") == []


async def refusal_of(there, path):
    await a_prompt(there.database, text="Still here")
    with pytest.raises(errors.Invalid) as refused:
        await restored(there, path, replaces=True)
    assert (await rows_of(there.database, "SELECT text FROM gai_prompt"))[0]["text"] == "Still here"
    assert [entry.name for entry in there.settings.data_dir.iterdir() if entry.name.startswith(".restore")] == []
    return refused.value.reasons["file"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no tar"), gzip.compress(b"\0" * 10240)],
    ids=["nothing", "no archive", "no tar", "an empty tar"],
)
async def test_what_is_no_backup_is_refused(there, tmp_path, content):
    path = tmp_path / "backup.tar.gz"
    path.write_bytes(content)

    assert "no backup" in await refusal_of(there, path)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
async def test_a_backup_that_is_cut_short_is_refused(here, there, tmp_path, part):
    path = await backed_up(here, tmp_path / "backup.tar.gz")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])

    assert "damaged" in await refusal_of(there, path)


async def test_a_member_that_was_changed_is_found(here, there, tmp_path):
    def change(members):
        members["secret.key"] = b"y" * 64

    path = rewritten(await backed_up(here, tmp_path / "backup.tar.gz"), change)

    assert "secret.key not as written" in await refusal_of(there, path)


async def test_a_member_that_is_gone_is_found(here, there, tmp_path):
    path = rewritten(
        await backed_up(here, tmp_path / "backup.tar.gz"), lambda members: members.pop(f"media/{HASH[:2]}/{HASH}")
    )

    assert f"{HASH} not as written" in await refusal_of(there, path)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "media/../../evil", "media/ab/short", "database.dump/x"])
async def test_a_member_of_another_name_is_refused(here, there, tmp_path, name):
    def change(members):
        members[name] = b"evil"

    path = rewritten(await backed_up(here, tmp_path / "backup.tar.gz"), change)

    assert "is no backup: it holds" in await refusal_of(there, path)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
async def test_a_member_that_is_no_file_is_refused(there, tmp_path, kind):
    path = tmp_path / "backup.tar.gz"
    with tarfile.open(path, "w:gz") as target:
        member = tarfile.TarInfo("secret.key")
        member.type, member.linkname = kind, "/etc/passwd"
        target.addfile(member)

    assert "is no backup: it holds 'secret.key'" in await refusal_of(there, path)


async def test_a_backup_of_a_newer_release_is_refused(here, there, tmp_path):
    def change(members):
        manifest = json.loads(members["manifest.json"]) | {"revision": "9999", "version": "99.0"}
        members["manifest.json"] = json.dumps(manifest).encode()

    path = rewritten(await backed_up(here, tmp_path / "backup.tar.gz"), change)

    assert "release 99.0, which is newer" in await refusal_of(there, path)


WHOLE = {"format": 1, "version": "1", "revision": "0001", "created_at": "now", "rows": {}, "members": {}}


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"format": 1}',
        b'{"format": 2}',
        b'{"format": 1, "x": 1}',
        json.dumps(WHOLE | {"members": "x"}).encode(),
        json.dumps(WHOLE | {"revision": 1}).encode(),
        json.dumps(WHOLE | {"version": "\x1b[2J"}).encode(),
    ],
)
async def test_a_manifest_that_cannot_be_read_is_refused(here, there, tmp_path, manifest):
    def change(members):
        members["manifest.json"] = manifest

    path = rewritten(await backed_up(here, tmp_path / "backup.tar.gz"), change)

    assert "manifest" in (reason := await refusal_of(there, path)) or "another release" in reason


async def test_a_database_that_cannot_be_reached_leaves_no_half_backup(here, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    here.database.dsn = here.database.dsn.replace("/test_", "/gone_")

    with pytest.raises(errors.Conflict) as refused:
        await saving.save(here.database, here.settings, here.library, path=folder / "backup.tar.gz")

    assert "pg_dump failed" in refused.value.reasons["database"]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("dsn", "plain", "password"),
    [
        ("postgresql://u:p%40ss@h/db", "postgresql://u@h/db", "p@ss"),
        ("postgresql://u:p@h1:1,h2:2/db?a=b", "postgresql://u@h1:1,h2:2/db?a=b", "p"),
        ("postgresql://u@h/db", "postgresql://u@h/db", None),
        ("postgresql://u@/db?host=/run/x:y@z", "postgresql://u@/db?host=/run/x:y@z", None),
        ("postgresql://u:@h/db", "postgresql://u@h/db", ""),
        ("postgresql:///db", "postgresql:///db", None),
    ],
)
def test_a_password_never_stands_among_the_arguments(dsn, plain, password):
    assert postgres.without_password(dsn) == (plain, password)
