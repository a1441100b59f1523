"""A web server of the tests' own, and a fetcher to set on it."""

import asyncio
from contextlib import asynccontextmanager

from app.media.fetching import Fetcher

MAX_BYTES = 1_000_000


class Site:
    """A web server on the loopback interface that sends, byte for byte, what it was told to."""

    def __init__(self, answers):
        self.answers = answers
        self.requests = []

    async def serve(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            answer = self.answers[head.split(" ")[1]]
            if callable(answer):
                await answer(writer)
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_site(answers=None, *, tls=None, host="127.0.0.1", port=0):
    site = Site(answers or {})
    server = await asyncio.start_server(site.serve, host, port, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    site.origin = f"{'https' if tls else 'http'}://{host}:{site.port}"
    try:
        yield site
    finally:
        server.close()


def an_answer(body=b"", *, status="200 OK", with_length=True, **headers):
    lines = [f"HTTP/1.1 {status}"] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if with_length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def a_redirect(target, status="302 Found"):
    return an_answer(status=status, Location=target)


@asynccontextmanager
async def a_fetcher(*allowed, timeout_seconds=5, max_bytes=MAX_BYTES, **seams):
    fetcher = Fetcher(allowed_origins=allowed, timeout_seconds=timeout_seconds, max_bytes=max_bytes, **seams)
    try:
        yield fetcher
    finally:
        await fetcher.aclose()
