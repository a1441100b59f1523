from datetime import date

import pytest

from app.publishing import addresses
from app.publishing.model import Site

A_DAY = date(2026, 11, 22)
SITE = Site("my site", "Mine", "https://x.example/a/sites/my%20site/")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Rain on the window", "rain-on-the-window"),
        ("Tomorrow's “troubles”, and today’s", "tomorrows-troubles-and-todays"),
        ("窗外的雨", "chuang-wai-de-yu"),
        ("Дождь за окном", "dozhd-za-oknom"),
        ("مطر", "mtr"),
        ("Ünïcödé & <b>more</b>", "unicode-b-more-b"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\system32", "c-windows-system32"),
        ("a%2fb?c#d", "a-2fb-c-d"),
        ("🌧️🌧️", "article-7"),
        ("...", "article-7"),
        ("", "article-7"),
        ("\x00\n", "article-7"),
        ("Index", "index-7"),
        ("CON", "con-7"),
        ("com1", "com1-7"),
    ],
)
def test_a_title_gives_a_readable_slug(title, slug):
    assert addresses.article_slug(title, 7) == slug


@pytest.mark.parametrize("title", ["word " * 50, "x" * 500, "雨" * 200])
def test_a_long_title_gives_a_slug_that_fits(title):
    slug = addresses.article_slug(title, 7)

    assert 1 <= len(slug) <= 60
    assert not slug.startswith("-")
    assert not slug.endswith("-")


def test_an_article_lives_in_a_folder_of_its_month():
    assert addresses.article_path(A_DAY, "Rain on the window", 7) == "2026/11/rain-on-the-window/index.html"


def test_the_first_of_a_name_keeps_it_and_the_next_are_numbered():
    assert [addresses.numbered("rain", number) for number in (1, 2, 3)] == ["rain", "rain-2", "rain-3"]


def test_a_numbered_slug_still_fits():
    assert len(addresses.numbered("x" * 60, 1234)) == 60
    assert addresses.numbered("x" * 57 + "-yy", 2) == "x" * 57 + "-2"


def test_the_path_of_an_article_is_numbered_at_its_slug():
    path = "2026/11/rain/index.html"

    assert addresses.numbered_path(path, 2) == "2026/11/rain-2/index.html"
    assert addresses.numbered_path(path, 1) == path


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("index.html", "https://x.example/a/sites/my%20site/"),
        ("2026/11/rain/index.html", "https://x.example/a/sites/my%20site/2026/11/rain/"),
        ("404.html", "https://x.example/a/sites/my%20site/404.html"),
        ("media/窗 1.png", "https://x.example/a/sites/my%20site/media/%E7%AA%97%201.png"),
        ("media/an-index.html", "https://x.example/a/sites/my%20site/media/an-index.html"),
    ],
)
def test_a_public_address_is_encoded_and_ends_at_the_folder(path, url):
    assert addresses.site_url(SITE, path) == url


@pytest.mark.parametrize(
    ("page", "target", "link"),
    [
        ("index.html", "assets/site.css", "assets/site.css"),
        ("2026/11/rain/index.html", "assets/site.css", "../../../assets/site.css"),
        ("2026/11/rain/index.html", "index.html", "../../../"),
        ("2026/11/rain/index.html", "2026/11/snow/index.html", "../snow/"),
        ("index.html", "index.html", "./"),
        ("2026/11/rain/index.html", "2026/11/rain/index.html", "./"),
        ("index.html", "media/a b#1?.png", "media/a%20b%231%3F.png"),
        ("index.html", "javascript:alert(1)", "javascript%3Aalert%281%29"),
    ],
)
def test_links_inside_a_site_are_relative(page, target, link):
    assert addresses.relative_url(page, target) == link
