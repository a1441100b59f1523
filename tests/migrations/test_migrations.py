"""Migrations: up, down, up again; in step with the models; one process at a time."""

import asyncio

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.core.postgres import migrations
from app.core.postgres.database import Database
from tests.builders import a_prompt, a_submission
from tests.conftest import eventually
from tests.databases import downgrade
from tests.house.migrations_in_step import differences

SHAPE = """
SELECT 'column', table_name, column_name, data_type || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', '', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT 'type', '', typname, typtype::text FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
async def empty(dsn):
    """A database without anything in it."""
    database = Database(dsn)
    async with database.session() as session:
        await session.execute(text("DROP SCHEMA public CASCADE"))
        await session.execute(text("CREATE SCHEMA public"))
    yield database
    await database.dispose()


async def shape_of(database):
    async with database.session() as session:
        return [tuple(row) for row in await session.execute(text(SHAPE))]


async def test_up_down_and_up_again_leave_the_same(empty):
    nothing = await shape_of(empty)

    await migrations.migrate(empty)
    first = await shape_of(empty)
    await downgrade(empty, "base")
    after = [row for row in await shape_of(empty) if row[1] != "alembic_version"]
    await migrations.migrate(empty)

    assert nothing == after == []
    assert len(first) > 100
    assert await shape_of(empty) == first


async def test_each_step_has_a_way_back(empty):
    revisions = [script.revision for script in ScriptDirectory(str(migrations.SCRIPTS)).walk_revisions()][::-1]
    await migrations.migrate(empty, to=revisions[0])

    for revision in revisions[1:]:
        before = await shape_of(empty)
        await migrations.migrate(empty, to=revision)
        await downgrade(empty, "-1")
        assert await shape_of(empty) == before, revision
        await migrations.migrate(empty, to=revision)

    assert await migrations.current_revision(empty) == migrations.newest_revision()


async def test_the_models_are_what_the_migrations_make(database):
    assert await differences(database) is None


async def test_a_model_that_goes_its_own_way_is_noticed(database):
    async with database.session() as session:
        await session.execute(text("ALTER TABLE gai_topic DROP COLUMN memo"))

    assert "memo" in (await differences(database) or "")


async def test_migrating_what_is_up_to_date_changes_nothing(database):
    before = await shape_of(database)

    await migrations.migrate(database)

    assert await shape_of(database) == before


async def test_several_processes_that_migrate_at_once_do_it_once(empty):
    others = [Database(empty.dsn) for _ in range(3)]

    await asyncio.gather(*(migrations.migrate(database) for database in [empty, *others]))

    assert await migrations.current_revision(empty) == migrations.newest_revision()
    for database in others:
        await database.dispose()


async def test_a_migration_keeps_what_is_there(client, database):
    await a_prompt(database)
    await client.post("/aicontent/input/", json=a_submission())

    await migrations.migrate(database)

    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM gai_prompt")) == 1
        assert await session.scalar(text("SELECT count(*) FROM gai_content")) == 1


async def test_a_migration_that_has_to_wait_for_a_lock_goes_on_afterwards(empty):
    await migrations.migrate(empty, to="0001")
    blocking = await asyncpg.connect(empty.dsn)
    await blocking.execute("BEGIN; LOCK TABLE gai_prompt")

    async def waits():
        return await blocking.fetch("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")

    migrating = asyncio.create_task(migrations.migrate(empty))
    await eventually(waits)
    await blocking.execute("COMMIT")
    await migrating
    await blocking.close()

    assert await migrations.current_revision(empty) == migrations.newest_revision()


async def test_a_database_that_no_migration_has_seen_is_at_nothing(empty):
    assert await migrations.current_revision(empty) is None


async def test_pages_that_were_published_before_there_were_lists_are_in_them(empty):
    await migrations.migrate(empty)
    await downgrade(empty, "0003")
    async with empty.session() as session:
        for statement in [
            "INSERT INTO gai_directory (id, name, path, tmpl) VALUES (1, 'Site', 'Site', 'mine')",
            "INSERT INTO gai_topic (id, name) VALUES (1, 'Погода'), (2, 'Pogoda')",
            """INSERT INTO gai_content (id, text, external_id, hist_prompt_id, hist_id, cron_id, created_at)
               SELECT n, 'Rain', '', '', '', '', '2025-12-30'::timestamptz + n * interval '1 day'
               FROM generate_series(1, 4) AS n""",
            """INSERT INTO gai_publish (content_id, dir_id, topic_id, status, filename, title, excerpt)
               SELECT n, 1, 1 + n % 2, CASE n WHEN 4 THEN 'failed' ELSE 'published' END,
                      '2025/12/rain-' || n || '/index.html', 'Rain', 'It rains'
               FROM generate_series(1, 4) AS n""",
        ]:
            await session.execute(text(statement))

    await migrations.migrate(empty)

    async with empty.session() as session:
        pages = (await session.execute(text("SELECT status, title FROM gai_page ORDER BY id"))).all()
        lists = (
            await session.execute(
                text("SELECT kind, slug, last_place, articles FROM gai_page_list ORDER BY kind, slug")
            )
        ).all()
        unlinked = await session.scalar(text("SELECT count(*) FROM gai_publish WHERE page_id IS NULL"))
    assert [tuple(page) for page in pages] == [("live", "Rain")] * 3 + [("pending", "Rain")]
    assert [tuple(row) for row in lists] == [
        ("site", "", 3, 3),
        ("topic", "pogoda", 1, 1),
        ("topic", "topic-2", 2, 2),
        ("year", "2025", 1, 1),
        ("year", "2026", 2, 2),
    ]
    assert unlinked == 0


async def test_of_what_was_published_before_nothing_is_said_to_be_written(empty):
    await migrations.migrate(empty)
    await downgrade(empty, "0004")
    async with empty.session() as session:
        for statement in [
            "INSERT INTO gai_directory (id, name, path) VALUES (1, 'Site', 'Site')",
            "INSERT INTO gai_page_list (dir_id, kind, key, slug, last_place) VALUES (1, 'site', '', '', 2)",
            """INSERT INTO gai_page (dir_id, path, status, title, excerpt)
               VALUES (1, '2026/01/a/', 'live', '', ''), (1, '2026/01/b/', 'pending', '', '')""",
        ]:
            await session.execute(text(statement))

    await migrations.migrate(empty)

    async with empty.session() as session:
        lists = (await session.execute(text("SELECT last_place, written FROM gai_page_list"))).all()
        pages = (await session.execute(text("SELECT status, is_written FROM gai_page ORDER BY id"))).all()
    assert [tuple(row) for row in lists] == [(2, 0)]
    assert [tuple(row) for row in pages] == [("live", True), ("pending", False)]
