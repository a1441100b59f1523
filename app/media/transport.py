"""The way to the network: a name is resolved once, checked, and connected to at the checked address."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address

import httpx

from app.media.addresses import Origin, closed_because, origin_of
from app.media.errors import FetchFailed, FetchRefused

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_LOOPBACK = ("127.0.0.1", "::1")


# A name server that does not answer holds a thread for half a minute; the event loop's own render pages and check
# passwords.
_resolving = ThreadPoolExecutor(64, thread_name_prefix="resolve")


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address of a name, in the order in which the system would try them."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_resolving, look_up)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends a request to a checked address only, for the name that the certificate must carry.

    The inner transport sees addresses, never names, so nothing can resolve a second time to something else
    (DNS rebinding). It must not keep connections: a later request for another name at the same address would
    find the connection of the first, whose certificate was checked for that one.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, allowed: frozenset[Origin], resolve: Resolve) -> None:
        self._inner = inner
        self._allowed = allowed
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        origin = origin_of(request.url)
        failure: httpx.HTTPError | None = None
        for address in await self._checked_addresses(origin):
            try:
                return await self._inner.handle_async_request(_redirected_to(address, request, origin))
            except (httpx.ConnectError, httpx.ConnectTimeout) as raised:
                _refuse_bad_certificate(raised)
                failure = raised
        raise failure or FetchFailed(f"{origin.host} has no address")

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _checked_addresses(self, origin: Origin) -> Sequence[str]:
        addresses = await self._addresses(origin)
        if origin in self._allowed:
            return addresses
        for address in addresses:
            _refuse_closed(address, origin.host)
        return addresses

    async def _addresses(self, origin: Origin) -> Sequence[str]:
        if origin.is_localhost:
            return _LOOPBACK
        if origin.is_address:
            return (origin.host,)
        try:
            return await self._resolve(origin.host, origin.port)
        except UnicodeError as raised:
            raise FetchRefused("the address names no valid host") from raised
        except OSError as raised:
            raise FetchFailed(f"the name {origin.host} cannot be resolved") from raised


def _refuse_bad_certificate(raised: BaseException | None) -> None:
    while raised is not None:
        if isinstance(raised, ssl.SSLCertVerificationError):
            raise FetchFailed("the server's certificate is not valid for its name") from raised
        raised = raised.__cause__ or raised.__context__


def _refuse_closed(address: str, host: str) -> None:
    word = closed_because(ip_address(address))
    if word is None:
        return
    whose = "" if address == host else f" of {host}"
    raise FetchRefused(f"the address {address}{whose} is {word}")


def _redirected_to(address: str, request: httpx.Request, origin: Origin) -> httpx.Request:
    # The Host header was set from the original address and stays.
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": origin.host},
    )
