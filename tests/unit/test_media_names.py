import unicodedata

import pytest

from app.media.names import extension_of, safe_name

NAMES = [
    ("picture.png", "image/png", "picture.png"),
    ("picture.PNG", "image/png", "picture.png"),
    ("photo.jpeg", "image/jpeg", "photo.jpeg"),
    ("photo.png", "image/jpeg", "photo.jpg"),
    ("photo", "image/jpeg", "photo.jpg"),
    ("page.html", "image/png", "page.png"),
    ("x.png", "text/html", "x.bin"),
    ("x.svg", "image/svg+xml", "x.bin"),
    ("x.exe", "application/x-msdownload", "x.bin"),
    ("x.php.png", "image/png", "x.php.png"),
    ("notes.md", "text/plain", "notes.md"),
    ("script.js", "text/plain", "script.txt"),
    ("archive.tar.gz", "application/gzip", "archive.tar.gz"),
    ("v1.2 final report", "application/pdf", "v1.2 final report.pdf"),
    ("", "image/png", "file.png"),
    (".", "image/png", "file.png"),
    ("..", "image/png", "file.png"),
    ("...", "image/png", "file.png"),
    ("/", "image/png", "file.png"),
    ("a/b/c.png", "image/png", "c.png"),
    ("../../etc/passwd", "text/plain", "passwd.txt"),
    ("..\\..\\boot.ini", "text/plain", "boot.txt"),
    ("%2e%2e%2fetc%2fpasswd", "text/plain", "passwd.txt"),
    ("..%2F..%5Cx.png", "image/png", "x.png"),
    (".htaccess", "text/plain", "htaccess.txt"),
    ("a..b...c.png", "image/png", "a.b.c.png"),
    ("a\x00b\r\nc.png", "image/png", "abc.png"),
    ("a%00b%0d%0ac.png", "image/png", "abc.png"),
    ("invoice\u202egpj.exe", "image/jpeg", "invoicegpj.jpg"),
    ('a"b<c>d:e|f?g*h.png', "image/png", "a_b_c_d_e_f_g_h.png"),
    ("%E7%8C%AB.png", "image/png", "猫.png"),
    ("%FF%FE.png", "image/png", "\ufffd\ufffd.png"),
    ("cafe\u0301.png", "image/png", "caf\u00e9.png"),
    (" . name . .png", "image/png", "name.png"),
]


@pytest.mark.parametrize(("given", "media_type", "safe"), NAMES)
def test_a_name_leaves_harmless_and_with_the_extension_of_what_is_inside(given, media_type, safe):
    name = safe_name(given, media_type)

    assert name == safe


@pytest.mark.parametrize("given", ["a" * 500 + ".png", "猫" * 200 + ".png", "e\u0301" * 200, "🐈" * 100 + ".jpeg"])
def test_a_long_name_is_cut_between_two_characters(given):
    name = safe_name(given, "image/png")

    assert 90 < len(name.encode()) <= 100
    assert name.endswith(".png")
    assert unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize(("given", "media_type", "safe"), NAMES)
def test_a_safe_name_stays_as_it_is(given, media_type, safe):
    again = safe_name(safe, media_type)

    assert again == safe


def test_an_extension_of_something_unknown_says_nothing():
    extension = extension_of("application/x-whatever")

    assert extension == "bin"
