"""What a client without a token sends without end is refused before it fills a worker's memory."""

import asyncio
import json
import select
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.processes import Service, a_service

MEBIBYTE = 1024 * 1024
SENT_AT_MOST = 48 * MEBIBYTE
# What both kernels' buffers hold is sent before anybody has read it.
REFUSED_WITHIN = 16 * MEBIBYTE
MAY_GROW = 24 * MEBIBYTE
SECONDS = 20

FORM = b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"POST /signin HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n"
HALF = b"8\r\nusername\r\n"
# The 401 leaves at once, and the rest of the body is still to come.
ANSWERED_ALREADY = b"POST /aicontent/input/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

ENDLESS = {
    "an address": (b"GET /", b"a" * 16_000, 400),
    "one header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a" * 16_000, 400),
    "headers": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"a:\r\n" * 4_000, 400),
    "trailers": (CHUNKED + HALF + b"0\r\n", b"a:\r\n" * 4_000, 400),
    "one trailer": (CHUNKED + HALF + b"0\r\nX: ", b"a" * 16_000, 413),
    "the name of a trailer": (CHUNKED + HALF + b"0\r\n", b"a" * 16_000, 413),
    "a chunk's extension": (CHUNKED + b"8;x=", b"a" * 16_000, 413),
    "chunks of more extension than body": (CHUNKED, b"1;x=%b\r\na\r\n" % (b"a" * 1_000), 413),
    "a chunk's size": (CHUNKED, b"0" * 16_000, 413),
    "empty lines": (b"", b"\r\n" * 8_000, 400),
}


@dataclass(frozen=True)
class Sent:
    bytes_taken: int
    answer: bytes

    @property
    def status(self) -> int:
        return int(self.answer.split(b" ", 2)[1])


@pytest.fixture
async def server(dsn: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with a_service(tmp_path, database_url=dsn) as service:
        yield service


def send(port: int, beginning: bytes, more: bytes, *, most: int = SENT_AT_MOST, goes_on: bool = False) -> Sent:
    """Send `more` until the connection breaks or, unless it `goes_on`, there is an answer."""
    taken, answer = 0, b""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client, suppress(ConnectionError):
        rest = beginning + more
        while taken < most:
            readable, writable, _ = select.select([client], [client], [], SECONDS)
            if readable:
                answer = client.recv(65_536)
            if (readable and not (goes_on and answer)) or not (readable or writable):
                break
            if writable:
                sent = client.send(rest)
                taken, rest = taken + sent, rest[sent:] or more
    return Sent(taken, answer)


def weight(service: Service) -> int:
    """The memory that the server has now, in bytes; its peak is counted from here."""
    assert service.process is not None
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5")
    return _told(service, "VmRSS")


def peak(service: Service) -> int:
    return _told(service, "VmHWM")


def _told(service: Service, what: str) -> int:
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) * 1024


@pytest.mark.parametrize("kind", ENDLESS)
async def test_what_has_no_end_is_refused_and_fills_no_memory(server: Service, kind: str) -> None:
    beginning, more, status = ENDLESS[kind]
    before = weight(server)

    sent = await asyncio.to_thread(send, server.port, beginning, more)

    head, _, body = sent.answer.partition(b"\r\n\r\n")
    assert sent.bytes_taken < REFUSED_WITHIN
    assert sent.status == status
    assert b"connection: close" in head.lower()
    assert json.loads(body)["status"] == "fail"
    assert peak(server) - before < MAY_GROW


@pytest.mark.parametrize(
    "trail", [b"0\r\n", b"0\r\nX: ", b"8;x="], ids=["trailers", "one trailer", "an extension"]
)
async def test_what_goes_on_after_the_answer_is_cut_off(server: Service, trail: bytes) -> None:
    before = weight(server)

    sent = await asyncio.to_thread(
        send, server.port, ANSWERED_ALREADY + trail, b"a:" + b"b" * 16_000 + b"\r\n", goes_on=True
    )

    assert sent.bytes_taken < REFUSED_WITHIN
    assert peak(server) - before < MAY_GROW


async def test_a_body_that_goes_on_after_its_answer_is_cut_off(server: Service) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"

    sent = await asyncio.to_thread(send, server.port, ANSWERED_ALREADY, chunk, most=256 * MEBIBYTE, goes_on=True)

    assert sent.bytes_taken < 200 * MEBIBYTE


async def test_requests_that_wait_in_line_do_not_fill_the_memory(server: Service) -> None:
    # Of 64 bytes, so that pieces end where requests do.
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: %b\r\n\r\n" % (b"y" * 25)
    before = weight(server)

    sent = await asyncio.to_thread(send, server.port, one, one * 5_000, goes_on=True)

    assert sent.bytes_taken < REFUSED_WITHIN
    assert peak(server) - before < MAY_GROW


async def test_a_request_with_a_few_trailers_is_answered_and_the_connection_stays(server: Service) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    trailed = CHUNKED + HALF + b"0;last\r\nX-Digest: abc\r\nX-Other: def\r\n\r\n"

    answers = []
    for _ in range(3):
        writer.write(trailed)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answers.append((head.split(b" ", 2)[1], await reader.readexactly(length)))
    writer.close()

    assert [status for status, _ in answers] == [b"422"] * 3
    assert all(json.loads(body)["status"] == "fail" for _, body in answers)


async def test_a_hundred_requests_in_line_are_answered_in_their_order(server: Service) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    writer.write(
        b"".join(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: n%d\r\n\r\n" % n for n in range(100))
    )
    ids: list[bytes] = []
    while len(ids) < 100:
        line = await asyncio.wait_for(reader.readline(), SECONDS)
        if line.lower().startswith(b"x-request-id: "):
            ids.append(line.split()[1])
    writer.close()

    assert ids == [b"n%d" % number for number in range(100)]
