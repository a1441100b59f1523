import httpx
import pytest

from app.media.addresses import allowed_origins, closed_because, is_public, origin_of

CLOSED = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.1", "private"),
    ("100.100.100.200", "private"),
    ("100.127.255.255", "private"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("168.63.129.16", "a cloud's own"),
    ("169.254.0.1", "link-local"),
    ("169.254.169.254", "link-local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "reserved"),
    ("192.0.2.1", "reserved"),
    ("192.88.99.1", "reserved"),
    ("192.168.0.1", "private"),
    ("192.168.255.255", "private"),
    ("198.18.0.1", "reserved"),
    ("198.19.255.255", "reserved"),
    ("198.51.100.7", "reserved"),
    ("203.0.113.7", "reserved"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::7f00:1", "reserved"),
    ("::8.8.8.8", "reserved"),
    ("::ffff:0.0.0.0", "unspecified"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:10.0.0.1", "private"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:0:127.0.0.1", "reserved"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::10.0.0.1", "private"),
    ("64:ff9b::169.254.169.254", "link-local"),
    ("64:ff9b:1::8.8.8.8", "private"),
    ("64:ff9b:1:a00:1::", "private"),
    ("100::1", "reserved"),
    ("2001::1", "reserved"),
    ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "reserved"),
    ("2001:10::1", "reserved"),
    ("2001:db8::1", "reserved"),
    ("2002:7f00:1::1", "loopback"),
    ("2002:a00:1::", "private"),
    ("2002:c0a8:101::1", "private"),
    ("2002:a9fe:a9fe::", "link-local"),
    ("3fff::1", "reserved"),
    ("4000::1", "reserved"),
    ("5f00::1", "reserved"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fd20:ce::254", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%lo", "link-local"),
    ("fec0::1", "private"),
    ("ff02::1", "multicast"),
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450:4001::1",
]


@pytest.mark.parametrize(("address", "word"), CLOSED)
def test_an_address_that_not_everybody_can_reach_is_closed(address, word):
    reason = closed_because(address)

    assert reason == word
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address):
    reason = closed_because(address)

    assert reason is None
    assert is_public(address)


@pytest.mark.parametrize(
    ("spelling", "same"),
    [
        ("http://localhost:8080", "HTTP://LocalHost:8080/some/path?query#part"),
        ("http://example.org", "http://EXAMPLE.org:80/"),
        ("https://example.org:443", "https://example.org."),
        ("http://[::1]", "http://[::1]:80/"),
        ("http://bücher.example", "http://xn--bcher-kva.example/"),
    ],
)
def test_one_origin_has_many_spellings(spelling, same):
    allowed = allowed_origins([spelling])

    origin = origin_of(httpx.URL(same))

    assert origin in allowed


@pytest.mark.parametrize(
    "other",
    [
        "http://localhost:8081",
        "https://localhost:8080",
        "http://127.0.0.1:8080",
        "http://localhost.example:8080",
        "http://localhost",
    ],
)
def test_another_scheme_host_or_port_is_another_origin(other):
    allowed = allowed_origins(["http://localhost:8080"])

    origin = origin_of(httpx.URL(other))

    assert origin not in allowed


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "//example.org/x",
        "example.org/x",
        "http:///x",
        "http:127.0.0.1",
        "http://exa mple.org/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://[fe80::1%25lo]/",
        "http://%31%32%37.0.0.1/",
    ],
)
def test_what_names_no_web_server_has_no_origin(address):
    url = httpx.URL(address)

    with pytest.raises(ValueError, match=r"\w+ \w+"):
        origin_of(url)
