"""Fetching a file that a client named: from allowed addresses, within limits of size and time."""

import hashlib
import os
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import anyio
import anyio.to_thread
import httpx

from app import __version__
from app.core.settings import Settings
from app.media.addresses import allowed_origins as parse_origins
from app.media.addresses import origin_of
from app.media.errors import FetchError, FetchFailed, FetchRefused
from app.media.transport import GuardedTransport, Resolve, system_resolver

__all__ = ["FetchError", "FetchFailed", "FetchRefused", "Fetched", "Fetcher"]

MAX_REDIRECTS = 5
LONGEST_CONNECT_SECONDS = 10.0
CHUNK_BYTES = 256 * 1024
# The parser takes quadratic time, and blocks everybody meanwhile.
LONGEST_DISPOSITION = 2000

_HEADERS = {
    "User-Agent": f"PyGai-Connector/{__version__}",
    # Compressed answers would make the size limit a guess.
    "Accept-Encoding": "identity",
    "Connection": "close",
}
# What a server says when a later try may go better.
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True)
class Fetched:
    """A file that was fetched into a temporary one; whoever takes it discards it."""

    path: Path
    size: int
    sha256: str
    name: str
    url: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


class Fetcher:
    """Fetches files over http(s); one for the whole process, closed with `aclose`."""

    def __init__(
        self,
        *,
        allowed_origins: Iterable[str] = (),
        timeout_seconds: float,
        max_bytes: int,
        resolve: Resolve = system_resolver,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        guarded = GuardedTransport(
            transport or _network(tls), allowed=parse_origins(allowed_origins), resolve=resolve
        )
        self._client = httpx.AsyncClient(
            transport=guarded,
            headers=_HEADERS,
            # The whole fetch is timed; a single address that does not answer leaves time for the next.
            timeout=httpx.Timeout(None, connect=min(LONGEST_CONNECT_SECONDS, timeout_seconds / 2)),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def fetch(self, url: str) -> Fetched:
        """Raises FetchRefused when there is no use in trying again, FetchFailed when there is."""
        try:
            with anyio.fail_after(self._timeout_seconds), _errors_in_words():
                return await self._follow(_checked(url))
        except TimeoutError as raised:
            raise FetchFailed(f"it took longer than {self._timeout_seconds:g} seconds") from raised

    async def _follow(self, first: httpx.URL) -> Fetched:
        target = first
        for _ in range(MAX_REDIRECTS + 1):
            async with self._client.stream("GET", target, follow_redirects=False) as response:
                if response.next_request is None:
                    return await self._save(response, first)
                target = _checked(response.next_request.url)
        raise FetchRefused(f"it redirects more than {MAX_REDIRECTS} times")

    async def _save(self, response: httpx.Response, first: httpx.URL) -> Fetched:
        _refuse_bad_status(response.status_code)
        _refuse_encoded(response)
        self._refuse_declared_size(response)
        async with _spooled(self._max_bytes) as spool:
            async for chunk in response.aiter_raw(CHUNK_BYTES):
                await anyio.to_thread.run_sync(spool.add, chunk)
        name = _name_in_header(response) or _name_in(response.url) or _name_in(first)
        return Fetched(spool.path, spool.size, spool.digest.hexdigest(), name, str(response.url))

    def _refuse_declared_size(self, response: httpx.Response) -> None:
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise _too_large(self._max_bytes)


def fetcher_of(settings: Settings) -> Fetcher:
    """A fetcher within the limits that the settings draw."""
    return Fetcher(
        allowed_origins=settings.fetch_allowed_origins,
        timeout_seconds=settings.fetch_timeout_seconds,
        max_bytes=settings.fetch_max_bytes,
    )


def _network(tls: ssl.SSLContext | None) -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(
        verify=True if tls is None else tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    )


def _checked(address: str | httpx.URL) -> httpx.URL:
    try:
        url = httpx.URL(address.strip() if isinstance(address, str) else address)
        origin_of(url)
        url.host  # noqa: B018 -- decodes the name, which fails for a malformed international one
    except UnicodeError as raised:
        raise FetchRefused("the address names no valid host") from raised
    except httpx.InvalidURL as raised:
        raise FetchRefused("it is not a valid web address") from raised
    except ValueError as raised:
        raise FetchRefused(str(raised)) from raised
    if url.userinfo:
        raise FetchRefused("an address with a user name or a password in it is not fetched")
    return url


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except (FetchError, TimeoutError):
        raise
    except httpx.TimeoutException as raised:
        raise FetchFailed("the server took too long to answer") from raised
    except httpx.ConnectError as raised:
        raise FetchFailed("the server cannot be reached") from raised
    except UnicodeError as raised:
        raise FetchRefused("it leads to an address that names no valid host") from raised
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as raised:
        raise FetchFailed("the server broke off or did not speak proper HTTP") from raised
    except OSError as raised:
        raise FetchFailed("the file could not be put down on this side") from raised


def _refuse_bad_status(status: int) -> None:
    if 200 <= status < 300:
        return
    reason = f"the server answered {status} {httpx.codes.get_reason_phrase(status)}".rstrip()
    if 400 <= status < 500 and status not in _PASSING:
        raise FetchRefused(reason)
    raise FetchFailed(reason)


def _refuse_encoded(response: httpx.Response) -> None:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise FetchRefused("the server insists on sending it compressed")


def _too_large(max_bytes: int) -> FetchRefused:
    return FetchRefused(f"it is larger than {max_bytes} bytes")


def _name_in_header(response: httpx.Response) -> str:
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")[:LONGEST_DISPOSITION]
    try:
        return header.get_filename("").strip()
    except ValueError:  # an encoding that cannot be read: the address names the file as well
        return ""


def _name_in(url: httpx.URL) -> str:
    return url.raw_path.decode("ascii").partition("?")[0].rpartition("/")[2]


class _Spool:
    """The temporary file that grows and is hashed as the bytes arrive."""

    def __init__(self, max_bytes: int) -> None:
        descriptor, path = tempfile.mkstemp(prefix="pygai-fetch-")
        self.path = Path(path)
        self.size = 0
        self.digest = hashlib.sha256()
        self._max_bytes = max_bytes
        self._file = os.fdopen(descriptor, "wb")

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise _too_large(self._max_bytes)
        self.digest.update(chunk)
        self._file.write(chunk)

    def close(self) -> None:
        self._file.close()


@asynccontextmanager
async def _spooled(max_bytes: int) -> AsyncIterator[_Spool]:
    spool = await anyio.to_thread.run_sync(_Spool, max_bytes)
    try:
        yield spool
        await anyio.to_thread.run_sync(spool.close)
    except BaseException:
        # Also when cancelled, so without another await.
        spool.path.unlink(missing_ok=True)
        spool.close()
        raise
