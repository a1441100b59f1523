"""The load generator: Debian's `wrk`, a C program, with a Lua script of ours."""

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 16
ADVICE = "`make bench` needs the load generator wrk: `apt-get install wrk` (Debian, Ubuntu) or `brew install wrk`."


class LoadFailed(RuntimeError):
    """The load could not be made, or was not answered as it should have been."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run; `generator_cpu` is how much of a core the load generator took for itself."""

    requests: int
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    errors: int
    generator_cpu: float


@dataclass(frozen=True, slots=True)
class Ammunition:
    """What the script sends: tokens, a text, and how many prompts it may name."""

    tokens: Path
    text: Path
    prompts: int


def require() -> None:
    if shutil.which("wrk") is None:
        raise LoadFailed(ADVICE)


async def fire(url: str, case: str, ammunition: Ammunition, *, run: str, seconds: int) -> Load:
    """Load `url` for so many seconds with one function of the script. Raises LoadFailed."""
    command = [
        "wrk",
        f"-t{CONNECTIONS}",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        str(SCRIPT),
    ]
    command += [url, "--", case, str(ammunition.tokens), str(ammunition.text), run, str(ammunition.prompts)]
    before = os.times()
    told = await _told(command)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return _load(json.loads(told.strip().rpartition("\n")[2]), cpu_seconds=cpu)


async def _told(command: list[str]) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told = output.decode(errors="replace")
    if process.returncode or not told.rstrip().endswith("}"):
        raise LoadFailed(f"wrk failed: {told}")
    return told


def _load(told: dict[str, int], *, cpu_seconds: float) -> Load:
    seconds = told["microseconds"] / 1e6
    return Load(
        requests=told["requests"],
        requests_per_second=round(told["requests"] / seconds, 1),
        p50_milliseconds=round(told["p50"] / 1000, 3),
        p99_milliseconds=round(told["p99"] / 1000, 3),
        errors=told["refused"] + told["broken"],
        generator_cpu=round(cpu_seconds / seconds, 3),
    )
