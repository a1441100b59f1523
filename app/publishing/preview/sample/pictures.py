"""Pictures for the sample: landscapes of hills and water, drawn anew each time and always the same."""

import io
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from PIL import Image, ImageDraw, ImageOps

from app.publishing.model import Picture, Variant

Colour = tuple[int, int, int]

NARROW = 640
HILLS = 5
WEBP = "image/webp"


@dataclass(frozen=True)
class Landscape:
    """Sky from above to the horizon, sun, and hills from far to near; `seed` gives them their shape."""

    name: str
    seed: int
    sky: tuple[Colour, Colour]
    sun: Colour
    hills: tuple[Colour, Colour]
    size: tuple[int, int] = (1600, 1000)


LANDSCAPES = {
    landscape.name: landscape
    for landscape in (
        Landscape("fog", 3, ((196, 206, 208), (236, 226, 214)), (250, 244, 232), ((178, 190, 194), (58, 74, 84))),
        Landscape(
            "lighthouse", 11, ((38, 60, 108), (248, 176, 120)), (255, 226, 170), ((150, 92, 110), (28, 26, 58))
        ),
        Landscape(
            "kitchen", 23, ((246, 214, 150), (252, 236, 206)), (226, 92, 52), ((226, 158, 86), (110, 52, 34))
        ),
        Landscape("stars", 31, ((8, 14, 40), (58, 62, 118)), (232, 236, 255), ((40, 48, 96), (8, 10, 28))),
        Landscape("quay", 43, ((92, 156, 176), (214, 232, 222)), (255, 250, 226), ((86, 138, 140), (16, 54, 64))),
        Landscape("storm", 59, ((56, 64, 78), (150, 158, 160)), (206, 208, 200), ((94, 106, 116), (24, 30, 40))),
        Landscape("rust", 67, ((120, 150, 170), (236, 202, 168)), (250, 240, 220), ((190, 104, 66), (66, 30, 28))),
        Landscape(
            "tower",
            71,
            ((232, 120, 96), (250, 208, 150)),
            (255, 240, 200),
            ((170, 72, 84), (48, 22, 48)),
            (1000, 1400),
        ),
    )
}


def shown(name: str, alt: str = "") -> Picture:
    """A picture as articles have it, with a narrower copy."""
    width, height = LANDSCAPES[name].size
    copies = tuple(Variant(_path(name, step), step, WEBP) for step in (NARROW, width))
    return Picture(_path(name, width, "jpg"), width, height, alt, f"{name}.jpg", copies)


def files() -> Mapping[str, Callable[[], bytes]]:
    """What draws each of them, by its path in the site."""
    drawing: dict[str, Callable[[], bytes]] = {}
    for name, landscape in LANDSCAPES.items():
        width = landscape.size[0]
        drawing[_path(name, NARROW)] = partial(_encoded, landscape, NARROW, "WEBP")
        drawing[_path(name, width)] = partial(_encoded, landscape, width, "WEBP")
        drawing[_path(name, width, "jpg")] = partial(_encoded, landscape, width, "JPEG")
    return drawing


def _path(name: str, width: int, extension: str = "webp") -> str:
    return f"media/sample/{name}-{width}.{extension}"


@lru_cache(len(LANDSCAPES))
def _drawn(landscape: Landscape) -> Image.Image:
    width, height = landscape.size
    picture = _sky(landscape)
    brush = ImageDraw.Draw(picture)
    chance = random.Random(landscape.seed)  # noqa: S311
    _sun(brush, landscape, chance)
    for layer in range(HILLS):
        ground = height * (0.5 + 0.11 * layer)
        crest = _crest(width, ground, height * (0.1 - 0.012 * layer), chance)
        brush.polygon([*crest, (width, height), (0, height)], fill=_between(*landscape.hills, layer / (HILLS - 1)))
    return picture


def _sky(landscape: Landscape) -> Image.Image:
    above, below = landscape.sky
    gradient = Image.linear_gradient("L").resize(landscape.size)
    return ImageOps.colorize(gradient, above, below)


def _sun(brush: ImageDraw.ImageDraw, landscape: Landscape, chance: random.Random) -> None:
    width, height = landscape.size
    radius = min(width, height) * chance.uniform(0.09, 0.15)
    x, y = width * chance.uniform(0.22, 0.78), height * chance.uniform(0.24, 0.42)
    brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=landscape.sun)


def _crest(width: int, ground: float, swing: float, chance: random.Random) -> Sequence[tuple[float, float]]:
    """Waves upon waves, as hills are."""
    waves = [(chance.uniform(0.6, 1.6) * 2**number, chance.uniform(0, math.tau)) for number in range(4)]
    return [
        (
            x,
            ground
            + swing
            * sum(math.sin(math.tau * x / width * often + at) / (i + 1) for i, (often, at) in enumerate(waves)),
        )
        for x in range(0, width + 8, 8)
    ]


def _between(far: Colour, near: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(far, near, strict=True))
    return red, green, blue


def _encoded(landscape: Landscape, width: int, kind: str) -> bytes:
    picture = _drawn(landscape)
    if width != picture.width:
        picture = picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
    body = io.BytesIO()
    picture.save(body, kind, quality=82)
    return body.getvalue()
