"""Writes the nginx configuration from its templates, as the nginx image does at its start.

set -a; . deploy/nginx.env; set +a
python3 deploy/render.py /etc/nginx/pygai
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

TEMPLATES = Path(__file__).with_name("nginx")
VARIABLE = re.compile(r"\$\{(PROXY_[A-Z_]+)\}")


def render(target: Path, values: Mapping[str, str]) -> None:
    """Write every template to the folder `target`; raises KeyError for a variable without a value."""
    target.mkdir(parents=True, exist_ok=True)
    for template in sorted(TEMPLATES.glob("*.template")):
        text = VARIABLE.sub(lambda found: values[found[1]], template.read_text())
        (target / template.stem).write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        render(Path(sys.argv[1]), os.environ)
    except KeyError as missing:
        sys.exit(f"{missing.args[0]} has no value; deploy/nginx.env.example has one of each")
