import base64

import pytest

from app.media.data_urls import decode_data_url, is_data_url
from app.media.errors import FetchRefused

PICTURE = bytes(range(256))
BASE64 = base64.b64encode(PICTURE).decode()


@pytest.mark.parametrize(
    ("url", "payload", "media_type"),
    [
        (f"data:image/png;base64,{BASE64}", PICTURE, "image/png"),
        (f" DATA:Image/PNG;Base64,{BASE64}", PICTURE, "image/png"),
        (f"data:image/png;base64,{BASE64.rstrip('=')}", PICTURE, "image/png"),
        (f"data:image/png;name=a;base64,{BASE64[:60]}\n {BASE64[60:]}", PICTURE, "image/png"),
        ("data:;base64,aGk%3D", b"hi", ""),
        ("data:,hello%20there", b"hello there", ""),
        ("data:text/plain;charset=utf-8,%E7%8C%AB", "猫".encode(), "text/plain"),
        ("data:text/plain,a,b;c", b"a,b;c", "text/plain"),
        ("data:base64,aGk=", b"aGk=", "base64"),
        ("data:,", b"", ""),
        ("data:,\udcff", b"\xed\xb3\xbf", ""),
    ],
)
def test_a_data_url_carries_its_file(url, payload, media_type):
    decoded = decode_data_url(url, 1000)

    assert decoded == (payload, media_type)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("data:image/png;base64", "comma"),
        ("http://example.org/,", "data"),
        ("data:;base64,a", "base64 is broken"),
        ("data:;base64,aG*k", "base64 is broken"),
        ("data:;base64,aG=k", "base64 is broken"),
        ("data:;base64,猫", "base64 is broken"),
        ("data:;base64," + "A" * 4000, "larger than 1000 bytes"),
        ("data:," + "x" * 1001, "larger than 1000 bytes"),
        ("data:," + "x" * 100_000, "larger than 1000 bytes"),
    ],
)
def test_a_data_url_that_cannot_be_taken_is_refused_in_words(url, reason):
    with pytest.raises(FetchRefused) as refused:
        decode_data_url(url, 1000)

    assert reason in refused.value.reason


def test_a_data_url_is_told_from_other_addresses():
    answers = [is_data_url(url) for url in ("data:,x", " Data:,x", "http://data:80/", "")]

    assert answers == [True, True, False, False]
