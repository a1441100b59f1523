"""What nginx says when it answers alone: always JSend, with the request's id and the security headers."""

import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.publishing.serving import media_types
from tests.faults import proxied
from tests.faults.proxied import ROOT, Nginx

pytestmark = pytest.mark.xdist_group("proxy")


@pytest.fixture(scope="module")
def nginx() -> Iterator[Nginx]:
    """Below a path, with nothing behind it, one published page and one that was taken down."""
    with _a_folder() as folder:
        for path in ("index.html", "404.html", "2026/11/rain/gone.html"):
            page = folder / "data" / "sites" / "MyWebSite" / path
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(f"<!doctype html><title>{path}</title>")
        upstream = f"127.0.0.1:{proxied.free_port()}"
        with Nginx(folder, PROXY_UPSTREAM=upstream, PROXY_PREFIX="/pygai").running() as nginx:
            yield nginx


@pytest.fixture(scope="module")
def tls() -> Iterator[Nginx]:
    with _a_folder() as folder:
        proof = folder / "acme" / ".well-known" / "acme-challenge" / "token"
        proof.parent.mkdir(parents=True)
        proof.write_text("proof")
        upstream = f"127.0.0.1:{proxied.free_port()}"
        with Nginx(folder, PROXY_UPSTREAM=upstream, PROXY_SCHEME="https").running() as nginx:
            yield nginx


@contextmanager
def _a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pygai-nginx-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _ask(nginx: Nginx, path: str, *, method: str = "GET", **options) -> httpx.Response:
    return httpx.request(method, f"http://127.0.0.1:{nginx.http_port}{path}", timeout=10, **options)


def _assert_refusal(answer: httpx.Response, status: int) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.json()["status"] == ("error" if status >= 500 else "fail")
    assert answer.json().get("code", status) == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.headers["X-Request-ID"]) == 32
    assert "nginx" not in answer.text


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("prefix", ["", "/pygai"])
def test_nginx_finds_nothing_to_say_against_the_configuration(scheme, prefix):
    with _a_folder() as folder:
        changes = {"PROXY_UPSTREAM": "127.0.0.1:5050", "PROXY_SCHEME": scheme, "PROXY_PREFIX": prefix}
        said = Nginx(folder, **changes).check()

    assert said == ""


def test_a_service_that_is_away_is_a_502_and_the_proxy_lives_on(nginx):
    answer = _ask(nginx, "/pygai/healthz")
    alive = _ask(nginx, "/-alive")

    _assert_refusal(answer, 502)
    assert int(answer.headers["Retry-After"]) > 0
    assert alive.json() == {"status": "success", "data": {"alive": True}}


def test_a_page_that_only_the_service_could_show_is_a_502_too(nginx):
    _assert_refusal(_ask(nginx, "/pygai/sites/Elsewhere/"), 502)


def test_published_pages_are_there_while_the_service_is_away(nginx):
    answer = _ask(nginx, "/pygai/sites/MyWebSite/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_pages_that_were_taken_down_are_known_while_the_service_is_away(nginx):
    answer = _ask(nginx, "/pygai/sites/MyWebSite/2026/11/rain/")
    submitted = _ask(nginx, "/pygai/sites/MyWebSite/2026/11/rain/", method="POST", content=b"x")

    assert (answer.status_code, answer.headers["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "gone.html" in answer.text
    _assert_refusal(submitted, 405)


def test_a_folder_that_is_no_site_of_pages_is_for_the_service_to_judge(nginx):
    notes = nginx.folder / "data" / "sites" / "Notes"
    notes.mkdir()
    for name in ("mkdocs.yml", "index.html", "feed.xml"):
        (notes / name).write_text("for MkDocs")

    for name in ("", "mkdocs.yml", "feed.xml"):
        _assert_refusal(_ask(nginx, f"/pygai/sites/Notes/{name}"), 502)


def test_the_proxy_knows_the_same_types_as_the_service():
    lines = (ROOT / "deploy" / "nginx" / "pygai-types.conf.template").read_text().splitlines()
    pairs = [line.strip(" ;").split() for line in lines if line.startswith("    ")]

    assert {ending: media_type for media_type, *endings in pairs for ending in endings} == media_types.BY_ENDING


def test_an_nginx_that_serves_other_things_too_keeps_them_apart():
    with _a_folder() as folder:
        nginx = Nginx(folder, PROXY_UPSTREAM=f"127.0.0.1:{proxied.free_port()}", PROXY_PREFIX="/pygai")
        own = SHARED.replace("CONF", str(folder / "conf")).replace("PORT", str(nginx.http_port))
        (folder / "conf" / "nginx.conf").write_text(own.replace("RUN", str(folder / "run")))
        with nginx.running():
            theirs, missing, ours = (_ask(nginx, path) for path in ("/", "/missing", "/pygai/healthz"))

    assert theirs.text == "another"
    assert missing.headers["Content-Type"].startswith("text/html")
    _assert_refusal(ours, 502)


# As docs/deployment.md has it.
SHARED = """
pid RUN/nginx.pid;
events {}
http {
    access_log RUN/access.log;
    client_body_temp_path RUN/body;
    proxy_temp_path RUN/proxy;
    fastcgi_temp_path RUN/fastcgi;
    uwsgi_temp_path RUN/uwsgi;
    scgi_temp_path RUN/scgi;
    include CONF/pygai-http.conf;
    server {
        listen 127.0.0.1:PORT;
        root /nonexistent;
        location = / { return 200 another; }
        location = /-alive { return 200; }
        include CONF/pygai-locations.conf;
    }
}
"""


def test_a_service_that_does_not_answer_in_time_is_a_504():
    with _a_folder() as folder, _a_silent_server() as port:
        changes = {"PROXY_UPSTREAM": f"127.0.0.1:{port}", "PROXY_READ_TIMEOUT": "1s"}
        with Nginx(folder, **changes).running() as nginx:
            answer = _ask(nginx, "/healthz")

    _assert_refusal(answer, 504)


@contextmanager
def _a_silent_server() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_beside_the_prefix_there_is_nothing(nginx):
    _assert_refusal(_ask(nginx, "/"), 404)
    _assert_refusal(_ask(nginx, "/healthz"), 404)


def test_the_prefix_without_its_slash_leads_below_it(nginx):
    assert _ask(nginx, "/pygai").headers["Location"] == "/pygai/"


def test_a_page_can_only_be_read(nginx):
    answer = _ask(nginx, "/pygai/sites/MyWebSite/", method="POST", content=b"x")

    _assert_refusal(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"


def test_an_address_that_is_too_long_is_a_414(nginx):
    _assert_refusal(_ask(nginx, "/pygai/" + "x" * 10_000), 414)


def test_headers_that_are_too_large_are_a_400(nginx):
    _assert_refusal(_ask(nginx, "/pygai/healthz", headers={"X-Large": "x" * 40_000}), 400)


def test_what_is_not_http_is_a_400(nginx):
    with socket.create_connection(("127.0.0.1", nginx.http_port), timeout=5) as connection:
        connection.sendall(b"GET /pygai/ healthz nonsense\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'{"status":"fail"' in answer


def test_plain_http_is_sent_to_https_with_its_method(tls):
    answer = _ask(tls, "/aicontent/input/?writetofile=1", method="POST", content=b"{}")

    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/aicontent/input/?writetofile=1"


def test_a_certificate_authority_finds_its_proof(tls):
    assert _ask(tls, "/.well-known/acme-challenge/token").text == "proof"


def test_https_speaks_http_2_and_no_old_tls(tls):
    offered = proxied.trusting(tls.folder)
    offered.set_alpn_protocols(["h2", "http/1.1"])

    with _a_tls_connection(tls, offered) as connection:
        agreed = connection.selected_alpn_protocol(), connection.version()

    assert agreed == ("h2", "TLSv1.3")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in (tls.folder / "conf" / "pygai-server-https.conf").read_text()


@contextmanager
def _a_tls_connection(tls: Nginx, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", tls.https_port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        yield connection
