"""The theme "magazine", on the sample and on sites that nobody would design for."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from urllib.parse import unquote, urljoin

import html5lib
import pytest

from app.publishing.model import Entry, Listing, ListingKind, Picture, TopicLink, Variant
from app.publishing.pages.articles import render_article
from app.publishing.pages.listings import render_listing
from app.publishing.pages.theme import DEFAULT_FOLDER, SHIPPED, TONES, find_theme
from app.publishing.preview.sample.articles import NEWEST
from app.publishing.preview.sample.site import SampleSite

MAGAZINE = SHIPPED / "magazine"
THEME = find_theme("magazine", None)
STYLES = (MAGAZINE / "assets" / "site.css").read_text("utf-8")
HOSTILE = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
URL = "http://sample.example/"
# Named by pages, and not made by the sample: what only other hosts and programs ask for.
ELSEWHERE = re.compile(r"https?://(?!sample\.example/)|mailto:|#")


@pytest.fixture(scope="module")
def sample():
    return SampleSite(URL)


@pytest.fixture(scope="module", params=["magazine", "default"])
def pages(request, sample):
    """Every page of the sample in a theme, by path."""
    theme = find_theme(request.param, None)
    return {path: make(theme).body for path, make in sample.files.items() if path.endswith(".html")}


def parsed(body):
    return html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(body.decode())


def an_entry(number=1, *, picture=False, topic=None, title=None):
    shown = Picture(
        f"media/{number}.jpg", 1600, 1000, variants=(Variant(f"media/{number}.webp", 640, "image/webp"),)
    )
    return Entry(
        title=title or f"Story {number}",
        path=f"2026/11/story-{number}/index.html",
        published_at=NEWEST - timedelta(days=number),
        excerpt="So it began.",
        topic=TopicLink(topic, topic.lower()) if topic else None,
        picture=shown if picture else None,
    )


def front_page(sample, entries, **changes):
    listing = Listing(**({"kind": ListingKind.SITE, "path": "index.html", "entries": tuple(entries)} | changes))
    return parsed(render_listing(sample.site, listing, theme=THEME).body)


def titles(page, css_class):
    return [
        "".join(heading.itertext())
        for story in page.iter("article")
        if css_class in story.get("class").split()
        for heading in story.iter("h2")
    ]


def linked_titles(page):
    """The headlines of the page's main part."""
    main = next(page.iter("main"))
    return ["".join(link.itertext()) for link in main.iter("a") if "story-" in link.get("href", "")]


def test_it_overrides_some_files_of_the_default_and_leaves_the_others():
    own = {file.relative_to(MAGAZINE).as_posix() for file in MAGAZINE.rglob("*") if file.is_file()}
    known = {file.relative_to(DEFAULT_FOLDER).as_posix() for file in DEFAULT_FOLDER.rglob("*") if file.is_file()}

    assert {"listing.html", "article.html", "year.html", "assets/site.css"} <= own & known
    assert {"base.html", "search.html", "404.html", "assets/search.js"} <= known - own


def test_every_link_of_every_sample_page_leads_to_a_file(pages, sample):
    themes = [find_theme(name, None) for name in ("magazine", "default")]
    known = set(sample.files) | {asset.path for theme in themes for asset in theme.assets.values()}

    lost = set()
    for path, body in pages.items():
        for element in parsed(body).iter():
            links = [element.get("href"), element.get("src")]
            links += [offer.split()[0] for offer in element.get("srcset", "").split(",") if offer]
            for link in filter(None, links):
                if not ELSEWHERE.match(link):
                    target = unquote(urljoin(URL + path, link).partition("#")[0].removeprefix(URL))
                    target = f"{target}index.html" if target.endswith("/") or not target else target
                    lost |= {(path, link)} - ({(path, link)} if target in known else set())
    assert lost == set()


def test_pages_have_no_inline_style_and_only_the_search_has_a_script(pages):
    for path, body in pages.items():
        for element in parsed(body).iter():
            assert element.get("style") is None
            assert element.tag != "style"
            assert element.tag != "script" or element.get("type") == "application/ld+json" or "search" in path


def test_every_page_has_one_first_heading_and_no_level_is_left_out(pages):
    for path, body in pages.items():
        levels = [
            int(element.tag[1]) for element in parsed(body).iter() if re.fullmatch("h[1-6]", str(element.tag))
        ]
        assert levels.count(1) == 1, path
        assert all(after - before <= 1 for before, after in pairwise(levels)), path


def test_the_newest_with_a_picture_among_the_first_four_leads(sample):
    entries = [an_entry(number, picture=number in (3, 7)) for number in range(1, 9)]

    page = front_page(sample, entries)

    assert titles(page, "lead") == ["Story 3"]
    assert titles(page, "brief") == ["Story 1", "Story 2", "Story 4", "Story 5"]


def test_without_any_picture_near_the_newest_leads(sample):
    page = front_page(sample, [an_entry(number, picture=number > 6) for number in range(1, 9)])

    assert titles(page, "lead") == ["Story 1"]
    assert "bare" in next(page.iter("article")).get("class").split()


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 6, 11, 23, 199])
def test_the_front_page_shows_every_article_once(sample, count):
    topics = ["Rain", "Snow", None, "Fog", "Rain", "Wind"]
    entries = [an_entry(number, picture=number % 3 == 0, topic=topics[number % 6]) for number in range(count)]

    page = front_page(sample, entries)

    assert sorted(linked_titles(page)) == sorted(entry.title for entry in entries)


def test_a_topic_with_several_articles_gets_a_section_of_its_own_the_newest_first(sample):
    lead = [an_entry(number) for number in range(5)]
    others = [
        an_entry(5, topic="Snow"),
        an_entry(6, topic="Rain"),
        an_entry(7, topic="Rain"),
        an_entry(8, topic="Snow"),
    ]
    others.append(an_entry(9, topic="Fog"))

    page = front_page(sample, [*lead, *others])

    rubrics = ["".join(heading.itertext()) for heading in page.iter("h2") if heading.get("class") == "rubric"]
    assert rubrics == ["Snow", "Rain", "More stories"]


def test_topics_that_differ_in_case_only_stay_apart(sample):
    lead = [an_entry(number) for number in range(5)]
    rain = [an_entry(number, topic=name) for number, name in enumerate(("Rain", "Rain", "RAIN", "RAIN"), 5)]
    rain = [replace(entry, topic=TopicLink(entry.topic.name, f"{entry.topic.name}-x")) for entry in rain]

    page = front_page(sample, [*lead, *rain])

    assert len([heading for heading in page.iter("h2") if heading.get("class") == "rubric"]) == 2


@pytest.mark.parametrize("kind", [ListingKind.SITE, ListingKind.TOPIC, ListingKind.YEAR])
@pytest.mark.parametrize("number", [None, 3])
def test_hostile_names_are_text(sample, kind, number):
    entries = [an_entry(i, title=HOSTILE, topic=HOSTILE, picture=i % 2 == 0) for i in range(12)]
    site = replace(sample.site, title=HOSTILE, description=HOSTILE, author=HOSTILE)
    listing = Listing(kind, "page/3/index.html", tuple(entries), key=HOSTILE, number=number)

    page = parsed(render_listing(site, listing, theme=THEME).body)

    assert list(page.iter("script")) == []
    assert all("onerror" not in element.attrib for element in page.iter("img"))


@pytest.mark.parametrize("shape", [(1600, 900), (900, 1600), (800, 800), (None, None)])
def test_an_article_opens_with_its_picture_in_whatever_shape(sample, shape):
    article = replace(sample.articles[0].article, pictures=(Picture("media/a.jpg", *shape),), path="a/index.html")

    page = parsed(render_article(sample.site, article, theme=THEME).body)

    opener = next(figure for figure in page.iter("figure") if figure.get("class") == "opener")
    assert next(opener.iter("img")).get("loading") == "eager"


def test_an_article_without_a_picture_stands_on_the_colour_of_its_topic(sample):
    article = replace(sample.articles[0].article, pictures=(), related=(), path="a/index.html")

    page = parsed(render_article(sample.site, article, theme=THEME).body)

    assert next(page.iter("article")).get("class") == "poster"


def test_pictures_that_open_no_article_are_shown_as_well(sample):
    pictures = tuple(Picture(f"media/{name}.jpg", 800, 600) for name in "abc")
    article = replace(sample.articles[0].article, pictures=pictures, path="a/index.html")

    page = parsed(render_article(sample.site, article, theme=THEME).body)

    assert [image.get("src") for image in page.iter("img")][:3] == [f"../media/{name}.jpg" for name in "abc"]


# --- colours ---


def luminance(colour):
    digits = colour * 2 if len(colour) == 3 else colour
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """As WCAG 2 has it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def colours(*, dark):
    light, _, rest = STYLES.partition("@media (prefers-color-scheme: dark)")
    named = dict(re.findall(r"--([a-z]+): #([0-9a-f]{3,6})", light[: light.index(".tone-0")]))
    changed = dict(re.findall(r"--([a-z]+): #([0-9a-f]{3,6})", rest[: rest.index("*, ::before")]))
    return named | changed if dark else named


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ink", ["ink", "quiet", "red", "blue", "rust", "pink", "moss", "teal"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_what_is_written_can_be_read(ink, ground, dark):
    named = colours(dark=dark)

    assert contrast(named[ink], named[ground]) >= 4.5


def test_white_can_be_read_on_every_band():
    bands = re.findall(r"--band: #([0-9a-f]{6})", STYLES)

    assert len(bands) == TONES
    assert min(contrast("ffffff", band) for band in bands) >= 4.5


def test_the_stylesheet_asks_for_nothing_and_knows_no_left_and_right():
    rules = re.sub(r"/\*.*?\*/", "", STYLES, flags=re.DOTALL)

    assert "url(" not in rules
    assert "@import" not in rules
    physical = re.findall(r"(?<![\w-])(?:margin|padding|border)-(?:left|right)|float: (?:left|right)", rules)
    assert physical == []
