"""Publishing: the row, the article, the listing, two at once, and a store that fails."""

import asyncio
import base64
import io
import re
from pathlib import Path

import html5lib
import pytest
from PIL import Image
from sqlalchemy import select

from app.models import Publication
from tests.builders import a_prompt, a_site, a_submission, a_token, a_topic
from tests.conftest import a_client, eventually
from tests.envelopes import failed, succeeded

# Written as the seeds ask for it, with all that may go wrong in a page.
HOSTILE = (
    '# <b>Rain</b> & "wind"\n\n<script>alert(1)</script> 5 < 6 & 7 > 2 <img src=x onerror=alert(1)>\n\n* 雨\n'
)


def a_picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "blue").save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@pytest.fixture
async def service(start):
    return await start(run_jobs=True)


@pytest.fixture
async def client(service):
    async with a_client(service, await a_token(service)) as client:
        yield client


async def publish(client, **data):
    answer = await client.post("/aicontent/input/?writetofile=1", json=a_submission(**data))
    succeeded(answer)
    return succeeded(await client.get(answer.headers["Content-Location"]))


async def read(client, url):
    page = await client.get(url)
    assert page.status_code == 200, page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    html5lib.HTMLParser(strict=True).parse(page.content, transport_encoding="utf-8")
    return page.text


async def test_a_publication_has_its_row(client, service):
    database = service.state.runtime.database
    site, topic = await a_site(database), await a_topic(database)
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)

    content = await publish(client, promptId=str(prompt.id), text="# Rain\n\nIt rains.")

    async with database.session() as session:
        (row,) = (await session.scalars(select(Publication))).all()
    assert (row.content_id, row.dir_id, row.topic_id) == (content["id"], site.id, topic.id)
    assert row.status == "published"
    assert (row.address, len(row.digest), row.due_at) == (content["publish"]["url"], 64, None)
    assert row.published_at is not None
    shown = content["publish"]
    assert (shown["id"], shown["filename"], shown["reason"]) == (row.id, row.filename, None)
    assert re.fullmatch(r"\d{4}/\d\d/rain/index\.html", row.filename)
    assert shown["url"] == f"http://test/sites/{site.name}/{row.filename.removesuffix('index.html')}"


async def test_the_article_and_the_index_are_live_and_valid(client, service):
    database = service.state.runtime.database
    site, topic = await a_site(database, name="My Site"), await a_topic(database, name="Words & Smiths")
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)

    content = await publish(client, promptId=str(prompt.id), text=HOSTILE, files=[a_picture()])
    article = await read(client, content["publish"]["url"])
    index = await read(client, "http://test/sites/My%20Site/")

    assert "<script>alert" not in article
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", article)
    assert "Words &amp; Smiths" in article
    assert "<img" in article
    assert content["publish"]["filename"].removesuffix("index.html") in index


async def test_all_that_a_page_loads_is_there(client, service):
    await a_site(service.state.runtime.database)
    content = await publish(client, files=[a_picture()])

    article = await read(client, content["publish"]["url"])
    for link in re.findall(r'(?:src|href)="(\.[^"#]+)"', article):
        loaded = await client.get(str(client.build_request("GET", content["publish"]["url"]).url.join(link)))
        assert loaded.status_code == 200, link


async def test_two_articles_of_one_title_have_two_addresses(client, service):
    await a_site(service.state.runtime.database)

    files = [(await publish(client, text=f"# Rain\n\n{n}"))["publish"]["filename"] for n in range(3)]

    month = files[0].rsplit("/", 2)[0]
    assert files == [f"{month}/rain/index.html", f"{month}/rain-2/index.html", f"{month}/rain-3/index.html"]


async def test_content_that_belongs_to_no_prompt_goes_to_the_first_site(client, service):
    first = await a_site(service.state.runtime.database)
    await a_site(service.state.runtime.database)

    content = await publish(client, promptId="")

    assert content["publish"]["url"].startswith(f"http://test/sites/{first.name}/")


async def test_publications_at_one_instant_are_all_listed(client, service):
    site = await a_site(service.state.runtime.database)

    contents = await asyncio.gather(*(publish(client, text=f"# Rain {n}") for n in range(6)))

    index = await read(client, f"http://test/sites/{site.name}/")
    for content in contents:
        assert content["publish"]["filename"].removesuffix("index.html") in index
        await read(client, content["publish"]["url"])


async def test_publications_of_two_processes_at_one_instant_are_all_listed(start):
    services = [await start(run_jobs=True), await start(run_jobs=True)]
    site = await a_site(services[0].state.runtime.database)
    token = await a_token(services[0])

    async def publish_by(service, number):
        async with a_client(service, token) as client:
            return await publish(client, text=f"# Rain {number}")

    contents = await asyncio.gather(*(publish_by(services[n % 2], n) for n in range(6)))

    async with a_client(services[0]) as reader:
        index = await read(reader, f"http://test/sites/{site.name}/")
    assert len({content["publish"]["filename"] for content in contents}) == 6
    for content in contents:
        assert content["publish"]["filename"].removesuffix("index.html") in index


async def test_the_newest_article_is_listed_first(client, service):
    site = await a_site(service.state.runtime.database)

    urls = [(await publish(client, text=f"# Rain {n}"))["publish"]["filename"] for n in range(3)]

    index = await read(client, f"http://test/sites/{site.name}/")
    places = [index.index(url.removesuffix("index.html")) for url in urls]
    assert places == sorted(places, reverse=True)


async def test_an_address_that_leads_nowhere_is_not_found(client, service):
    site = await a_site(service.state.runtime.database)
    await publish(client)
    paths = [
        "Unknown/", f"{site.name}/none/", f"{site.name}/../../etc/passwd", f"{site.name}/%2e%2e/x", "%00/",
        f"{site.name}/a%00b", f"{site.name}/2031", f"{site.name}//", f"{site.name}/{'x' * 5000}",
    ]  # fmt: skip

    for path in paths:
        failed(await client.get(f"/sites/{path}"), 404)


async def test_a_site_without_its_slash_is_shown_with_it(client, service):
    site = await a_site(service.state.runtime.database)

    answer = await client.get(f"/sites/{site.name}?a=1")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/sites/{site.name}/"


async def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing(client, service):
    await a_site(service.state.runtime.database)
    content = await publish(client)

    page = await client.get(content["publish"]["url"])

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert (
        "script-src"
        not in re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)"', page.text)[1]
    )
    assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_pages_are_served_without_body_and_not_again(client, service):
    await a_site(service.state.runtime.database)
    url = (await publish(client))["publish"]["url"]

    head = await client.head(url)
    again = await client.get(url, headers={"If-None-Match": head.headers["ETag"]})

    assert (head.status_code, head.content) == (200, b"")
    assert (again.status_code, again.content) == (304, b"")


async def test_a_store_that_fails_loses_nothing_and_is_tried_again(start, tmp_path: Path):
    in_the_way = tmp_path / "sites"
    in_the_way.write_text("a file where the folder should be")
    service = await start(run_jobs=True, sites_url=str(in_the_way), publish_wait_seconds=0)
    await a_site(service.state.runtime.database)
    async with a_client(service, await a_token(service)) as client:
        answer = await client.post("/aicontent/input/?writetofile=1", json=a_submission(text="# Safe"))
        place = answer.headers["Content-Location"]

        async def reason():
            return succeeded(await client.get(place))["publish"]["reason"]

        async def published():
            return succeeded(await client.get(place))["publish"]["url"]

        told = await eventually(reason)
        in_the_way.unlink()
        url = await eventually(published)
        page = await read(client, url)

    assert succeeded(answer) == {}
    assert "sites" in told
    assert "Safe" in page


async def test_a_site_outside_the_sites_root_is_refused_with_a_reason(client, service):
    await a_site(service.state.runtime.database, path="../outside")

    content = await publish(client)

    assert content["publish"]["status"] == "failed"
    assert "folder below the sites root" in content["publish"]["reason"]


async def test_a_text_without_title_or_letters_still_has_a_page(client, service):
    await a_site(service.state.runtime.database)

    for text in ["…", "   ", "# \n", "# 雨丝斜斜地飘着", "#hashtag", "\u202eevil", "x" * 100_000, "\ufffe\u0001"]:
        content = await publish(client, text=text)
        await read(client, content["publish"]["url"])
