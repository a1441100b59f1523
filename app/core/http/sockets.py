"""Whether an address can be listened on, told in words before anything is started."""

import os
import socket


class CannotListen(RuntimeError):
    """The address to listen on is taken or not ours."""


def check_free(host: str, port: int) -> None:
    """Raises CannotListen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise CannotListen(
                f"Cannot listen on {host}:{port} ({taken.strerror}). "
                "Is the service running already? Choose another port with `--port` or PYGAI_PORT."
            ) from taken


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises CannotListen."""
    try:
        return socket.create_server((host, port))
    except OSError as taken:
        raise CannotListen(
            f"Cannot listen on {host}:{port} ({os.strerror(taken.errno or 0)}). Choose another port with `--port`."
        ) from taken
