"""What Dockerfile and docker-compose.yml say, read so that it can be done without a container engine."""

import json
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
READING = "-all,+dac_read_search"


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str

    @property
    def items(self) -> list[str]:
        """The JSON array of an ENTRYPOINT, CMD, VOLUME, or of the CMD within a HEALTHCHECK."""
        found: list[str] = json.loads(self.rest[self.rest.index("[") :])
        return found


@dataclass(frozen=True)
class Stage:
    image: str
    instructions: list[Instruction]

    def all(self, word: str) -> list[Instruction]:
        return [instruction for instruction in self.instructions if instruction.word == word]

    def one(self, word: str) -> Instruction:
        [instruction] = self.all(word)
        return instruction

    @property
    def environment(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for env in self.all("ENV") for pair in shlex.split(env.rest))


def stages() -> list[Stage]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    arguments: dict[str, str] = {}
    found: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            image = re.sub(r"\$\{(\w+)\}", lambda name: arguments[name[1]], rest.split()[0])
            found.append(Stage(image, []))
        elif not found:
            arguments.update([rest.split("=", 1)])
        else:
            found[-1].instructions.append(Instruction(word, rest))
    return found


def copied() -> list[str]:
    """The files and folders that get from the checkout into the image."""
    copies = [shlex.split(copy.rest) for stage in stages() for copy in stage.all("COPY")]
    return [source for copy in copies if not copy[0].startswith("--from") for source in copy[:-1]]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def lay_out(folder: Path) -> Path:
    """The image's source tree, which nobody may write to."""
    tree = folder / "srv" / "pygai"
    for name in copied():
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    for place in [tree, *tree.rglob("*")]:
        place.chmod(place.stat().st_mode & ~0o222)
    return tree


def unprivileged(command: list[str], uid: int) -> list[str]:
    """As the image's user: as somebody who may write only what is his, and never become anybody else.

    When the tests are run by root he may read everything, as their Python may lie in a folder of root's.
    """
    if os.geteuid() != 0:
        return command
    user = ["--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--no-new-privs"]
    rights = [f"--{kind}={READING}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return ["setpriv", *user, *rights, "--", *command]


def outside(command: list[str], tree: Path) -> list[str]:
    """A command of the image with the places of this machine, on loopback."""
    places = {
        "python": sys.executable,
        "pygai": str(Path(sys.executable).with_name("pygai")),
        "0.0.0.0": "127.0.0.1",
    }
    return [places.get(part, part.replace("/srv/pygai", str(tree))) for part in command]
