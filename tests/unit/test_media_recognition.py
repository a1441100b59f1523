import io
import zipfile
import zlib

import pytest
from PIL import Image

from app.media.pictures import dimensions_of
from app.media.recognition import presentation_of, recognise


def a_picture(kind, size=(3, 2), **options):
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind, **options)
    return buffer.getvalue()


def a_zip(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def an_mp4(brand):
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x02\x00isommp42" + b"\x00" * 32


FILES = [
    (a_picture("PNG"), "image/png"),
    (a_picture("JPEG"), "image/jpeg"),
    (a_picture("GIF"), "image/gif"),
    (a_picture("WEBP"), "image/webp"),
    (a_picture("AVIF"), "image/avif"),
    (a_picture("BMP"), "image/bmp"),
    (b"ID3\x04\x00\x00\x00\x00\x00\x00\xff", "audio/mpeg"),
    (b"\xff\xfb\x90\x00\x00\x00", "audio/mpeg"),
    (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x1e\x01vorbis\xff", "audio/ogg"),
    (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x2a\x80theora\xff", "video/ogg"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt \x10", "audio/wav"),
    (b"fLaC\x00\x00\x00\x22\xff", "audio/flac"),
    (b"\xff\xf1\x50\x80\x00", "audio/aac"),
    (an_mp4(b"M4A "), "audio/mp4"),
    (an_mp4(b"isom"), "video/mp4"),
    (an_mp4(b"mp42"), "video/mp4"),
    (an_mp4(b"qt  "), "video/quicktime"),
    (an_mp4(b"heic"), "application/octet-stream"),
    (b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm\xff", "video/webm"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
    (b"%PDF-1.4\n1 0 obj", "application/pdf"),
    (a_zip("a.txt"), "application/zip"),
    (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "application/gzip"),
    (b"MZ\x90\x00\x03\x00\x00\x00", "application/x-msdownload"),
    (b"", "application/octet-stream"),
    (b"\x00\x01\x02\x03", "application/octet-stream"),
    (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", "application/octet-stream"),
    (b"just words", "text/plain"),
    (b"BMW builds cars", "text/plain"),
    ("早上好".encode(), "text/plain"),
    ("早上好".encode()[:-1], "text/plain"),
    (b"# Title\n\nwith <b>markup</b> inside", "text/plain"),
    (b'{"a": 1}', "text/plain"),
    (b"alert(1)", "text/plain"),
    (b"a < b", "text/plain"),
    (b"<!DOCTYPE html><p>", "text/html"),
    (b"\xef\xbb\xbf \n<!-- hi --> <HTML>", "text/html"),
    (b"<script>alert(1)</script>", "text/html"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    (b"<?xml version='1.0'?><!-- x --><svg onload='x'/>", "image/svg+xml"),
    (b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C'><svg/>", "image/svg+xml"),
    (b"<?xml version='1.0'?><note/>", "application/xml"),
]


@pytest.mark.parametrize(("head", "media_type"), FILES)
def test_a_file_is_what_its_bytes_say(head, media_type):
    recognised = recognise(head)

    assert recognised == media_type


@pytest.mark.parametrize("length", range(80))
def test_a_file_cut_anywhere_is_still_recognised_without_an_error(length):
    for head, _ in FILES:
        recognised = recognise(head[:length])

        assert "/" in recognised


@pytest.mark.parametrize(
    "media_type",
    ["image/png", "image/avif", "audio/mp4", "audio/flac", "video/webm", "application/pdf"],
)
def test_what_browsers_only_show_is_served_as_what_it_is(media_type):
    presentation = presentation_of(media_type)

    assert presentation.content_type == media_type
    assert presentation.is_inline


def test_text_is_served_with_its_charset():
    presentation = presentation_of("text/plain")

    assert presentation.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "media_type",
    [
        "text/html",
        "image/svg+xml",
        "application/xml",
        "application/xhtml+xml",
        "text/javascript",
        "application/zip",
        "application/x-msdownload",
        "application/octet-stream",
        "",
    ],
)
def test_active_and_unknown_content_is_only_for_saving(media_type):
    presentation = presentation_of(media_type)

    assert presentation.content_type == "application/octet-stream"
    assert not presentation.is_inline


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
def test_a_picture_has_a_width_and_a_height(kind):
    picture = a_picture(kind, (30, 20))

    dimensions = dimensions_of(picture, recognise(picture))

    assert dimensions == (30, 20)


def test_a_picture_in_a_file_is_measured_as_well(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(a_picture("PNG", (30, 20)))

    dimensions = dimensions_of(path, "image/png")

    assert dimensions == (30, 20)


def test_a_photograph_taken_on_its_side_is_measured_as_shown():
    turned = Image.Exif()
    turned[0x0112] = 6
    photograph = a_picture("JPEG", (30, 20), exif=turned)

    dimensions = dimensions_of(photograph, "image/jpeg")

    assert dimensions == (20, 30)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP"])
def test_a_broken_picture_has_no_dimensions_and_does_no_harm(kind):
    picture = a_picture(kind)
    broken = picture[:12] + b"\xff" * (len(picture) - 12)

    for damaged in (picture[:14], broken):
        dimensions = dimensions_of(damaged, recognise(picture))

        assert dimensions is None or len(dimensions) == 2


def test_a_picture_that_would_fill_the_memory_is_measured_by_its_header_alone():
    picture = a_picture("PNG")
    header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + picture[24:29]
    bomb = picture[:12] + header + zlib.crc32(header).to_bytes(4, "big") + picture[33:]

    dimensions = dimensions_of(bomb, "image/png")

    assert dimensions == (60_000, 60_000)


def test_what_is_no_picture_has_no_dimensions():
    dimensions = dimensions_of(b"words", "text/plain")

    assert dimensions is None
