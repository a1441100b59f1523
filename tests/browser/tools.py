"""The tools that judge pages: Chromium with axe-core, Lighthouse and the Nu HTML checker."""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.unit.search_script import found_program

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# Container units are CSS that the checker does not know yet.
NOT_KNOWN_YET = ".*(“container-type”|“--bleed”: Parse Error).*"
CHECKER = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"


@dataclass(frozen=True)
class Visit:
    """See visit.mjs."""

    url: str
    scheme: str = "light"
    width: int = 1280
    height: int = 800
    leads: bool = False
    awaits: str = ""
    judged: bool = False
    picture: str = ""
    tall: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a visit has found: `violations` of axe's rules, what axe is `unsure` of, and all other `problems`."""

    visit: Visit
    problems: list[str]
    violations: list[str]
    unsure: list[str]

    def __str__(self) -> str:
        return f"{self.visit.url} ({self.visit.scheme}, {self.visit.width} wide)"


def visited(visits: Iterable[Visit]) -> list[Verdict]:
    asked = list(visits)
    command = [found_program("node", "nodejs"), "visit.mjs"]
    answers = json.loads(_run(command, json.dumps([asdict(visit) for visit in asked])))
    return [
        Verdict(visit, answer["problems"], answer["violations"], answer["unsure"])
        for visit, answer in zip(asked, answers, strict=True)
    ]


def lighthouse(url: str) -> dict[str, Any]:
    """Its report for a phone on a slow network, which is its default."""
    flags = "--headless=new --no-sandbox --disable-dev-shm-usage"
    options = ("--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}")
    report: dict[str, Any] = json.loads(_run([str(MODULES / ".bin" / "lighthouse"), url, *options]))
    return report


def scores(report: dict[str, Any]) -> dict[str, int]:
    return {name: round(report["categories"][name]["score"] * 100) for name in CATEGORIES}


def checked(*places: Path, html_only: bool = False) -> list[str]:
    """What the Nu HTML checker finds wrong in the HTML, CSS and SVG of these files and folders."""
    command = [found_program("java"), "-jar", str(CHECKER), "--skip-non-html", "--errors-only", "--stdout"]
    command += [] if html_only else ["--also-check-css", "--also-check-svg"]
    command += ["--filterpattern", NOT_KNOWN_YET, "--exit-zero-always", "--format", "json", *map(str, places)]
    return [_told(message) for message in json.loads(_run(command))["messages"]]


def _told(message: dict[str, Any]) -> str:
    return f"{message.get('url')}, line {message.get('lastLine')}: {message['message']}"


def _run(command: list[str], given: str = "") -> str:
    browser = found_program("chromium", "chromium-browser", "google-chrome")
    environment = {**os.environ, "CHROME_PATH": browser}
    ran = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, cwd=HERE, env=environment, timeout=600
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout
