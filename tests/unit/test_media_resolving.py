"""Looking up the names of hosts, which may take as long as a name server likes."""

import asyncio
import socket
import threading

from app.media.transport import system_resolver

# More than the threads that the event loop has for everything.
NAMES = 40


async def test_names_that_take_long_hold_up_nothing_else_that_needs_a_thread(monkeypatch):
    answered = threading.Event()

    def waiting(*_arguments, **_options):
        answered.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", waiting)
    look_ups = [asyncio.ensure_future(system_resolver(f"{number}.example", 80)) for number in range(NAMES)]
    await asyncio.sleep(0)

    async with asyncio.timeout(10):
        assert await asyncio.to_thread(lambda: "rendered") == "rendered"

    answered.set()
    assert await asyncio.gather(*look_ups) == [["192.0.2.7"]] * NAMES
