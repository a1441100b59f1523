"""Which copies of a picture there are, by its measures alone."""

import pytest

from app.publishing.images.variants import variant_rule
from app.publishing.model import Variant
from tests.unit.picture_builders import JPEG, PNG, WEBP


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
