"""The processes that are measured: started, waited for, weighed and ended by their own number."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
WEIGHING_SECONDS = 0.1
MEBIBYTE = 1024 * 1024
ROOT = Path(__file__).parents[1]

PYGAI = str(Path(sys.executable).with_name("pygai"))
SERVICE = (PYGAI, "serve")
CEILING = (sys.executable, "-m", "uvicorn", "benchmarks.ceiling:application", "--no-proxy-headers")
# What `pygai serve` asks of uvicorn, in the words of its command line.
SAME_UVICORN = ("--no-access-log", "--no-server-header", "--log-level", "warning", "--timeout-keep-alive", "75")

Process = subprocess.Popen[bytes]


class NotReady(RuntimeError):
    """A process under measurement ended or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server under measurement, with all of its workers."""

    name: str
    process: Process
    port: int
    seconds_to_first_answer: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[int]:
        """The processes that answer: the server itself when it is alone."""
        return [pid for pid in _children(self.process.pid) if _is_worker(pid)] or [self.process.pid]


@dataclass(frozen=True, slots=True)
class Weight:
    """Memory of one process in MiB: resident, and with shared pages counted by share."""

    resident: float
    proportional: float


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ran to its end: how long, and the most that it and its children weighed at one time."""

    seconds: float
    peak_mebibytes: float


def run(command: tuple[str, ...], settings: Mapping[str, str], folder: Path, *, cwd: Path = ROOT) -> Run:
    """Run a command to its end and weigh it meanwhile. Raises NotReady when it fails."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".log") as log:
        began = time.perf_counter()
        process = _start(command, settings, log, cwd)
        peak = 0.0
        try:
            while process.poll() is None:
                peak = max(peak, weigh_tree(process.pid))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(WEIGHING_SECONDS)
        finally:
            seconds = time.perf_counter() - began
            _end(process)
        if process.returncode:
            raise NotReady(f"{command!r}: {Path(log.name).read_text(errors='replace')[-2000:]}")
    return Run(round(seconds, 3), round(peak, 1))


@contextlib.contextmanager
def service(folder: Path, settings: Mapping[str, str], *, workers: int = 1) -> Iterator[Server]:
    """Our service, by the command that an operator types."""
    port = _free_port()
    command = (*SERVICE, "--port", str(port), "--workers", str(workers))
    with _running("service", command, port, settings, folder) as server:
        yield server


@contextlib.contextmanager
def ceiling(folder: Path, settings: Mapping[str, str], *, workers: int = 1) -> Iterator[Server]:
    port = _free_port()
    command = (*CEILING, *SAME_UVICORN, "--port", str(port), "--workers", str(workers))
    with _running("ceiling", command, port, settings, folder) as server:
        yield server


@contextlib.contextmanager
def _running(
    name: str, command: tuple[str, ...], port: int, settings: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    began = time.perf_counter()
    with (folder / f"{name}-{port}.log").open("wb") as log:
        process = _start(command, settings, log, ROOT)
        try:
            _wait_until_ready(process, port, Path(log.name))
            yield Server(name, process, port, round(time.perf_counter() - began, 2))
        finally:
            _end(process)


def _start(command: tuple[str, ...], settings: Mapping[str, str], log: IO[bytes], cwd: Path) -> Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYGAI_")}
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**environment, **settings},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # A group of its own, so that it can be ended whole, and Ctrl-C reaches us alone.
        start_new_session=True,
    )


def _wait_until_ready(process: Process, port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotReady(f"{process.args!r}: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Only the group that was made for it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def weigh(pid: int) -> Weight:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kibibytes = {name: int(size) for name, size in re.findall(r"^(Rss|Pss):\s+(\d+) kB", told, re.MULTILINE)}
    return Weight(round(kibibytes["Rss"] / 1024, 1), round(kibibytes["Pss"] / 1024, 1))


def weigh_tree(pid: int) -> float:
    """MiB of a process and all that it started, each shared page counted once; what has ended weighs nothing."""
    try:
        return weigh(pid).proportional + sum(weigh_tree(child) for child in _children(pid))
    except (OSError, KeyError):
        return 0.0


def cpu_seconds(pids: list[int]) -> float:
    """User and system time so far of these processes together."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    told = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for children in told for child in children]


def _is_worker(pid: int) -> bool:
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
