"""A published page, read through the service and through nginx with the configuration of deploy/."""

import contextlib
import statistics
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import library, wrk
from benchmarks.duel import Pace, Tell
from benchmarks.library import Library
from benchmarks.processes import Server
from benchmarks.wrk import Load, LoadFailed
from tests.faults.proxied import Nginx


@dataclass(frozen=True, slots=True)
class Served:
    """One page as one of them serves it."""

    name: str
    page_bytes: int
    loads: list[Load]

    @property
    def requests_per_second(self) -> float:
        return round(statistics.median(load.requests_per_second for load in self.loads))

    @property
    def p50_milliseconds(self) -> float:
        return round(statistics.median(load.p50_milliseconds for load in self.loads), 3)

    @property
    def p99_milliseconds(self) -> float:
        return round(statistics.median(load.p99_milliseconds for load in self.loads), 3)


async def read(site: Library, server: Server, folder: Path, *, pace: Pace, tell: Tell) -> list[Served]:
    """The site's newest article through both in turns. Raises LoadFailed."""
    page = max(site.folder.glob("[0-9]*/[0-9]*/*/index.html"))
    address = f"/sites/{library.NAME}/{page.parent.relative_to(site.folder).as_posix()}/"
    with _nginx(site, server, folder) as nginx:
        fronts = {"service": server.url, "nginx": f"http://127.0.0.1:{nginx.http_port}"}
        loads: dict[str, list[Load]] = {name: [] for name in fronts}
        for name, url in fronts.items():
            _check(name, url + address, page)
        for number in range(pace.rounds + 1):
            seconds = pace.seconds if number else pace.warm_up_seconds
            for name, url in fronts.items():
                tell(f"Reading a page through {name}, round {number} of {pace.rounds}")
                loads[name].append(await _load(name, url + address, site, seconds))
    return [Served(name, page.stat().st_size, found[1:]) for name, found in loads.items()]


@contextlib.contextmanager
def _nginx(site: Library, server: Server, folder: Path) -> Iterator[Nginx]:
    own = folder / "nginx"
    own.mkdir()
    upstream = f"127.0.0.1:{server.port}"
    with Nginx(own, PROXY_UPSTREAM=upstream, PROXY_SITES_DIR=str(site.folder.parent)).running() as nginx:
        yield nginx


def _check(name: str, url: str, page: Path) -> None:
    with urllib.request.urlopen(url, timeout=10) as answer:
        if answer.read() != page.read_bytes():
            raise LoadFailed(f"{name} serves another page than {page}")


async def _load(name: str, url: str, site: Library, seconds: int) -> Load:
    load = await wrk.fire(url, "page", site.ground.ammunition, run=name, seconds=seconds)
    if load.errors or not load.requests:
        raise LoadFailed(f"{load.errors} of {load.requests} readings through {name} failed")
    return load
