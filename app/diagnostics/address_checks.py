"""Checks of the addresses that the service listens on and hands out."""

import asyncio
from urllib.parse import urlsplit

import httpx

from app.core.settings import LOOPBACK, Settings
from app.diagnostics.findings import Finding, ok, trouble

EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 -- recognised here, listened on elsewhere


async def check_public_address(settings: Settings) -> Finding:
    is_public = settings.host not in LOOPBACK
    shown = urlsplit(settings.base_url).hostname or ""
    fix = "Set PYGAI_PUBLIC_URL to the address that clients and readers use, such as https://pygai.example.com."
    if is_public and shown in LOOPBACK:
        message = f"It listens on {settings.host}, but the addresses it hands out begin with {settings.base_url}."
        return trouble("public address", message, fix)
    if shown in EVERYWHERE:
        message = f"The addresses it hands out begin with {settings.base_url}, where nobody can go."
        return trouble("public address", message, fix)
    return ok("public address", f"Addresses that are handed out begin with {settings.base_url}.")


async def check_port(settings: Settings) -> Finding:
    address = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    where = f"{address}:{settings.port}"
    try:
        _reader, writer = await asyncio.wait_for(asyncio.open_connection(address, settings.port), timeout=3)
    except (OSError, TimeoutError):
        return ok("port", f"{where} is free; the service does not run here.")
    writer.close()
    if await _is_ours(address, settings.port):
        return ok("port", f"The service answers on {where}.")
    return trouble(
        "port",
        f"Something else listens on {where}.",
        "Stop it, or choose another port with PYGAI_PORT or `pygai serve --port`.",
    )


async def _is_ours(address: str, number: int) -> bool:
    host = f"[{address}]" if ":" in address else address
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        try:
            body = (await client.get(f"http://{host}:{number}/healthz")).json()
        except (httpx.HTTPError, ValueError):
            return False
    return bool(body == {"status": "success", "data": {"alive": True}})
