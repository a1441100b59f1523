"""Pictures that are not copied: moving, damaged, or too costly to decode."""

import random
import struct
import zlib

import pytest
from PIL import Image

from app.publishing.images.encoding import make_variants
from app.publishing.images.variants import variant_rule
from app.publishing.model import Variant
from tests.unit.picture_builders import (
    PNG,
    TYPES,
    WEBP,
    a_photograph,
    copies_of,
    frames,
    opened,
    png_chunk,
    quarters,
    rule_for,
    saved,
)


@pytest.mark.parametrize(("kind", "path"), [("WEBP", "a.webp"), ("PNG", "a.png"), ("GIF", "a.gif")])
def test_a_picture_that_moves_is_left_alone(kind, path):
    made = make_variants(frames(kind), variant_rule(path, 600, 400, TYPES[kind]) or (Variant("a", 480, WEBP),))

    assert made == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0, 0.001, 0.1, 0.5, 0.99])
def test_a_picture_that_was_cut_off_has_no_copies(kind, part):
    body = saved(a_photograph(), kind, quality=95)

    made = make_variants(body[: int(len(body) * part)], rule_for(body))

    assert made == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_pictures_do_no_harm(kind):
    body = saved(a_photograph((500, 400)), kind, quality=95)
    rule = rule_for(body)
    chance = random.Random(3)

    for _ in range(12):
        damaged = bytearray(body)
        for place in (chance.randrange(12, len(body)) for _ in range(8)):
            damaged[place] = chance.randrange(256)
        made = make_variants(bytes(damaged), rule)

        assert {file.path for file in made} <= {variant.path for variant in rule}


def a_png_bomb(side):
    """A small file that says it is a square of that many pixels, and means it."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compress(bytes(side // 8 + 1) * side, 9)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


BOMBS = {
    "PNG": lambda: a_png_bomb(30_000),
    "JPEG": lambda: saved(Image.new("L", (17_000, 17_000)), "JPEG"),
    "progressive": lambda: saved(Image.new("L", (6000, 6000)), "JPEG", progressive=True),
    "WebP": lambda: saved(Image.new("L", (8000, 8000)), "WEBP"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_picture_that_would_fill_the_memory_is_not_decoded(kind):
    body = BOMBS[kind]()

    made = make_variants(body, rule_for(body))

    assert made == []


def test_a_photograph_as_large_as_cameras_take_them_is_copied():
    body = saved(quarters((8064, 6048)), "JPEG")

    widths = {copy.width for copy in copies_of(body).values()}

    assert widths == {480, 960, 1600, 2400}


def test_a_jpeg_of_endless_scans_is_not_decoded():
    body = saved(a_photograph((2000, 1500)), "JPEG", progressive=True, quality=95)
    last_scan = body[body.rindex(b"\xff\xda") : -2]
    endless = body[:-2] + last_scan * 200 + body[-2:]

    assert make_variants(body, rule_for(body))
    assert make_variants(endless, rule_for(body)) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (20_000, 3), (3, 16_000), (2400, 1)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_odd_measures_do_no_harm(size, kind):
    body = saved(Image.new("RGB", size, "red"), kind)
    rule = rule_for(body)

    made = make_variants(body, rule)

    widths = {variant.path: variant.width for variant in rule}
    assert all(opened(file.body).width == widths[file.path] for file in made)


@pytest.mark.parametrize(
    "body", [b"", b"words", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x00\x00\x00\x00WEBP"]
)
def test_what_is_no_picture_has_no_copies(body):
    made = make_variants(body, variant_rule("a.png", 500, 500, PNG))

    assert made == []
