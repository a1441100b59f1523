"""Copies of pictures in other widths and formats: which there are, what is in them, where they are kept."""

import asyncio
import io
import random
import struct
import zlib

import obstore
import pytest
from PIL import Image, ImageCms, ImageDraw

from app.core.storage import open_store
from app.media.library import MediaLibrary
from app.media.pictures import dimensions_of
from app.media.recognition import recognise
from app.models import Media
from app.publishing.encoding import make_variants
from app.publishing.model import Picture, Variant
from app.publishing.variants import ensure_variants, variant_rule

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
TYPES = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP, "GIF": "image/gif", "AVIF": "image/avif", "BMP": "image/bmp"}
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif", "BMP": "bmp"}
ORIENTATION = 0x0112


def a_photograph(size=(1000, 750), mode="RGB"):
    """Large shapes, fine grain: neither flat nor noise."""
    width, height = size
    chance = random.Random(7)
    grain = Image.frombytes("RGB", (64, 48), chance.randbytes(64 * 48 * 3))
    picture = grain.resize(size, Image.Resampling.BICUBIC)
    noise = Image.frombytes("L", size, chance.randbytes(width * height))
    return Image.blend(picture, noise.convert("RGB"), 0.06).convert(mode)


def a_drawing(size=(1000, 750), mode="RGB"):
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for row in range(0, size[1], 50):
        pen.text((20, row), "Words on paper " * 4, fill="black", font_size=28)
    return picture.convert(mode)


def quarters(size=(1000, 600)):
    """Red, green / blue, white: which corner is which can be seen."""
    width, height = size
    picture = Image.new("RGB", size, "white")
    for corner, colour in (((0, 0), "red"), ((width // 2, 0), "lime"), ((0, height // 2), "blue")):
        picture.paste(colour, (*corner, corner[0] + width // 2, corner[1] + height // 2))
    return picture


def saved(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def rule_for(body, name="picture"):
    media_type = recognise(body)
    width, height = dimensions_of(body, media_type)
    return variant_rule(f"media/0123/{name}.{media_type.removeprefix('image/')}", width, height, media_type)


def copies_of(body):
    """Path -> decoded copy, of every variant that was made."""
    return {file.path: opened(file.body) for file in make_variants(body, rule_for(body))}


def opened(body):
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def is_near(colour, other, *, by=24):
    return all(abs(one - two) <= by for one, two in zip(colour[:3], other[:3], strict=True))


# --- which copies there are ---


def test_a_picture_has_copies_of_every_step_below_it_and_one_as_wide_as_itself():
    rule = variant_rule("media/0123/rain.jpg", 2000, 1500, JPEG)

    assert rule == (
        Variant("media/0123/rain-480.webp", 480, WEBP),
        Variant("media/0123/rain-960.webp", 960, WEBP),
        Variant("media/0123/rain-1600.webp", 1600, WEBP),
        Variant("media/0123/rain-2000.webp", 2000, WEBP),
        Variant("media/0123/rain-480.jpg", 480, JPEG),
        Variant("media/0123/rain-960.jpg", 960, JPEG),
        Variant("media/0123/rain-1600.jpg", 1600, JPEG),
    )


@pytest.mark.parametrize("width", [1, 479, 480])
def test_a_small_picture_has_one_copy_as_wide_as_itself(width):
    rule = variant_rule("media/0123/rain.png", width, 100, PNG)

    assert rule == (Variant(f"media/0123/rain-{width}.webp", width, WEBP),)


def test_no_copy_is_wider_than_any_screen_needs():
    rule = variant_rule("media/0123/rain.png", 9000, 6000, PNG)

    assert max(variant.width for variant in rule) == 2400


def test_a_webp_picture_needs_no_second_format():
    rule = variant_rule("media/0123/rain.webp", 1000, 500, WEBP)

    assert [(variant.width, variant.media_type) for variant in rule] == [(480, WEBP), (960, WEBP), (1000, WEBP)]


@pytest.mark.parametrize(
    ("width", "height", "media_type"),
    [
        (900, 900, "image/gif"),
        (900, 900, "image/avif"),
        (900, 900, "image/bmp"),
        (900, 900, "image/svg+xml"),
        (900, 900, "text/plain"),
        (0, 900, PNG),
        (900, 0, PNG),
        (-1, -1, JPEG),
    ],
)
def test_what_is_not_copied_has_no_copies(width, height, media_type):
    rule = variant_rule("media/0123/rain", width, height, media_type)

    assert rule == ()


def test_a_picture_taller_than_webp_can_hold_is_copied_in_its_own_format_only():
    rule = variant_rule("media/0123/tower.png", 600, 20_000, PNG)

    assert rule == (Variant("media/0123/tower-480.png", 480, PNG),)


@pytest.mark.parametrize(
    ("path", "copy"),
    [
        ("media/0123/a.b.jpeg", "media/0123/a.b-480.jpeg"),
        ("media/0123/早上 好.jpg", "media/0123/早上 好-480.jpg"),
        ("media/0.3/nothing", "media/0.3/nothing-480.jpg"),
        ("media/0123/100%.jpg", "media/0123/100%-480.jpg"),
    ],
)
def test_a_copy_stands_beside_the_picture_and_keeps_its_name(path, copy):
    rule = variant_rule(path, 500, 400, JPEG)

    assert rule[-1].path == copy


# --- what is in them ---


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
    return png[:33] + _chunk(b"tEXt", text) + png[33:]


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


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


# --- pictures that are not copied ---


def frames(kind, **options):
    pictures = [a_photograph((600, 400)), quarters((600, 400))]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=100, **options)


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
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
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


# --- where they are kept ---


@pytest.fixture
def library(tmp_path):
    return MediaLibrary(open_store(str(tmp_path / "media")))


@pytest.fixture
def site(tmp_path):
    return open_store(str(tmp_path / "site"))


async def a_picture_in(library, body):
    stored = await library.keep(body)
    media = Media(**vars(stored))
    name = f"rain.{stored.media_type.removeprefix('image/')}"
    return Picture(f"media/{stored.hash[:16]}/{name}", stored.width, stored.height, alt="Rain"), media


async def paths_in(store):
    return {found["path"] for found in await obstore.list(store).collect_async()}


async def body_of(store, path):
    return bytes(await (await obstore.get_async(store, path)).bytes_async())


async def test_the_copies_of_a_picture_are_in_the_site_and_named_in_it(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))

    shown = await ensure_variants(site, library, picture, media)

    assert shown.variants == variant_rule(picture.path, 1000, 750, JPEG)
    assert (shown.path, shown.alt) == (picture.path, "Rain")
    assert await paths_in(site) == {variant.path for variant in shown.variants}
    for variant in shown.variants:
        assert dimensions_of(await body_of(site, variant.path), variant.media_type)[0] == variant.width


async def test_copies_that_are_there_are_not_made_again(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await ensure_variants(site, library, picture, media)
    await obstore.delete_async(library.store, library.key_of(media.hash))

    again = await ensure_variants(site, library, picture, media)

    assert again == first


async def test_copies_that_were_not_worth_making_are_not_made_again(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph((1600, 1200)), "JPEG", quality=12))
    first = await ensure_variants(site, library, picture, media)
    await obstore.delete_async(library.store, library.key_of(media.hash))

    again = await ensure_variants(site, library, picture, media)

    assert [variant.media_type for variant in first.variants] == [JPEG] * len(first.variants)
    assert first.variants
    assert again == first


async def test_a_set_of_copies_that_was_interrupted_is_completed(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    rule = variant_rule(picture.path, 1000, 750, JPEG)
    await obstore.put_async(site, rule[0].path, b"an older one")

    shown = await ensure_variants(site, library, picture, media)

    assert shown.variants == rule
    assert await body_of(site, rule[0].path) != b"an older one"


async def test_two_publications_at_once_make_the_same_copies(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "PNG"))

    shown = await asyncio.gather(*(ensure_variants(site, library, picture, media) for _ in range(2)))

    assert len(set(shown)) == 1
    assert await paths_in(site) == {variant.path for variant in shown[0].variants}


@pytest.mark.parametrize(
    "body",
    [
        frames("WEBP"),
        saved(a_photograph(), "JPEG")[:5000],
        saved(a_photograph((600, 400)), "GIF"),
        saved(a_photograph((600, 400)), "AVIF"),
        saved(a_photograph((600, 400)), "BMP"),
        b"words",
    ],
    ids=["moves", "cut off", "GIF", "AVIF", "BMP", "text"],
)
async def test_a_picture_without_copies_names_none(site, library, body):
    picture, media = await a_picture_in(library, body)

    shown = await ensure_variants(site, library, picture, media)

    assert shown.variants == ()
    assert await paths_in(site) == set()


async def test_a_picture_that_the_library_has_lost_names_no_copies(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG"))
    await obstore.delete_async(library.store, library.key_of(media.hash))

    shown = await ensure_variants(site, library, picture, media)

    assert shown.variants == ()


async def test_a_webp_picture_that_is_small_enough_is_its_own_widest_copy(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "WEBP", quality=60))

    shown = await ensure_variants(site, library, picture, media)

    assert shown.variants[0].path.endswith("-480.webp")
    assert shown.variants[-1] == Variant(picture.path, 1000, WEBP)


async def test_the_loop_goes_on_while_pictures_are_encoded(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph((1600, 1200)), "PNG"))
    encoding = asyncio.create_task(ensure_variants(site, library, picture, media))
    turns = 0

    while not encoding.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 20
