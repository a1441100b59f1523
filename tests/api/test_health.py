"""Health, metrics and the documentation page."""

import re

from sqlalchemy import text

from app.core.postgres import migrations
from tests.builders import a_submission
from tests.conftest import a_client
from tests.envelopes import errored, failed, succeeded


async def test_a_service_that_runs_is_alive(stranger):
    answer = await stranger.get("/healthz")

    assert succeeded(answer) == {"alive": True}
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_service_whose_parts_are_well_is_ready(stranger):
    assert succeeded(await stranger.get("/readyz")) == {
        "database": "ok",
        "migrations": "ok",
        "queue": "ok",
        "extensions": [],
    }


async def test_a_database_that_is_behind_is_told(stranger, database):
    async with database.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    message = errored(await stranger.get("/readyz"), 503)

    assert f"migrations: The tables are those of revision 0001, not {migrations.newest_revision()}" in message
    assert "queue: unknown" in message


async def test_a_database_without_tables_is_told(stranger, database):
    async with database.session() as session:
        await session.execute(text("DROP TABLE alembic_version"))

    assert "migrations: The database is empty" in errored(await stranger.get("/readyz"), 503)


async def test_a_check_that_fails_is_told_without_its_details(stranger, database):
    async with database.session() as session:
        await session.execute(text("DROP TABLE pgqueuer CASCADE"))

    message = errored(await stranger.get("/readyz"), 503)

    assert "queue: the check failed" in message
    assert "pgqueuer" not in message


async def test_a_queue_that_nobody_works_on_is_told(client, stranger, database):
    await client.post("/aicontent/input/", json=a_submission(files=["data:,x"]))
    async with database.session() as session:
        await session.execute(text("UPDATE pgqueuer SET execute_after = now() - interval '10 minutes'"))

    assert "queue: The oldest due job has waited for 10 minutes" in errored(await stranger.get("/readyz"), 503)


async def test_requests_are_counted_by_route_and_status(stranger):
    def counted(metrics):
        found = re.search(
            r'pygai_requests_total\{method="GET",route="/aicontent/[^"]+",status="401"\} ([\d.]+)', metrics
        )
        return float(found[1]) if found else 0

    before = counted((await stranger.get("/metrics")).text)
    for number in range(3):
        failed(await stranger.get(f"/aicontent/{number}/"), 401)
    after = await stranger.get("/metrics")

    assert after.headers["Content-Type"].startswith("text/plain")
    assert counted(after.text) == before + 3
    assert "pygai_request_seconds_bucket" in after.text


async def test_what_clients_make_up_makes_no_new_counts(stranger):
    await stranger.request("MADEUP", "/made-up-path/1")
    await stranger.get("/made-up-path/2")

    metrics = (await stranger.get("/metrics")).text

    assert "made-up" not in metrics
    assert "MADEUP" not in metrics


async def test_metrics_may_be_kept_behind_a_token(start):
    service = await start(metrics_token="a token for prometheus")
    async with a_client(service) as stranger:
        for headers in [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "a token for prometheus"}]:
            answer = await stranger.get("/metrics", headers=headers)
            failed(answer, 401, "Authorization")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        good = await stranger.get("/metrics", headers={"Authorization": "Bearer a token for prometheus"})

    assert good.status_code == 200


async def test_the_documentation_loads_everything_from_ourselves(stranger):
    page = await stranger.get("/docs")

    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) >= 3
    for link in links:
        assert link.startswith("/"), link
        assert (await stranger.get(link)).status_code == 200, link
    assert "url: '/openapi.json'" in page.text


async def test_the_documentation_works_below_a_path_prefix(start):
    service = await start(public_url="https://example.com/pygai")
    async with a_client(service) as stranger:
        page = await stranger.get("/docs")
        document = (await stranger.get("/openapi.json")).json()

    assert "url: '/pygai/openapi.json'" in page.text
    assert all(link.startswith("/pygai/") for link in re.findall(r'(?:src|href)="([^"]+)"', page.text))
    assert document["servers"] == [{"url": "/pygai"}]
