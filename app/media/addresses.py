"""Which addresses may be fetched from: the guard against requests into the operator's own network (SSRF)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

IPAddress = IPv4Address | IPv6Address

# The tables are our own because `ipaddress` answers differently from one Python release to the next.
# Source: the IANA special-purpose address registries (RFC 6890), and what clouds use for metadata.
_CLOSED_IPV4 = [
    (IPv4Network("0.0.0.0/8"), "unspecified"),
    (IPv4Network("10.0.0.0/8"), "private"),
    (IPv4Network("100.64.0.0/10"), "private"),
    (IPv4Network("127.0.0.0/8"), "loopback"),
    (IPv4Network("168.63.129.16/32"), "a cloud's own"),
    (IPv4Network("169.254.0.0/16"), "link-local"),
    (IPv4Network("172.16.0.0/12"), "private"),
    (IPv4Network("192.0.0.0/24"), "reserved"),
    (IPv4Network("192.0.2.0/24"), "reserved"),
    (IPv4Network("192.88.99.0/24"), "reserved"),
    (IPv4Network("192.168.0.0/16"), "private"),
    (IPv4Network("198.18.0.0/15"), "reserved"),
    (IPv4Network("198.51.100.0/24"), "reserved"),
    (IPv4Network("203.0.113.0/24"), "reserved"),
    (IPv4Network("224.0.0.0/4"), "multicast"),
    (IPv4Network("240.0.0.0/4"), "reserved"),
]
_CLOSED_IPV6 = [
    (IPv6Network("::/128"), "unspecified"),
    (IPv6Network("::1/128"), "loopback"),
    (IPv6Network("64:ff9b:1::/48"), "private"),
    (IPv6Network("2001::/23"), "reserved"),  # Teredo is in here
    (IPv6Network("2001:db8::/32"), "reserved"),
    (IPv6Network("3fff::/20"), "reserved"),
    (IPv6Network("fc00::/7"), "private"),
    (IPv6Network("fe80::/10"), "link-local"),
    (IPv6Network("fec0::/10"), "private"),
    (IPv6Network("ff00::/8"), "multicast"),
]
# The only part of IPv6 that is given out to be reached from anywhere.
_GLOBAL_IPV6 = IPv6Network("2000::/3")

# Prefix -> how far right of it the IPv4 address stands that a packet ends up at.
_WRAPPERS = [
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")


def is_public(address: IPAddress | str) -> bool:
    """Whether anybody on the internet could reach this address as well."""
    return closed_because(address) is None


def closed_because(address: IPAddress | str) -> str | None:
    """In a word what keeps the address from being fetched, or None when it is public."""
    if isinstance(address, str):
        address = ip_address(address)
    if isinstance(address, IPv4Address):
        return next((word for network, word in _CLOSED_IPV4 if address in network), None)
    wrapped = _wrapped_ipv4(address)
    if wrapped is not None:
        return closed_because(wrapped)
    for network, word in _CLOSED_IPV6:
        if address in network:
            return word
    return None if address in _GLOBAL_IPV6 else "reserved"


def _wrapped_ipv4(address: IPv6Address) -> IPv4Address | None:
    for network, shift in _WRAPPERS:
        if address in network:
            return IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
    return None


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port of an http(s) address; two spellings of one origin are equal."""

    scheme: str
    host: str
    port: int

    @property
    def is_localhost(self) -> bool:
        """Whether the name means this machine whatever a resolver says (RFC 6761)."""
        return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address in its usual spelling; a resolver knows the odd ones."""
        return _is_ip(self.host)


def origin_of(url: httpx.URL) -> Origin:
    """Raises ValueError, with the reason in words, for an address that cannot be fetched from."""
    if url.scheme not in _DEFAULT_PORTS:
        raise ValueError("only http and https addresses are fetched")
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    if not _HOST_NAME.fullmatch(host) and not _is_ip(host):
        raise ValueError("the address names no valid host")
    port = _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port")
    return Origin(url.scheme, host, port)


def _is_ip(host: str) -> bool:
    if "%" in host:  # a network interface of this machine is nobody else's business
        return False
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def allowed_origins(addresses: Iterable[str]) -> frozenset[Origin]:
    """The setting's list as origins; what stands behind host and port does not matter."""
    return frozenset(origin_of(httpx.URL(address)) for address in addresses)
