"""The published pages before the field's own judges; run by `make audit`, see docs/quality.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.publishing.theme import list_themes
from tests.browser import pages, serving, tools
from tests.browser.tools import Visit

SCHEMES = ("light", "dark")
WIDTHS = (1280, 390)
ENOUGH = 95
# A busy machine can only make a page look slower than it is.
TRIES = 3


@dataclass(frozen=True)
class Edition:
    """The pages in one theme: where they lie, and where they are shown."""

    folder: Path
    url: str

    def visits(self, paths: Sequence[str], *, judged: bool = False) -> list[Visit]:
        return [
            Visit(
                self.url + path,
                scheme,
                width,
                leads="moved/" in path,
                awaits="#search-results li" if "search/" in path else "",
                judged=judged,
            )
            for path in paths
            for scheme in (SCHEMES if judged else SCHEMES[:1])
            for width in (WIDTHS if judged else WIDTHS[1:])
        ]


@pytest.fixture(scope="module", params=list_themes(None))
def edition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    folder = tmp_path_factory.mktemp(request.param)
    with serving.shown(folder) as url:
        pages.write_pages(folder, url, request.param)
        yield Edition(folder, url)


def test_every_kind_of_page_is_accessible_and_keeps_to_its_own_host_and_policy(edition: Edition) -> None:
    paths = [prefix + path for prefix in ("", "ar/") for path in pages.KINDS]

    verdicts = tools.visited(edition.visits(paths, judged=True))

    assert [f"{verdict}: {fault}" for verdict in verdicts for fault in verdict.problems + verdict.violations] == []


def test_hostile_texts_reach_no_other_host_and_break_no_policy(edition: Edition) -> None:
    verdicts = tools.visited(edition.visits(pages.hostile_paths("article/", "site/")))

    assert [f"{verdict}: {problem}" for verdict in verdicts for problem in verdict.problems] == []


def test_every_page_and_stylesheet_is_valid_and_so_is_every_page_of_a_hostile_text(edition: Edition) -> None:
    hostile = edition.folder / "hostile"

    assert tools.checked(*(place for place in edition.folder.iterdir() if place != hostile)) == []
    assert tools.checked(hostile, html_only=True) == []


@pytest.mark.parametrize("path", ["", pages.EVERYTHING])
def test_lighthouse_is_content(edition: Edition, path: str) -> None:
    for _ in range(TRIES):
        scores = tools.scores(tools.lighthouse(edition.url + path))
        if min(scores.values()) >= ENOUGH:
            return
    raise AssertionError(scores)
