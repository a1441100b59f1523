"""Takes the pictures of docs/pictures anew: `python -m tests.browser.pictures`. Look at each of them then."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from app.publishing.pages.theme import list_themes
from tests.browser import pages, serving, tools
from tests.browser.tools import Visit

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHOWN = {"home": "", "article": "2026/11/the-morning-the-harbour-disappeared/", "archive": "archive/"}
SIZES = {"desktop": (1280, 800, 1500), "phone": (390, 844, 1400)}
SCHEMES = ("light", "dark")


def take(theme: str) -> None:
    with TemporaryDirectory() as name, serving.shown(Path(name)) as url:
        pages.write_sample(Path(name), url, theme)
        verdicts = tools.visited(
            Visit(
                url + path,
                scheme,
                width,
                height,
                picture=str(PICTURES / f"{theme}-{kind}-{scheme}-{size}.png"),
                tall=tall,
            )
            for kind, path in SHOWN.items()
            for scheme in SCHEMES
            for size, (width, height, tall) in SIZES.items()
        )
    for verdict in verdicts:
        assert not verdict.problems, f"{verdict}: {verdict.problems}"
        make_small(Path(verdict.visit.picture))


def make_small(picture: Path) -> None:
    with Image.open(picture) as taken:
        taken.convert("RGB").save(picture, optimize=True)


if __name__ == "__main__":
    for theme in sys.argv[1:] or list_themes(None):
        take(theme)
