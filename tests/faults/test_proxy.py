"""What holds behind nginx, at the root of a host and below a path of it."""

import asyncio
import base64
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urljoin

import asyncpg
import httpx
import pytest

from app import demo
from app.core import security
from app.core.postgres.database import Database
from app.models import Token, TokenKind
from tests.builders import PASSWORD, a_prompt, a_site, a_submission, a_user, saved
from tests.conftest import dsn_of, eventually
from tests.faults import proxied
from tests.faults.proxied import Front, Nginx

pytestmark = pytest.mark.xdist_group("proxy")

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def folders() -> Iterator[itertools.count]:
    """Folders that somebody without rights can enter."""
    with tempfile.TemporaryDirectory(prefix="pygai-proxy-", ignore_cleanup_errors=True) as root:
        Path(root).chmod(0o755)
        yield (_made(Path(root) / str(number)) for number in itertools.count(1))


def _made(folder: Path) -> Path:
    folder.mkdir()
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module", params=[("http", ""), ("https", "/pygai")], ids=["at the root", "below a path"])
async def front(request, postgres, template, folders) -> AsyncIterator[Front]:
    scheme, prefix = request.param
    folder, name, port = next(folders), f"proxied_{scheme}", proxied.free_port()
    await _execute(postgres.dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(dsn_of(postgres, name))
    with ExitStack() as stack:
        upstream = {"PROXY_UPSTREAM": f"127.0.0.1:{port}", "PROXY_SCHEME": scheme, "PROXY_PREFIX": prefix}
        nginx = stack.enter_context(Nginx(folder, **upstream).running())
        url = f"{scheme}://127.0.0.1:{nginx.http_port if scheme == 'http' else nginx.https_port}{prefix}"
        starting = proxied.service(folder, dsn=database.dsn, port=port, public_url=url)
        service_url = await asyncio.to_thread(stack.enter_context, starting)
        yield Front(url, f"http://127.0.0.1:{nginx.http_port}", service_url, database, folder)
    await database.dispose()
    await _execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _a_token(front: Front, *, role: str = "client") -> str:
    user = await a_user(front.database, role=role)
    secret = "a secret for tests that is long enough to sign with"
    issued = security.issue_jwt(secret, user_id=user.id, username=user.email, seconds=3600)
    kept = Token(jti=issued.jti, user_id=user.id, kind=TokenKind.JWT, expires_at=issued.expires_at)
    await saved(front.database, kept)
    return issued.jwt


async def _a_page(front: Front, client: httpx.AsyncClient, **site: str) -> str:
    """Publish an article on a new site and return its address."""
    directory = await a_site(front.database, **site)
    prompt = await a_prompt(front.database, dir_id=directory.id)
    picture = "data:image/png;base64," + base64.b64encode(demo.rain_on_a_window(width=64, height=64)).decode()
    body = a_submission(
        promptId=str(prompt.id), files=[picture], text=f"# Rain {next(_numbers)}\n\nIt rains. 雨。"
    )
    answer = await client.post("aicontent/input/?writetofile=1", json=body)
    content = (await client.get(urljoin(front.url, answer.headers["Content-Location"]))).json()["data"]
    assert content["publish"]["status"] == "published", content
    return content["publish"]["url"]


async def test_the_whole_loop_runs_through_the_proxy(front):
    user = await a_user(front.database)
    administrator = front.client(token=await _a_token(front, role="admin"))
    prompt = await a_prompt(front.database)
    async with administrator, front.client() as client:
        picture = {"file": ("rain.png", demo.rain_on_a_window(width=64, height=64))}
        await administrator.post(f"aiprompt/{prompt.id}/files/", files=picture)

        signed_in = await client.post("signin", data={"username": user.email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['data']['jwt']}"
        task = (await client.get(f"aiprompt/output/?id={prompt.id}")).json()["data"]
        attachment = await client.get(task["files"][0])
        page_url = await _a_page(front, client)
        page = await client.get(page_url)

    assert task["id"] == prompt.id
    assert task["files"][0].startswith(f"{front.url}/uploads/")
    assert attachment.headers["Content-Type"] == "image/png"
    assert page_url.startswith(f"{front.url}/sites/")
    assert "It rains. 雨。" in page.text


async def test_a_page_comes_from_nginx_as_the_service_would_send_it(front):
    async with front.client(token=await _a_token(front)) as client:
        url = await _a_page(front, client)
        path = httpx.URL(url).path.removeprefix(front.prefix)
        style = (await client.get(url)).text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        for address in (path, httpx.URL(urljoin(url, style)).path.removeprefix(front.prefix)):
            by_nginx = await client.get(front.url + address)
            by_service = await client.get(front.service_url + address)
            logged = await eventually(lambda sent=by_nginx: _logged(front, sent))

            assert logged["upstream"] == ""
            assert by_nginx.status_code == by_service.status_code == 200
            assert by_nginx.content == by_service.content
            assert _telling(by_nginx) == _telling(by_service)


async def _logged(front: Front, answer: httpx.Response) -> dict | None:
    return front.access_log(answer.headers["X-Request-ID"])


async def _logged_by_service(front: Front, answer: httpx.Response) -> dict | None:
    """The line is written after the answer has left."""
    return front.service_log(answer.headers["X-Request-ID"])


def _telling(answer: httpx.Response) -> dict[str, str]:
    varying = {"date", "server", "etag", "last-modified", "x-request-id", "connection", "content-length", "vary"}
    varying |= {"content-encoding", "transfer-encoding", "strict-transport-security", "accept-ranges"}
    return {name: value for name, value in answer.headers.items() if name not in varying}


# What a site may hold beside its pages, and one of each way of asking for it.
FILES = [
    "404.html",
    "index.html",
    "2026/11/rain/index.html",
    "2026/11/rain/index.md",
    "2026/11/rain/provenance.json",
    "2026/11/gone/gone.html",
    "feed.xml",
    "topics/rain/feed.json",
    "sitemap.xml",
    "robots.txt",
    "search/index.json",
    "assets/site.0123456789.css",
    "assets/search.0123456789.js",
    "assets/icon.svg",
    "media/0123456789abcdef/rain on a window 雨.webp",
    "media/0123456789abcdef/a story.vtt",
    "media/0123456789abcdef/unknown",
]
ASKED_FOR = [*FILES, "", "2026/11/rain/", "2026/11/gone/"]
ON_DISK = {path: 410 if path == "2026/11/gone/" else 200 for path in ASKED_FOR}


async def _a_site_of_files(front: Front, **site: str) -> str:
    """A site's address below the public one; each file holds its own name."""
    directory = await a_site(front.database, **site)
    for path in FILES:
        file = front.data_dir / "sites" / directory.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    return f"/sites/{quote(directory.name)}/"


async def test_every_kind_of_file_comes_from_nginx_as_the_service_would_send_it(front, subtests):
    site = await _a_site_of_files(
        front, name=f"Söme site {next(_numbers)}", path=f"Söme site {next(_numbers) - 1}"
    )
    async with front.client() as client:
        for path, status in ON_DISK.items():
            with subtests.test(path):
                by_nginx = await client.get(f"{front.url}{site}{quote(path)}")
                by_service = await client.get(f"{front.service_url}{front.prefix}{site}{quote(path)}")
                logged = await eventually(lambda sent=by_nginx: _logged(front, sent))

                assert logged["upstream"] == ""
                assert (by_nginx.status_code, by_service.status_code) == (status, status)
                assert by_nginx.content == by_service.content
                assert _telling(by_nginx) == _telling(by_service)


async def test_what_is_not_there_is_told_in_the_callers_own_language(front):
    site = await _a_site_of_files(front)
    async with front.client() as client:
        to_a_browser = await client.get(
            f"{front.url}{site}nothing/here/", headers={"Accept": "text/html,*/*;q=0.8"}
        )
        to_a_program = await client.get(f"{front.url}{site}nothing/here/")
        no_site = await client.get("sites/NoSuchSite/", headers={"Accept": "text/html"})

    assert (to_a_browser.status_code, to_a_browser.text) == (404, "404.html")
    assert to_a_browser.headers["Content-Type"] == "text/html; charset=utf-8"
    assert to_a_browser.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert to_a_browser.headers["Cache-Control"] == "no-store"
    for answer in (to_a_program, no_site):
        assert (answer.status_code, answer.json()["status"]) == (404, "fail")


async def test_a_folder_without_its_slash_leads_to_the_one_with_it(front):
    site = await _a_site_of_files(front)
    async with front.client() as client:
        answer = await client.get(f"{front.url}{site}2026/11/gone?a=1")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"{front.prefix}{site}2026/11/gone/?a=1"


@pytest.mark.parametrize("written", ["mkdocs", "hugo"])
async def test_what_others_build_pages_from_is_not_shown(front, written):
    directory = await a_site(front.database, tmpl=written)
    folder = front.data_dir / "sites" / directory.path
    folder.mkdir(parents=True)
    for name in ("index.html", "index.md", "feed.xml"):
        (folder / name).write_text("no page")
    async with front.client() as client:
        answers = [await client.get(f"sites/{directory.name}/{name}") for name in ("", "index.md", "feed.xml")]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(404, "fail")] * 3


async def test_a_site_may_have_an_address_of_its_own(front):
    """As docs/deployment.md has it."""
    site = await _a_site_of_files(front, name=f"Own{next(_numbers)}")
    with tempfile.TemporaryDirectory(prefix="pygai-own-", ignore_cleanup_errors=True) as folder:
        own = Nginx(_made(Path(folder) / "own"))
        page = f"{front.service_url}{front.prefix}{site}"
        (own.folder / "conf" / "nginx.conf").write_text(
            OWN_ADDRESS.replace("PORT", str(own.http_port))
            .replace("RUN", str(own.folder / "run"))
            .replace("PAGE", page)
            .replace("PATH", f"{front.prefix}{site}")
        )
        Path(folder).chmod(0o755)
        with own.running():
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{own.http_port}") as client:
                home, gone = await client.get("/"), await client.get("/2026/11/gone/")
                folder_asked_for = await client.get("/2026/11/rain")

    assert (home.status_code, home.text) == (200, "index.html")
    assert gone.status_code == 410
    assert (folder_asked_for.status_code, folder_asked_for.headers["Location"]) == (308, "/2026/11/rain/")


OWN_ADDRESS = """
pid RUN/nginx.pid;
events {}
http {
    access_log RUN/access.log;
    client_body_temp_path RUN/body;
    proxy_temp_path RUN/proxy;
    fastcgi_temp_path RUN/fastcgi;
    uwsgi_temp_path RUN/uwsgi;
    scgi_temp_path RUN/scgi;
    server {
        listen 127.0.0.1:PORT;
        absolute_redirect off;
        location = /-alive { return 200; }
        location / {
            proxy_pass PAGE;
            proxy_redirect PATH /;
        }
    }
}
"""


async def test_a_site_in_a_folder_of_another_name_is_served_by_the_service(front):
    async with front.client(token=await _a_token(front)) as client:
        number = next(_numbers)
        url = await _a_page(front, client, name=f"Other {number}", path=f"shelf/{number}")
        page = await client.get(url)
        logged = await eventually(lambda: _logged(front, page))

    assert page.status_code == 200
    assert logged["upstream_status"] == "200"


async def test_a_site_without_its_slash_leads_to_the_one_with_it(front):
    async with front.client() as client:
        answer = await client.get("sites/MyWebSite")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"{front.prefix}/sites/MyWebSite/"


@pytest.mark.parametrize(
    "path", ["sites/A/.git/config", "sites/A/index.html%231", "sites/..%2fsecret.key", "metrics"]
)
async def test_what_is_nobodys_business_is_not_found(front, path):
    (front.data_dir / "sites" / "A" / ".git").mkdir(parents=True, exist_ok=True)
    (front.data_dir / "sites" / "A" / ".git" / "config").write_text("hidden")
    (front.data_dir / "sites" / "A" / "index.html#1").write_text("half")
    async with front.client() as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.json()["status"]) == (404, "fail")


async def test_a_waiting_client_is_answered_as_soon_as_there_is_a_task(front):
    site = await a_site(front.database)
    async with front.client(token=await _a_token(front)) as client:
        waiting = asyncio.create_task(client.get(f"aiprompt/output/?dirId={site.id}&wait=20"))
        await asyncio.sleep(0.5)
        is_held = not waiting.done()
        prompt = await a_prompt(front.database, dir_id=site.id)
        async with asyncio.timeout(5):
            task = (await waiting).json()["data"]

    assert is_held
    assert task["id"] == prompt.id


async def test_a_client_that_hangs_up_while_waiting_is_given_nothing(front):
    site = await a_site(front.database)
    async with front.client(token=await _a_token(front), timeout=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"aiprompt/output/?dirId={site.id}&wait=20")
    await asyncio.sleep(0.3)
    prompt = await a_prompt(front.database, dir_id=site.id)

    async with front.client(token=await _a_token(front)) as other:
        task = (await other.get(f"aiprompt/output/?dirId={site.id}")).json()["data"]

    assert task["id"] == prompt.id


async def test_a_request_id_is_the_same_in_the_answer_and_in_both_logs(front):
    async with front.client() as client:
        given = await client.get("healthz", headers={"X-Request-ID": f"mine-{next(_numbers)}"})
        made = await client.get("healthz", headers={"X-Request-ID": 'x"} evil'})
        for answer in (given, made):
            await eventually(lambda answer=answer: _logged(front, answer))
            await eventually(lambda answer=answer: _logged_by_service(front, answer))

    assert given.headers["X-Request-ID"].startswith("mine-")
    assert len(made.headers["X-Request-ID"]) == 32
    for answer in (given, made):
        request_id = answer.headers["X-Request-ID"]
        assert answer.headers.get_list("X-Request-ID") == [request_id]
        assert front.access_log(request_id)["path"] == f"{front.prefix}/healthz"
        assert front.service_log(request_id)["path"] == f"{front.prefix}/healthz"


async def test_a_body_that_is_too_large_is_refused_in_the_services_words(front):
    async with front.client(token=await _a_token(front)) as client:
        answer = await client.post("aicontent/input/", json=a_submission(text="x" * 17 * 1024 * 1024))
        logged = await eventually(lambda: _logged(front, answer))

    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/json")
    assert answer.json() == {"status": "fail", "data": {"body": "is larger than the service takes"}}
    assert logged["upstream"] == ""


async def test_an_attachment_may_be_larger_than_other_bodies(front):
    prompt = await a_prompt(front.database)
    async with front.client(token=await _a_token(front, role="admin")) as client:
        large = {"file": ("large.bin", bytes(20 * 1024 * 1024))}
        answer = await client.post(f"aiprompt/{prompt.id}/files/", files=large)

    assert answer.status_code == 200, answer.text


async def test_only_the_proxy_is_believed_about_where_a_client_comes_from(front):
    claims = {"X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    wrong = {"username": f"nobody{next(_numbers)}@example.com", "password": "wrong"}
    async with front.client(address="127.0.0.3") as through, front.client(address="127.0.0.4") as past:
        await through.post("signin", data=wrong, headers=claims)
        await past.post(f"{front.service_url}/signin", data=wrong, headers=claims)

    async with front.database.driver() as connection:
        keys = {row["key"] for row in await connection.fetch("SELECT key FROM sign_in_throttle")}
    assert {"address:127.0.0.3", "address:127.0.0.4"} <= keys
    assert "address:198.51.100.7" not in keys


async def test_sign_ins_in_a_flood_are_held_back_by_the_proxy(front):
    async with front.client(address="127.0.0.5") as client:
        answers = [await client.get("signin") for _ in range(60)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["status"] == "fail"
    assert int(refused[0].headers["Retry-After"]) > 0


async def test_the_docs_load_everything_they_need_from_below_the_prefix(front):
    async with front.client() as client:
        page = await client.get("docs")
        links = [
            part.partition('"')[0] for part in page.text.replace("'", '"').split('"') if "static-offline" in part
        ]
        assets = [await client.get(urljoin(f"{front.url}/docs", link)) for link in links]
        document = await client.get("openapi.json", headers={"Accept-Encoding": "gzip"})

    assert len(links) >= 2
    assert all(link.startswith(f"{front.prefix}/") for link in links)
    assert [asset.status_code for asset in assets] == [200] * len(links)
    assert f"{front.prefix}/openapi.json" in page.text
    assert document.json()["servers"] == [{"url": front.prefix or "/"}]
    assert document.headers["Content-Encoding"] == "gzip"


async def test_browsers_are_held_to_https_only_where_there_is_https(front):
    async with front.client() as client:
        answers = [await client.get("healthz"), await client.get("no/such/path"), await client.get("metrics")]

    has_https = front.url.startswith("https")
    assert {"Strict-Transport-Security" in answer.headers for answer in answers} == {has_https}
