"""The search script of the default theme, run by Node.js outside of a page."""

import json
import shutil
import subprocess
from pathlib import Path

from app.publishing.pages.theme import DEFAULT_FOLDER

SCRIPT = DEFAULT_FOLDER / "assets" / "search.js"


def found_program(*names):
    """A program that these tests cannot do without: they must not pass where it is missing."""
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"install one of {', '.join(names)}: the search script is tested where it runs"
    return found


def in_node(expression, **values):
    """The value of a JavaScript expression that sees the script's functions, and these values as `given`."""
    source = SCRIPT.read_text(encoding="utf-8")
    call = f"const given = {json.dumps(values)};\nprocess.stdout.write(JSON.stringify({expression}) ?? 'null');"
    ran = subprocess.run(
        [found_program("node", "nodejs"), "-"],
        input=f"{source}\n{call}",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def files_below(folder: Path, files):
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.body)
