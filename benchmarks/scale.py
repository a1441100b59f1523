"""Whether T1 and T2 stay as fast with a thousand times as much: one connection, one request after another."""

import json
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count

from benchmarks.duel import Tell
from benchmarks.ground import ESSAY, Ground
from benchmarks.processes import Server
from benchmarks.wrk import LoadFailed

TARGET = 1.3
WARM_UP = 30

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Site:
    """A service and its database."""

    ground: Ground
    server: Server


@dataclass(frozen=True, slots=True)
class Growth:
    """Median latencies with little and with much, round by round."""

    title: str
    small_milliseconds: list[float]
    large_milliseconds: list[float]

    @property
    def ratio(self) -> float:
        pairs = zip(self.large_milliseconds, self.small_milliseconds, strict=True)
        return round(statistics.median(large / small for large, small in pairs), 3)

    @property
    def small(self) -> float:
        return round(statistics.median(self.small_milliseconds), 3)

    @property
    def large(self) -> float:
        return round(statistics.median(self.large_milliseconds), 3)


async def grow(
    title: str, case: str, small: Site, large: Site, *, rounds: int, requests: int, tell: Tell
) -> Growth:
    """The same number of requests to each in turns. Raises LoadFailed."""
    medians: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        tell(f"{title}, round {number + 1} of {rounds}")
        for site, found in zip((small, large), medians, strict=True):
            await site.ground.put_back()
            found.append(_median_milliseconds(site, case, requests))
    return Growth(title, *medians)


def _median_milliseconds(site: Site, case: str, requests: int) -> float:
    token = site.ground.ammunition.tokens.read_text().split()[0]
    with closing(socket.create_connection(("127.0.0.1", site.server.port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken = [_exchange(connection, one) for one in _requests(case, token, site, WARM_UP + requests)]
    return round(statistics.median(taken[WARM_UP:]) * 1000, 3)


def _requests(case: str, token: str, site: Site, number: int) -> Iterator[bytes]:
    head = f"Host: bench\r\nAuthorization: Bearer {token}\r\n"
    for place in range(number):
        if case == "claim":
            yield f"GET /aiprompt/output/?next=true HTTP/1.1\r\n{head}\r\n".encode()
            continue
        # An odd number: those are the available ones.
        body = _submission(place * 14 % site.ground.ammunition.prompts + 1)
        head_of_body = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        yield f"POST /aicontent/input/ HTTP/1.1\r\n{head}{head_of_body}\r\n".encode() + body


def _submission(prompt_id: int) -> bytes:
    data = {"text": ESSAY, "files": [], "histId": f"scale-{next(_numbers)}", "promptId": str(prompt_id)}
    return json.dumps({"status": "success", "data": {"id": "", "cronId": "_CRON", **data}}).encode()


def _exchange(connection: socket.socket, request: bytes) -> float:
    """Seconds for one request; the client does next to nothing, so as not to hide what the service does."""
    began = time.perf_counter()
    connection.sendall(request)
    answer = connection.recv(65536)
    while answer and not answer.endswith(b"}}"):
        answer += connection.recv(65536)
    seconds = time.perf_counter() - began
    has_task = not answer.endswith(b'"data":{}}')
    if not answer.startswith(b"HTTP/1.1 200") or has_task != request.startswith(b"GET"):
        raise LoadFailed(f"an answer was not as it should be: {answer!r}")
    return seconds
