"""What is in the copies of a picture: colours, transparency, direction, and nothing of its metadata."""

import struct

import pytest
from PIL import Image, ImageCms

from app.media.pictures import dimensions_of
from app.media.recognition import recognise
from app.publishing.images.encoding import make_variants
from tests.unit.picture_builders import (
    ORIENTATION,
    a_drawing,
    a_photograph,
    copies_of,
    is_near,
    opened,
    png_chunk,
    quarters,
    rule_for,
    saved,
)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_copy_is_what_the_rule_says(kind):
    body = saved(a_photograph((1000, 750)), kind, quality=95)
    rule = rule_for(body)

    made = {file.path: file.body for file in make_variants(body, rule)}

    # A copy that is nearly as wide as the picture may not be worth it.
    assert len(made) >= len(rule) - 1
    for variant in rule:
        if variant.path in made:
            assert recognise(made[variant.path]) == variant.media_type
            assert dimensions_of(made[variant.path], variant.media_type) == (
                variant.width,
                round(variant.width * 0.75),
            )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_copies_are_smaller_than_the_picture(kind):
    body = saved(a_photograph(), kind, quality=95)

    made = make_variants(body, rule_for(body))

    assert made
    assert all(len(file.body) < len(body) for file in made)


def test_the_same_picture_gives_the_same_copies():
    body = saved(a_photograph(), "PNG")

    assert make_variants(body, rule_for(body)) == make_variants(body, rule_for(body))


@pytest.mark.parametrize(
    "body",
    [
        saved(quarters().convert("CMYK"), "JPEG", quality=95),
        saved(quarters(), "JPEG", quality=95, progressive=True),
        saved(quarters(), "PNG", compress_level=0),
        saved(quarters().convert("RGBA"), "PNG", compress_level=0),
        saved(quarters().quantize(8), "PNG", compress_level=0),
        saved(quarters(), "WEBP", lossless=True, quality=0, method=0),
    ],
    ids=["CMYK", "progressive", "RGB", "RGBA", "palette", "WebP"],
)
def test_colours_come_out_as_they_went_in(body):
    for copy in copies_of(body).values():
        width, height = copy.size
        shown = copy.convert("RGB")
        corners = [(width // 4, height // 4), (width * 3 // 4, height // 4), (width // 4, height * 3 // 4)]
        assert is_near(shown.getpixel(corners[0]), (255, 0, 0))
        assert is_near(shown.getpixel(corners[1]), (0, 255, 0))
        assert is_near(shown.getpixel(corners[2]), (0, 0, 255))
        assert is_near(shown.getpixel((width - 5, height - 5)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_has_copies(mode):
    body = saved(a_photograph(mode=mode), "PNG")

    copies = copies_of(body)

    assert 1000 in {copy.width for copy in copies.values()}


def test_sixteen_bits_of_grey_become_eight():
    ramp = Image.frombytes("I;16", (1000, 400), b"".join(struct.pack("<H", x * 65) for x in range(1000)) * 400)
    body = saved(ramp, "PNG", compress_level=0)

    for copy in copies_of(body).values():
        shades = [copy.convert("L").getpixel((copy.width * tenth // 10, 5)) for tenth in range(10)]
        assert all(abs(shade - tenth * 25.4) < 6 for tenth, shade in enumerate(shades))


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "RGB"])
def test_what_is_transparent_stays_so(mode):
    picture = Image.new("RGBA", (1000, 400), (200, 30, 30, 255))
    picture.paste((0, 255, 0, 0), (0, 0, 500, 400))
    options = {"compress_level": 0}
    if mode == "P":
        picture = picture.quantize(8)
    elif mode == "RGB":
        options["transparency"] = (0, 255, 0)
    picture = picture if picture.mode == "P" else picture.convert(mode)

    copies = copies_of(saved(picture, "PNG", **options))

    assert len(copies) == 5
    for copy in copies.values():
        alpha = copy.getchannel("A")
        assert (alpha.getpixel((10, 5)), alpha.getpixel((copy.width - 10, 5))) == (0, 255)


def test_an_opaque_picture_does_not_carry_a_channel_for_nothing():
    body = saved(a_photograph(mode="RGBA"), "PNG")

    copies = copies_of(body)

    assert {copy.mode for copy in copies.values()} == {"RGB"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_taken_on_its_side_stands_upright_in_its_copies(orientation):
    turns = Image.Transpose
    lying = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    taken = quarters((5000, 3000))
    taken = taken.transpose(lying[orientation]) if orientation in lying else taken
    body = saved(taken, "JPEG", quality=95, exif=exif)

    copies = copies_of(body)

    assert {copy.size for copy in copies.values()} == {(480, 288), (960, 576), (1600, 960), (2400, 1440)}
    for copy in copies.values():
        assert is_near(copy.getpixel((5, 5)), (255, 0, 0))
        assert is_near(copy.getpixel((copy.width - 5, 5)), (0, 255, 0))
        assert is_near(copy.getpixel((5, copy.height - 5)), (0, 0, 255))


def test_nothing_that_a_camera_or_a_generator_wrote_is_left_in_a_copy():
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[1] = "SecretPlace"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photograph = saved(
        a_photograph(),
        "JPEG",
        quality=95,
        exif=exif,
        comment=b"SecretWord",
        xmp=b"<x>SecretXmp</x>",
        icc_profile=profile,
    )
    generated = _with_text(saved(a_photograph(), "PNG", icc_profile=profile), b"parameters\x00SecretPrompt")

    for body in (photograph, generated):
        made = make_variants(body, rule_for(body))
        assert len(made) == 5
        for file in made:
            assert b"Secret" not in file.body
            assert not opened(file.body).info.keys() & {"exif", "icc_profile", "comment", "xmp", "parameters"}


def _with_text(png, text):
    return png[:33] + png_chunk(b"tEXt", text) + png[33:]


def _a_profile_with_red_and_green_swapped():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    for place in range(132, 132 + 12 * count, 12):
        name = bytes(profile[place : place + 4])
        profile[place : place + 4] = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(name, name)
    return bytes(profile)


def test_a_picture_in_another_colour_space_is_brought_into_that_of_the_web():
    body = saved(quarters(), "JPEG", quality=95, icc_profile=_a_profile_with_red_and_green_swapped())

    for copy in copies_of(body).values():
        assert is_near(copy.getpixel((5, 5)), (0, 255, 0))


@pytest.mark.parametrize(
    "profile", [b"nonsense", _a_profile_with_red_and_green_swapped()[:400], b"\x00" * 5_000_000], ids=len
)
def test_a_broken_colour_profile_counts_as_none(profile):
    body = saved(quarters(), "JPEG", quality=95, icc_profile=profile)

    copies = copies_of(body)

    assert len(copies) == 5
    assert all(is_near(copy.getpixel((5, 5)), (255, 0, 0)) for copy in copies.values())


def test_a_profile_of_another_kind_of_picture_counts_as_none():
    body = saved(quarters().convert("CMYK"), "JPEG", icc_profile=_a_profile_with_red_and_green_swapped())

    copies = copies_of(body)

    assert copies
    assert all(is_near(copy.getpixel((5, 5)), (255, 0, 0)) for copy in copies.values())


def test_a_drawing_is_copied_without_loss():
    drawing = a_drawing()
    body = saved(drawing, "PNG")

    copies = copies_of(body)

    assert copies["media/0123/picture-1000.webp"].convert("RGB").tobytes() == drawing.tobytes()


def test_where_webp_saves_nothing_at_full_width_there_is_none_at_all():
    body = saved(a_photograph(), "JPEG", quality=10)

    made = make_variants(body, rule_for(body))

    assert {file.path for file in made} <= {"media/0123/picture-480.jpeg", "media/0123/picture-960.jpeg"}
