"""The load generator: Debian's `wrk`, a C program, with a Lua script of ours."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 16
ADVICE = "`make bench` needs the load generator wrk: `apt-get install wrk` (Debian, Ubuntu) or `brew install wrk`."


class LoadFailed(RuntimeError):
    """The load could not be made, or was not answered as it should have been."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one run."""

    requests: int
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    errors: int
    generator_cpu: float
    """How much of one core the load generator itself took."""


@dataclass(frozen=True, slots=True)
class Ammunition:
    """What the script sends: tokens, a text, and how many prompts it may name."""

    tokens: Path
    text: Path
    prompts: int


def require() -> None:
    if shutil.which("wrk") is None:
        raise LoadFailed(ADVICE)


def fire(
    url: str, case: str, ammunition: Ammunition, *, run: str, seconds: int, connections: int = CONNECTIONS
) -> Load:
    """Load `url` for so many seconds with one function of the script. Raises LoadFailed."""
    command = ["wrk", f"-t{connections}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(SCRIPT), url, "--", case, str(ammunition.tokens), str(ammunition.text)]
    command += [run, str(ammunition.prompts)]
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = os.times()
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode or not last.startswith("{"):
        raise LoadFailed(f"wrk failed: {done.stderr or done.stdout}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return _load(json.loads(last), cpu_seconds=cpu)


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
