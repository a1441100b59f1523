"""The pages to be judged: the sample of `pygai theme preview`, once more in Arabic, and all hostile texts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from app.publishing import addresses
from app.publishing.model import File
from app.publishing.pages.theme import Theme, find_theme
from app.publishing.preview.sample.site import REDIRECT, SampleSite
from app.publishing.syndication import sitemaps
from tests.browser import hostile

EVERYTHING = "2026/11/everything-a-text-can-have/"
MOVED = REDIRECT.removesuffix(addresses.INDEX)
# One of each kind, and of the articles those that differ: pictures wide, upright and none, other scripts.
KINDS = (
    "",
    "page/1/",
    "topics/workshop/",
    "2026/",
    "archive/",
    "about/",
    "search/?q=tide",
    "nowhere/at/all/",
    "2026/11/withdrawn/",
    MOVED,
    EVERYTHING,
    "2026/11/the-morning-the-harbour-disappeared/",
    "2026/11/the-tower-clock-loses-a-minute-a-week/",
    "2026/11/a-field-guide-to-eleven-kinds-of-rain/",
    "2026/11/wu-zhong-de-gang-kou/",
    "2026/11/msbh-lmyn-lqdym/",
)


def write_pages(folder: Path, url: str, theme_name: str) -> None:
    """Everything below a folder that will be shown at this address."""
    theme = find_theme(theme_name, None)
    write_sample(folder, url, theme_name)
    _write(folder / "ar", _sample(_in_arabic(f"{url}ar/"), theme), theme)
    for number, text in enumerate(hostile.texts(), 1):
        place = f"hostile/{number}"
        _write(folder / place, hostile.pages(text, f"{url}{place}/", theme), theme)


def write_sample(folder: Path, url: str, theme_name: str) -> None:
    theme = find_theme(theme_name, None)
    _write(folder, _sample(SampleSite(url), theme), theme)


def hostile_paths(*kinds: str) -> list[str]:
    return [f"hostile/{number}/{kind}" for number in range(1, len(hostile.texts()) + 1) for kind in kinds]


def _sample(site: SampleSite, theme: Theme) -> Iterator[File]:
    paths = [(each.entry.path, each.entry.published_at) for each in site.articles]
    yield from (make(theme) for make in site.files.values())
    yield from (
        sitemaps.robots(site.site),
        sitemaps.sitemap(site.site, 1, paths),
        sitemaps.sitemap_index(site.site, [1]),
    )


def _in_arabic(url: str) -> SampleSite:
    """Whatever the theme itself says is in Arabic then, and every page runs from right to left."""
    sample = SampleSite(url)
    sample.site = replace(sample.site, language="ar")
    return sample


def _write(folder: Path, files: Iterable[File], theme: Theme) -> None:
    for file in (*files, *(File(asset.path, asset.body) for asset in theme.assets.values())):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.body)
