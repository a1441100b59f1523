"""The demo's walk: the whole loop, once, as a client would do it over HTTP."""

import asyncio
import base64
import threading
import time
from typing import Any

import httpx

from app import demo
from app.access import queries as access_queries
from app.access import service as access
from app.cli.output import console, say
from app.core.security import made_up_password
from app.core.settings import Settings
from app.runtime import Runtime, open_runtime

DEMO_USER = "demo@example.com"
PATIENCE_SECONDS = 30

TEXT = """# Rain on the window

Rain streaked diagonally outside, tapping a soft patter against the windowpane. I gazed out, my thoughts drifting
as aimlessly as the drops.

Each drop takes its own way down, waits a while, meets another and hurries on with it. Tomorrow has its worries
ready, but they are tomorrow's. *Today there is rain, and a chair by the window, and time.*
"""


def load_demo(settings: Settings) -> str:
    """Load the demo unless it is there, and a fresh password for its client."""

    async def load() -> str:
        async with open_runtime(settings) as runtime:
            return await load_demo_into(runtime)

    return asyncio.run(load())


async def load_demo_into(runtime: Runtime) -> str:
    """The same on a database that is open."""
    password = made_up_password()
    async with runtime.database.session() as session:
        added = await demo.load(session, runtime.library)
        if await access_queries.find_user(session, email=DEMO_USER):
            await access.change_user(session, email=DEMO_USER, password=password)
        else:
            await access.add_user(session, email=DEMO_USER, password=password)
    say("Demo loaded: three prompts, one site." if added else "The demo is here already; kept as it is.")
    return password


def walk_beside(settings: Settings) -> None:
    """Load the demo and walk through it in a thread, as soon as the service answers."""
    password = load_demo(settings)
    walking = threading.Thread(target=_walk, args=(settings, password), name="demo walk", daemon=True)
    walking.start()


def _walk(settings: Settings, password: str) -> None:
    with httpx.Client(base_url=f"http://{_reachable(settings.host)}:{settings.port}", timeout=60) as client:
        try:
            _wait_until_it_answers(client)
            _walk_through(client, password)
        except (httpx.HTTPError, TimeoutError, KeyError) as lost:
            console.print(f"[red]✗[/] the demo's walk ended early: {lost!r}")


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 -- where to knock, not where to listen


def _wait_until_it_answers(client: httpx.Client) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        try:
            client.get("/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the service did not answer")


def _walk_through(client: httpx.Client, password: str) -> None:
    jwt = _data(client.post("/signin", data={"username": DEMO_USER, "password": password}))["jwt"]
    client.headers["Authorization"] = f"Bearer {jwt}"
    _say("T5", f"signed in as {DEMO_USER}")
    task = _data(client.get("/aiprompt/output/"))
    if not task:
        _say("T1", "nothing is due now; the demo's prompts come back every five minutes")
        return
    _say("T1", f"task {task['id']} ({task['type']}): {task['text'][:60]}…")
    picture = "data:image/png;base64," + base64.b64encode(demo.rain_on_a_window()).decode()
    submission = {
        "id": "",
        "text": TEXT,
        "files": [picture],
        "cronId": "_CRON-Daily_Writing_Prompt-Live_for_Today",
        "histId": f"L-GTXT-{time.time_ns()}",
        "promptId": str(task["id"]),
    }
    answer = client.post("/aicontent/input/?writetofile=1", json={"status": "success", "data": submission})
    answer.raise_for_status()
    where = answer.headers["Content-Location"]
    _say("T2", f"handed back a text and a picture: {where}")
    _show_page(client, _data(client.get(where)))


def _show_page(client: httpx.Client, content: dict[str, Any]) -> None:
    publish = content["publish"]
    if publish["url"] is None:
        _say("T3", f"the page is {publish['status']}: {publish['reason'] or 'an extension took it'}")
        return
    _say("T3", f"published as {publish['filename']}")
    console.print(f"\n  The page is live: [bold link={publish['url']}]{publish['url']}[/]\n", soft_wrap=True)


def _data(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    data: dict[str, Any] = answer.json()["data"]
    return data


def _say(step: str, line: str) -> None:
    console.print(f"  [green]✓[/] [bold]{step}[/] {line}", highlight=False, soft_wrap=True)
