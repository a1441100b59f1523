"""One article more: from the request that hands it in (T2) to the answer that its page is there."""

import http.client
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import articles, library
from benchmarks.articles import Text
from benchmarks.duel import Tell
from benchmarks.library import Library
from benchmarks.processes import Server
from benchmarks.wrk import LoadFailed

MOST_MILLISECONDS = 50
MOST_TIMES_SLOWER = 1.2
WARM_UP = 5
# The index of the search is extended after the answer.
SETTLE_SECONDS = 0.3

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Publishing:
    """A site and the service that publishes to it."""

    library: Library
    server: Server


@dataclass(frozen=True, slots=True)
class Added:
    """What publishing one article took, again and again, and how many files each of some more wrote."""

    articles: int
    milliseconds: list[float]
    files: list[int]

    @property
    def median(self) -> float:
        return round(statistics.median(self.milliseconds), 2)

    @property
    def p95(self) -> float:
        return round(statistics.quantiles(self.milliseconds, n=20)[-1], 2)


def add(small: Publishing, large: Publishing, *, times: int, counted: int, tell: Tell) -> tuple[Added, Added]:
    """Add to both in turns, so that what slows the machine down slows both. Raises LoadFailed."""
    sites = (small, large)
    taken: dict[int, list[float]] = {site.library.articles: [] for site in sites}
    for number in range(WARM_UP + times):
        tell(f"Adding an article to {small.library.articles:,} and to {large.library.articles:,}: {number + 1}")
        for site in sites if number % 2 else sites[::-1]:
            milliseconds = _publish(site)
            if number >= WARM_UP:
                taken[site.library.articles].append(milliseconds)
    files = {site.library.articles: _files_of_each(site, counted, tell) for site in sites}
    found = [Added(size, taken[size], files[size]) for size in taken]
    return found[0], found[1]


def _publish(site: Publishing) -> float:
    """Milliseconds until the answer; that everything is on disk by then is looked up at once."""
    text = articles.extra(next(_numbers))
    body = _submission(text)
    headers = {"Authorization": f"Bearer {site.library.token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", site.server.port, timeout=30)) as connection:
        connection.connect()
        began = time.perf_counter()
        connection.request("POST", "/aicontent/input/?writetofile=1", body, headers)
        answer = connection.getresponse()
        answer.read()
        milliseconds = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise LoadFailed(f"an article was answered by {answer.status}")
        connection.request("GET", answer.headers["Content-Location"], headers=headers)
        told = json.load(connection.getresponse())["data"]["publish"]
    _check(site.library, text, told)
    return round(milliseconds, 3)


def _submission(text: Text) -> bytes:
    data = {"id": "", "text": text.markdown, "files": [], "cronId": "_CRON"}
    data |= {"histId": f"added-{text.number}", "promptId": str(text.topic + 1)}
    return json.dumps({"status": "success", "data": data}).encode()


def _check(site: Library, text: Text, told: dict[str, Any]) -> None:
    """The page has its title, and listing, feeds and sitemap lead there."""
    if told["status"] != "published":
        raise LoadFailed(f"{text.title!r} is {told['status']}: {told['reason']}")
    slug = urlsplit(told["url"]).path.rstrip("/").rpartition("/")[2]
    page = site.folder.joinpath(*urlsplit(told["url"]).path.strip("/").split("/")[-3:], "index.html")
    wanted = {page: text.title} | dict.fromkeys(_lists(site, text), f"{slug}/")
    for file, sign in wanted.items():
        if sign not in file.read_text():
            raise LoadFailed(f"{file.relative_to(site.folder)} does not hold {text.title!r}")


def _lists(site: Library, text: Text) -> Sequence[Path]:
    sitemaps = sorted(site.folder.glob("sitemaps/[0-9]*.xml"), key=lambda file: int(file.stem))
    topic = site.folder / library.topic_folder(text)
    folders = (site.folder, topic)
    return [
        *(folder / name for folder in folders for name in ("index.html", "feed.xml", "feed.json")),
        sitemaps[-1],
    ]


def _files_of_each(site: Publishing, times: int, tell: Tell) -> list[int]:
    """How many files each of so many publications writes, in a row, so that full pages are among them."""
    found = []
    for number in range(times):
        tell(f"Counting the files of a publication among {site.library.articles:,}: {number + 1} of {times}")
        before = _stamps(site.library.folder)
        _publish(site)
        time.sleep(SETTLE_SECONDS)
        after = _stamps(site.library.folder)
        found.append(sum(before.get(path) != stamp for path, stamp in after.items()))
    return found


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    """What tells a file that was written from one that was not: each writing makes a file anew."""
    found = ((path, path.stat()) for path in folder.rglob("*.*"))
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found}
