"""What is taken out of a picture before others get it, and what must stay."""

import random
import struct

import pytest
from PIL import Image, ImageCms, ImageSequence, PngImagePlugin

from app.media.metadata import CLEANED, without_metadata
from app.media.pictures import dimensions_of
from app.media.recognition import recognise
from tests.unit.picture_builders import (
    ORIENTATION,
    TYPES,
    a_photograph,
    frames,
    opened,
    png_chunk,
    quarters,
    saved,
)

SECRET = b"48.8584 N, Rain Writer"
KINDS = ["JPEG", "PNG", "WEBP"]


def exif_of(orientation=1):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.24)})
    return exif.tobytes()


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def a_private(kind, orientation=1, picture=None):
    """A picture with everything that a camera or a generator writes into one."""
    picture = picture or quarters((60, 40))
    options = {"exif": exif_of(orientation), "icc_profile": profile(), "xmp": b"<x:xmpmeta>" + SECRET}
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("parameters", SECRET.decode())
        text.add_text("Description", SECRET.decode(), zip=True)
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        options["pnginfo"] = text
        options.pop("xmp")
    return saved(picture, kind, **options)


def in_mode(picture, mode):
    return picture.convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)


def cleaned(body):
    return without_metadata(body, recognise(body))


def pixels(body):
    return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(opened(body))]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_picture_and_its_colours_is_left(kind):
    body = a_private(kind)

    shown = cleaned(body)

    assert SECRET in body
    assert SECRET not in shown
    assert opened(shown).info.keys() & {"exif", "xmp", "comment", "parameters", "Description"} == set()
    assert opened(shown).info["icc_profile"] == profile()
    assert pixels(shown) == pixels(body)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_that_lies_is_still_shown_upright(kind, orientation):
    body = a_private(kind, orientation)

    shown = cleaned(body)

    assert SECRET not in shown
    assert dict(opened(shown).getexif()) == {ORIENTATION: orientation}
    assert dimensions_of(shown, TYPES[kind]) == dimensions_of(body, TYPES[kind])
    assert pixels(shown) == pixels(body)


@pytest.mark.parametrize("kind", KINDS)
def test_cleaning_once_more_changes_nothing(kind):
    shown = cleaned(a_private(kind, 6))

    assert cleaned(shown) == shown


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_a_picture_with_nothing_to_hide_stays_as_it_is(kind):
    body = saved(a_photograph((80, 60)), kind)

    assert cleaned(body) == body


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        *(("JPEG", mode, {"progressive": True, "restart_marker_rows": 1}) for mode in ("RGB", "L", "CMYK")),
        *(("JPEG", mode, {"quality": 100, "subsampling": 0}) for mode in ("RGB", "L", "CMYK")),
        *(("PNG", mode, {}) for mode in ("RGB", "L", "RGBA", "P", "1", "I;16")),
        *(("WEBP", mode, {"lossless": True}) for mode in ("RGB", "L", "RGBA", "P")),
        *(("WEBP", mode, {"quality": 50}) for mode in ("RGB", "RGBA")),
    ],
)
def test_every_way_of_writing_a_picture_survives(kind, mode, options):
    body = saved(in_mode(a_photograph((90, 70)), mode), kind, exif=exif_of(), **options)

    shown = cleaned(body)

    assert SECRET not in shown
    assert (opened(shown).mode, opened(shown).size, pixels(shown)) == (
        opened(body).mode,
        opened(body).size,
        pixels(body),
    )


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_picture_that_moves_goes_on_moving(kind):
    options = {"comment": SECRET} if kind == "GIF" else {"exif": exif_of()}
    body = frames(kind, loop=3, **options)

    shown = cleaned(body)

    assert SECRET in body
    assert SECRET not in shown
    assert pixels(shown) == pixels(body)
    assert [opened(shown).info.get(name) for name in ("loop", "duration")] == [
        opened(body).info.get(name) for name in ("loop", "duration")
    ]


def test_what_other_programs_write_into_a_jpeg_goes_too():
    body = saved(quarters((60, 40)), "JPEG")
    segments = {
        0xE0: b"JFXX\0\x10" + SECRET,
        0xE2: b"MPF\0" + SECRET,
        0xEB: b"JP\0\0" + SECRET,
        0xED: b"Photoshop 3.0\0" + SECRET,
        0xF0: SECRET,
    }
    private = b"".join(
        bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data for kind, data in segments.items()
    )

    shown = cleaned(body[:2] + private + body[2:])

    assert shown == body


def test_the_preview_in_a_jpegs_first_segment_goes_and_its_density_stays():
    body = saved(quarters((60, 40)), "JPEG", dpi=(300, 300))
    preview = bytes(range(1, 13))
    head = struct.pack(">H", 16 + len(preview)) + body[6:18] + b"\x02\x02" + preview

    shown = cleaned(body[:4] + head + body[20:])

    assert shown == body


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_what_stands_behind_the_end_of_a_picture_is_no_part_of_it(kind):
    body = saved(quarters((60, 40)), kind)

    assert cleaned(body + SECRET) == body


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"caBX", b"prVt", b"eXIf"])
def test_no_chunk_of_words_is_left_in_a_png_wherever_it_stands(name):
    body = saved(quarters((60, 40)), "PNG")
    end = len(body) - 12

    for at in (33, end):
        assert cleaned(body[:at] + png_chunk(name, SECRET) + body[at:]) == body


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_no_damage_makes_it_fail_and_none_lets_out_what_a_segment_says(kind):
    body = a_private(kind, 6) if kind in KINDS else frames("GIF", comment=SECRET)
    chance = random.Random(3)

    for _ in range(300):
        damaged = bytearray(body[: chance.randrange(12, len(body) + 1)])
        for _ in range(chance.randrange(4)):
            damaged[chance.randrange(12, len(damaged)) if len(damaged) > 12 else 0] = chance.randrange(256)
        without_metadata(bytes(damaged), TYPES[kind])
    for length in range(12, len(body), 7):
        assert SECRET not in without_metadata(body[:length], TYPES[kind])


@pytest.mark.parametrize("head", [b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x02"])
def test_a_long_run_of_the_same_byte_takes_no_longer_than_any_other(head):
    """The square of this length would be a day."""
    body = head + b"\xff" * 4_000_000 + b"\x00"

    assert len(without_metadata(body, "image/jpeg")) <= len(body) + 2


def test_a_webp_that_ends_within_its_first_chunk_is_no_trouble():
    body = b"RIFF\x64\0\0\0WEBPVP8X\x0a\0\0\0"

    assert without_metadata(body, "image/webp").startswith(b"RIFF")


def test_other_files_are_left_alone():
    assert frozenset(TYPES.values()) - CLEANED == {"image/avif", "image/bmp"}
    assert without_metadata(b"words", "text/plain") == b"words"
