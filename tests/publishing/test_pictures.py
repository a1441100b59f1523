"""Pictures that were handed in, on their way through the whole engine to a reader."""

import base64
import io

import pytest
from PIL import Image

from app.media import queries as media_queries
from app.models import ContentFile, PromptFile
from tests.builders import a_content, a_prompt, a_site, saved
from tests.unit.page_parsing import found
from tests.unit.picture_builders import ORIENTATION, a_photograph, quarters
from tests.unit.picture_builders import saved as encoded

SECRET = b"48.8584 N, Rain Writer"


def with_secrets(picture, kind="JPEG", orientation=1):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = SECRET.decode()
    return encoded(picture, kind, exif=exif.tobytes(), quality=95)


async def stored_in(newspaper, body):
    stored = await newspaper.publisher.workshop.library.keep(body)
    async with newspaper.database.session() as session:
        await media_queries.record(session, stored)
    return stored


async def published(newspaper, site, text, *files):
    """A content with files as (source, name, bytes), and its page."""
    prompt = await a_prompt(newspaper.database, dir_id=site.id)
    content = await a_content(newspaper.database, prompt_id=prompt.id, text=text)
    for position, (source, name, body) in enumerate(files):
        stored = await stored_in(newspaper, body)
        await saved(
            newspaper.database,
            ContentFile(
                content_id=content.id,
                position=position,
                source=source,
                name=name,
                media_hash=stored.hash,
                status="stored",
            ),
        )
    await newspaper.publisher.publish(content.id)
    return await newspaper.address(content)


def data_url(body, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


def tags(newspaper, site, path, name):
    return [tag.attrib for tag in found(newspaper.read(site, f"{path}index.html").encode(), name)]


def sources(newspaper, site, path):
    return [(tag["alt"], tag["src"].rsplit("/", 1)[-1]) for tag in tags(newspaper, site, path, "img")]


# --- what is in them ---


@pytest.mark.parametrize("tmpl", ["default", "mkdocs", "hugo"])
async def test_no_file_of_a_site_says_what_the_camera_wrote_and_the_library_keeps_it(newspaper, tmpl):
    site = await a_site(newspaper.database, tmpl=tmpl)
    body = with_secrets(a_photograph(), orientation=6)

    await published(newspaper, site, "# Rain", ("http://example.org/rain.jpg", "rain.jpg", body))

    files = newspaper.files(site)
    copies = [file for path, file in files.items() if path.endswith("rain.jpg")]
    stored = await stored_in(newspaper, body)
    assert not [path for path, file in files.items() if SECRET in file]
    assert [dict(Image.open(io.BytesIO(file)).getexif()) for file in copies] == [{ORIENTATION: 6}]
    assert await newspaper.publisher.workshop.library.read(stored.hash) == body


async def test_an_attachment_of_a_prompt_is_shown_without_its_secrets_too(newspaper):
    site = await a_site(newspaper.database)
    stored = await stored_in(newspaper, with_secrets(quarters((300, 200))))
    prompt = await a_prompt(newspaper.database, dir_id=site.id, is_show_in_content=True)
    await saved(
        newspaper.database, PromptFile(prompt_id=prompt.id, position=0, name="asked.jpg", media_hash=stored.hash)
    )
    content = await a_content(newspaper.database, prompt_id=prompt.id, text="# Rain")

    await newspaper.publisher.publish(content.id)

    files = newspaper.files(site)
    assert [path for path in files if path.endswith("asked.jpg")]
    assert not [path for path, file in files.items() if SECRET in file]


async def test_a_check_finds_a_copy_with_secrets_and_replaces_it(newspaper):
    site = await a_site(newspaper.database)
    body = with_secrets(quarters((300, 200)))
    await published(newspaper, site, "# Rain", ("http://example.org/rain.jpg", "rain.jpg", body))
    copy = next(newspaper.folder(site).glob("media/*/rain.jpg"))
    clean = copy.read_bytes()
    copy.write_bytes(body)

    looked = await newspaper.look(site)
    await newspaper.mend(site)

    assert looked.missing == [str(copy.relative_to(newspaper.folder(site)))]
    assert copy.read_bytes() == clean
    assert (await newspaper.look(site)).missing == []


async def test_a_check_finds_and_mends_smaller_copies_that_were_cut_off_swapped_or_lost(newspaper):
    site = await a_site(newspaper.database)
    body = encoded(a_photograph(), "JPEG", quality=95)
    await published(newspaper, site, "# Rain", ("http://example.org/rain.jpg", "rain.jpg", body))
    before = newspaper.files(site)
    folder = newspaper.folder(site)
    cut, swapped, lost = (
        next(folder.glob(f"media/*/rain-{ending}")) for ending in ("480.webp", "960.jpg", "480.jpg")
    )
    cut.write_bytes(cut.read_bytes()[:100])
    swapped.write_bytes(bytes(swapped.stat().st_size))
    lost.unlink()

    looked = await newspaper.look(site)
    untouched = cut.stat().st_size
    mended = await newspaper.mend(site)

    wrong = sorted(str(path.relative_to(folder)) for path in (cut, swapped, lost))
    assert looked.missing == mended.missing == wrong
    assert (looked.stale, looked.foreign, untouched) == ([], [], 100)
    assert newspaper.files(site) == before


# --- how a text asks for them ---


@pytest.mark.parametrize("tmpl", ["default", "mkdocs", "hugo"])
async def test_a_picture_without_a_name_is_asked_for_by_its_place_among_the_files(newspaper, tmpl):
    site = await a_site(newspaper.database, tmpl=tmpl)
    text = "# Rain\n\nBefore.\n\n![Seen second](file-2.png)\n\nBetween.\n\n![Seen first](file-1)\n"
    one, two = (encoded(quarters((width, 200)), "PNG") for width in (300, 310))

    path = await published(
        newspaper, site, text, ("data:image/png;base64,iVBO…", "file.png", one), ("DATA:,…", "file.png", two)
    )

    if tmpl == "default":
        assert sources(newspaper, site, path) == [("Seen second", "file.png"), ("Seen first", "file.png")]
        assert [tag["width"] for tag in tags(newspaper, site, path, "img")] == ["310", "300"]
        return
    written = newspaper.read(site, path)
    assert written.index("Seen second") < written.index("Seen first")
    assert written.count("![") == 2


@pytest.mark.parametrize("asked", ["http://example.org/genimgs/rain.png", "rain.png", "pictures/rain.png"])
async def test_a_picture_stands_where_the_text_asks_for_it_by_address_or_name(newspaper, asked):
    site = await a_site(newspaper.database)
    picture = encoded(a_photograph((900, 600)), "PNG")
    files = ("http://example.org/genimgs/rain.png", "rain.png", picture)

    path = await published(newspaper, site, f"# Rain\n\nBefore.\n\n![A window]({asked})\n\nAfter.", files)

    assert sources(newspaper, site, path) == [("A window", "rain.png")]


async def test_a_text_links_to_a_file_without_a_name_by_its_place(newspaper):
    site = await a_site(newspaper.database)
    text = "# Rain\n\nSee [the report](file-2)."
    files = ("http://example.org/a.txt", "a.txt", b"A text."), ("data:,…", "file.txt", b"The report.")

    path = await published(newspaper, site, text, *files)

    written, _listed = (link["href"] for link in tags(newspaper, site, path, "a") if "file.txt" in link["href"])
    assert newspaper.read(site, f"media/{written.partition('media/')[2]}") == "The report."


async def test_a_picture_that_stands_in_the_text_as_well_is_shown_there_and_once(newspaper):
    site = await a_site(newspaper.database)
    picture = encoded(a_photograph((400, 300)), "PNG")
    text = f"# Rain\n\nBefore.\n\n![A window]({data_url(picture)})\n\nAfter."

    path = await published(newspaper, site, text, ("data:image/png;base64,iVBO…", "file.png", picture))

    assert sources(newspaper, site, path) == [("A window", "file.png")]
    assert not [file for name, file in newspaper.files(site).items() if b"base64" in file and "media" not in name]


async def test_a_picture_in_the_text_that_was_not_handed_in_stays_words(newspaper):
    site = await a_site(newspaper.database)
    one, other = (encoded(quarters((width, 200)), "PNG") for width in (300, 310))
    text = f"# Rain\n\n![Another]({data_url(other)})\n\n![Broken](data:image/png;base64,!)"

    path = await published(newspaper, site, text, ("data:image/png;base64,iVBO…", "file.png", one))

    assert [name for _, name in sources(newspaper, site, path)] == ["file.png"]
    assert "Another" in newspaper.read(site, f"{path}index.html")


@pytest.mark.parametrize("tmpl", ["default", "mkdocs"])
async def test_a_picture_that_is_only_in_the_text_is_in_no_file_of_the_site(newspaper, tmpl):
    site = await a_site(newspaper.database, tmpl=tmpl)
    picture = data_url(with_secrets(a_photograph()), "image/jpeg")

    content = await newspaper.publish(
        site, f"# Rain\n\n![A harbour]({picture})\n\nA short one: `data:text/plain,x`"
    )

    files = newspaper.files(site)
    assert not [path for path, body in files.items() if picture[23:200].encode() in body]
    assert any(b"data:text/plain,x" in body for body in files.values())
    assert content.text.count(picture) == 1
