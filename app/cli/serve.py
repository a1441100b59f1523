"""`pygai serve`: prepare everything and answer requests."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import console

if TYPE_CHECKING:
    from app.core.settings import Settings
    from app.runtime import Prepared

# Long-polls are let go when the service stops.
SHUTDOWN_SECONDS = 5


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (PYGAI_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on (PYGAI_PORT).")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (PYGAI_WORKERS).")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo, walk the loop once and say where the page is.")
    ] = False,
    strict_extensions: Annotated[
        bool, typer.Option("--strict-extensions", help="Stop when an enabled extension cannot be loaded.")
    ] = False,
) -> None:
    """Prepare the database and answer requests until stopped.

    Examples:

    - `pygai serve`
    - `pygai serve --demo`
    - `pygai serve --host 0.0.0.0 --port 8000 --workers 4`
    """
    from app import runtime
    from app.core import logging
    from app.core.http import sockets

    if demo:
        # The walk's own lines are to be read; set PYGAI_LOG_LEVEL to see both.
        os.environ.setdefault("PYGAI_LOG_LEVEL", "WARNING")
    settings = _settings(host=host, port=port, workers=workers, strict_extensions=strict_extensions or None)
    logging.configure(settings)
    # Before anything is prepared, and before a demo would walk through somebody else's service.
    sockets.check_free(settings.host, settings.port)
    prepared = asyncio.run(runtime.prepare(settings))
    _greet(settings, prepared)
    if demo:
        from app.cli.walk import walk_beside

        walk_beside(settings)
    _run(settings)


def _settings(**given: Any) -> "Settings":
    """Options win over variables; worker processes read them from the environment too."""
    from app.core.settings import Settings

    for name, value in given.items():
        if value is not None:
            os.environ[f"PYGAI_{name.upper()}"] = str(value)
    return Settings()


def _greet(settings: "Settings", prepared: "Prepared") -> None:
    console.print(
        f"[bold]PyGai Connector[/] at {settings.base_url}  (docs at {settings.base_url}/docs)", soft_wrap=True
    )
    if prepared.made_up_password:
        console.print(
            f"Administrator [bold]{prepared.admin_email}[/], password [bold]{prepared.made_up_password}[/] "
            "(shown this once; change it with `pygai user edit`)",
            highlight=False,
            soft_wrap=True,
        )


def _run(settings: "Settings") -> None:
    import uvicorn

    if settings.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="pygai-metrics-")
    os.environ["PYGAI_DATA_DIR"] = str(Path(settings.data_dir).resolve())
    uvicorn.run(
        "app.main:create_app_from_environment",
        factory=True,
        http="app.core.http.protocol:BoundedHttpProtocol",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        date_header=True,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        timeout_keep_alive=75,
    )
