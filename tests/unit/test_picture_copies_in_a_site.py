"""Where the copies of a picture are kept, and when they are made."""

import asyncio
import json

import obstore
import pytest

from app.core.storage import open_store
from app.media.library import MediaLibrary
from app.media.pictures import dimensions_of
from app.models import Media
from app.publishing.images.variants import ensure_variants, variant_rule
from app.publishing.model import Picture, Variant
from tests.unit.picture_builders import (
    JPEG,
    WEBP,
    a_photograph,
    frames,
    saved,
)


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


async def shown_after(*arguments, **how):
    return (await ensure_variants(*arguments, **how)).picture


async def paths_in(store):
    return {found["path"] for found in await obstore.list(store).collect_async()}


async def body_of(store, path):
    return bytes(await (await obstore.get_async(store, path)).bytes_async())


async def test_the_copies_of_a_picture_are_in_the_site_and_named_in_it(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))

    shown = await shown_after(site, library, picture, media)

    assert shown.variants == variant_rule(picture.path, 1000, 750, JPEG)
    assert (shown.path, shown.alt) == (picture.path, "Rain")
    assert await paths_in(site) == {variant.path for variant in shown.variants}
    for variant in shown.variants:
        assert dimensions_of(await body_of(site, variant.path), variant.media_type)[0] == variant.width


async def test_copies_that_are_there_are_not_made_again(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    await obstore.delete_async(library.store, library.key_of(media.hash))

    again = await shown_after(site, library, picture, media)

    assert again == first


async def test_copies_that_were_not_worth_making_are_not_made_again(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph((1600, 1200)), "JPEG", quality=12))
    first = await shown_after(site, library, picture, media)
    await obstore.delete_async(library.store, library.key_of(media.hash))

    again = await shown_after(site, library, picture, media)

    assert [variant.media_type for variant in first.variants] == [JPEG] * len(first.variants)
    assert first.variants
    assert again == first


async def test_a_set_of_copies_that_was_interrupted_is_completed(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    rule = variant_rule(picture.path, 1000, 750, JPEG)
    await obstore.put_async(site, rule[0].path, b"an older one")

    shown = await shown_after(site, library, picture, media)

    assert shown.variants == rule
    assert await body_of(site, rule[0].path) != b"an older one"


async def test_two_publications_at_once_make_the_same_copies(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "PNG"))

    shown = await asyncio.gather(*(shown_after(site, library, picture, media) for _ in range(2)))

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

    shown = await shown_after(site, library, picture, media)

    assert shown.variants == ()
    assert await paths_in(site) == set()


async def test_a_picture_that_the_library_has_lost_names_no_copies(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG"))
    await obstore.delete_async(library.store, library.key_of(media.hash))

    shown = await shown_after(site, library, picture, media)

    assert shown.variants == ()


async def test_a_webp_picture_that_is_small_enough_is_its_own_widest_copy(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "WEBP", quality=60))

    shown = await shown_after(site, library, picture, media)

    assert shown.variants[0].path.endswith("-480.webp")
    assert shown.variants[-1] == Variant(picture.path, 1000, WEBP)


async def test_the_loop_goes_on_while_pictures_are_encoded(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph((1600, 1200)), "PNG"))
    encoding = asyncio.create_task(shown_after(site, library, picture, media))
    turns = 0

    while not encoding.done():
        await asyncio.sleep(0.001)
        turns += 1

    assert turns > 20


async def test_a_copy_that_was_cut_off_is_found_by_its_size_and_written_anew(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    path = first.variants[2].path
    whole = await body_of(site, path)
    await obstore.put_async(site, path, whole[:1000])

    again = await ensure_variants(site, library, picture, media)

    assert again.wrong == (path,)
    assert again.picture == first
    assert await body_of(site, path) == whole


async def test_foreign_bytes_of_the_right_size_are_found_by_reading_and_written_only_when_wanted(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    path = first.variants[0].path
    whole = await body_of(site, path)
    foreign = bytes(len(whole))
    await obstore.put_async(site, path, foreign)

    trusted = await ensure_variants(site, library, picture, media)
    looked_at = await ensure_variants(site, library, picture, media, reads=True, writes=False)
    untouched = await body_of(site, path)
    mended = await ensure_variants(site, library, picture, media, reads=True)

    assert trusted.wrong == ()
    assert looked_at.wrong == mended.wrong == (path,)
    assert looked_at.picture == mended.picture == first
    assert untouched == foreign
    assert await body_of(site, path) == whole


async def test_a_look_knows_the_copies_of_a_site_that_was_made_without_notes(site, library, tmp_path):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    path = first.variants[0].path
    await obstore.put_async(site, path, b"something else")
    new = MediaLibrary(open_store(str(tmp_path / "restored")))
    await new.keep(await library.read(media.hash))

    seen = await ensure_variants(site, new, picture, media, reads=True, writes=False)

    assert (seen.picture, seen.wrong) == (first, (path,))


async def test_copies_that_are_encoded_otherwise_by_now_are_all_replaced(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    bodies = {variant.path: await body_of(site, variant.path) for variant in first.variants}
    (note,) = (path for path in await paths_in(library.store) if "copies" in path)
    noted = json.loads(await body_of(library.store, note))
    other = [[width, kind, 5, "0" * 64] for width, kind, _, _ in noted]
    await obstore.put_async(library.store, note, json.dumps(other).encode())
    for path in list(bodies)[1:]:
        await obstore.put_async(site, path, b"older")

    await ensure_variants(site, MediaLibrary(library.store), picture, media)

    assert {path: await body_of(site, path) for path in bodies} == bodies
    assert json.loads(await body_of(library.store, note)) == noted


async def test_a_copy_that_is_lost_together_with_its_picture_is_no_longer_offered(site, library):
    picture, media = await a_picture_in(library, saved(a_photograph(), "JPEG", quality=95))
    first = await shown_after(site, library, picture, media)
    await obstore.delete_async(site, first.variants[0].path)
    await obstore.delete_async(library.store, library.key_of(media.hash))

    again = await ensure_variants(site, library, picture, media)

    assert again.picture.variants == first.variants[1:]
