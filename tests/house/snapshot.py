"""`python -m tests.house.snapshot` writes the committed OpenAPI document anew."""

import json
from pathlib import Path

from app.core.settings import Settings
from app.main import create_app

PATH = Path(__file__).parents[2] / "docs" / "openapi.json"


def document() -> str:
    """The document of the service without extensions, as `pygai openapi` writes it."""
    app = create_app(Settings(_env_file=None, extensions=[]))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    PATH.write_text(document(), encoding="utf-8")
