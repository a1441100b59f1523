import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.media.fetching import FetchError, FetchFailed, FetchRefused
from tests.unit.media_site import a_fetcher, a_redirect, a_site, an_answer

PUBLIC = "8.8.8.8"


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def a_resolver(*answers):
    """A name service that answers differently from one question to the next."""
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    resolve.asked = asked
    return resolve


def a_network(answers):
    """A network in which every address serves the same; what it was asked for is kept."""
    sent = []

    def handle(request):
        sent.append(request)
        return answers[request.url.path]

    transport = httpx.MockTransport(handle)
    transport.sent = sent
    return transport


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.0.1.",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x7f.0x0.0x0.0x1",
        "017700000001",
        "0177.0.0.1",
        "0177.1",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "１２７.0.0.1",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "[fd00:ec2::254]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "app.localhost",
        "10.0.0.1",
        "0xa9fea9fe",
        "2852039166",
        "169.254.169.254",
        "100.100.100.200",
    ],
)
async def test_no_spelling_of_a_closed_address_is_fetched(host):
    async with a_site({"/": an_answer(b"secret")}) as site, a_fetcher() as fetcher:
        with pytest.raises(FetchRefused, match=r"is (\w|-)+|valid"):
            await fetcher.fetch(f"http://{host}:{site.port}/")

    assert site.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://",
        "http:///x",
        "http:127.0.0.1/",
        "http://user:password@8.8.8.8/",
        "http://user@8.8.8.8/",
        "http://8.8.8.8\\@127.0.0.1/",
        "http://8.8.8.8:0/",
        "http://8.8.8.8:99999/",
        "http://8.8.8.8:port/",
        "http://exa\tmple.org/",
        "http://exa mple.org/",
        "http://xn--a/",
        "http://\udcff/",
        "http://[::1",
        "http://" + "a" * 300 + "/",
        "http://8.8.8.8/" + "a" * 70_000,
    ],
)
async def test_what_is_no_plain_web_address_is_refused_in_words(url):
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchRefused) as refused:
            await fetcher.fetch(url)

    assert len(refused.value.reason.split()) > 2


@pytest.mark.parametrize("url", ["http://" + "a" * 70 + "/", "http://a..b/", "http://../", "http://-/"])
async def test_a_name_that_cannot_exist_is_an_error_in_words(url):
    async with a_fetcher() as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(url)


async def test_the_reason_says_which_address_of_which_name_is_closed():
    async with a_fetcher(resolve=a_resolver(["10.0.0.1"])) as fetcher:
        with pytest.raises(FetchRefused) as refused:
            await fetcher.fetch("http://example.org/cat.png")

    assert refused.value.reason == "the address 10.0.0.1 of example.org is private"


async def test_one_closed_address_among_public_ones_closes_the_name():
    network = a_network({"/": httpx.Response(200)})

    async with a_fetcher(resolve=a_resolver([PUBLIC, "127.0.0.1"]), transport=network) as fetcher:
        with pytest.raises(FetchRefused, match=r"127\.0\.0\.1 of example\.org is loopback"):
            await fetcher.fetch("http://example.org/")

    assert network.sent == []


async def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked():
    network = a_network({"/": httpx.Response(200, stream=httpx.ByteStream(b"x"))})
    resolver = a_resolver([PUBLIC], ["127.0.0.1"])

    async with a_fetcher(resolve=resolver, transport=network) as fetcher:
        fetched = await fetcher.fetch("https://example.org/")

    [request] = network.sent
    assert resolver.asked == ["example.org"]
    assert request.url.host == PUBLIC
    assert request.headers["Host"] == "example.org"
    assert request.extensions["sni_hostname"] == "example.org"
    assert fetched.url == "https://example.org/"


async def test_a_real_connection_goes_to_the_checked_address_only():
    async with (
        a_site({"/": an_answer(b"first")}, host="127.0.0.1") as first,
        a_site({"/": an_answer(b"second")}, host="127.0.0.2", port=first.port) as second,
    ):
        origin = f"http://files.example:{first.port}"
        async with a_fetcher(origin, resolve=a_resolver(["127.0.0.1"], ["127.0.0.2"])) as fetcher:
            fetched = await fetcher.fetch(origin)

    assert fetched.path.read_bytes() == b"first"
    assert second.requests == []


async def test_a_name_is_checked_anew_at_every_redirect():
    network = a_network({"/": httpx.Response(302, headers={"Location": "/again"})})

    async with a_fetcher(resolve=a_resolver([PUBLIC], ["127.0.0.1"]), transport=network) as fetcher:
        with pytest.raises(FetchRefused, match="is loopback"):
            await fetcher.fetch("http://example.org/")

    assert [request.url.path for request in network.sent] == ["/"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_private_address_is_refused(status):
    redirect = httpx.Response(status, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    network = a_network({"/": redirect})

    async with a_fetcher(resolve=a_resolver([PUBLIC]), transport=network) as fetcher:
        with pytest.raises(FetchRefused, match=r"169\.254\.169\.254 is link-local"):
            await fetcher.fetch("http://example.org/")

    assert len(network.sent) == 1


async def test_an_allowed_origin_may_not_redirect_to_a_private_address_that_is_none():
    async with (
        a_site({"/": an_answer(b"secret")}) as inner,
        a_site({"/": a_redirect(inner.origin)}) as site,
        a_fetcher(site.origin) as fetcher,
    ):
        with pytest.raises(FetchRefused, match="is loopback"):
            await fetcher.fetch(site.origin)

    assert inner.requests == []


async def test_an_allowed_origin_may_redirect_to_another_allowed_one():
    async with (
        a_site({"/": an_answer(b"fine")}) as inner,
        a_site({"/": a_redirect(inner.origin)}) as site,
        a_fetcher(site.origin, inner.origin) as fetcher,
    ):
        fetched = await fetcher.fetch(site.origin)

    assert fetched.path.read_bytes() == b"fine"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://8.8.8.8/x", "http://user@8.8.8.8/"])
async def test_a_redirect_to_what_is_no_plain_web_address_is_refused(target):
    network = a_network({"/": httpx.Response(302, headers={"Location": target})})

    async with a_fetcher(transport=network) as fetcher:
        with pytest.raises(FetchError):
            await fetcher.fetch(f"http://{PUBLIC}/")

    assert len(network.sent) == 1


async def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(tmp_path):
    server_tls, client_tls = a_certificate_for("files.example", tmp_path)

    async with a_site({"/": an_answer(b"secure")}, tls=server_tls) as site:
        origin = f"https://files.example:{site.port}"
        async with a_fetcher(origin, resolve=a_resolver(["127.0.0.1"]), tls=client_tls) as fetcher:
            fetched = await fetcher.fetch(origin)

    assert fetched.path.read_bytes() == b"secure"


async def test_a_certificate_of_another_name_is_not_accepted(tmp_path):
    server_tls, client_tls = a_certificate_for("files.example", tmp_path)

    async with a_site({"/": an_answer(b"secure")}, tls=server_tls) as site:
        origin = f"https://other.example:{site.port}"
        async with a_fetcher(origin, resolve=a_resolver(["127.0.0.1"]), tls=client_tls) as fetcher:
            with pytest.raises(FetchFailed, match="certificate is not valid"):
                await fetcher.fetch(origin)

    assert site.requests == []


async def test_a_certificate_nobody_vouches_for_is_not_accepted(tmp_path):
    server_tls, _ = a_certificate_for("localhost", tmp_path)

    async with a_site({"/": an_answer(b"secure")}, tls=server_tls) as site:
        origin = f"https://localhost:{site.port}"
        async with a_fetcher(origin) as fetcher:
            with pytest.raises(FetchFailed, match="certificate is not valid"):
                await fetcher.fetch(origin)


def a_certificate_for(name, folder):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=chain)
