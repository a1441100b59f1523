"""Pictures of every kind for tests, and the copies made of them."""

import io
import random
import struct
import zlib

from PIL import Image, ImageDraw

from app.media.pictures import dimensions_of
from app.media.recognition import recognise
from app.publishing.images.encoding import make_variants
from app.publishing.images.variants import variant_rule

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


def frames(kind, **options):
    pictures = [a_photograph((600, 400)), quarters((600, 400))]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=100, **options)


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
