"""What `pygai theme list` and `pygai theme new` do."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.cli.output import print_rows, say
from app.cli.running import read_settings
from app.core import errors
from app.publishing.pages.theme import DEFAULT, DEFAULT_FOLDER, SHIPPED, list_themes
from app.publishing.pages.theme_files import README, files_of, folders_of, get_theme

STYLESHEET = "assets/site.css"
STARTER = Path(__file__).parent / "starter"

# As `app.publishing.pages.theme` has it; no such name leads out of a folder.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


def print_all(*, as_json: bool) -> None:
    user_folder = read_settings().themes_folder
    rows = [_row(name, user_folder) for name in list_themes(user_folder)]
    columns = None if as_json else ["name", "origin", "overrides", "digest"]
    print_rows(rows if as_json else [_brief(row) for row in rows], as_json=as_json, columns=columns)


def make(name: str, *, base: str | None, whole: bool) -> None:
    """Raises Invalid for a name or base that cannot be, Conflict where the folder is there already."""
    user_folder = read_settings().themes_folder
    base = _base_for(name, base)
    get_theme(base, user_folder)
    folders = folders_of(base, user_folder)
    files = files_of(folders)
    if not whole:
        own = {*files_of(folder for folder in folders if folder != DEFAULT_FOLDER), STYLESHEET}
        files = {path: file for path, file in files.items() if path in own}
    folder = _new_folder(user_folder, name)
    for path, file in files.items():
        _write(folder / path, file.read_bytes())
    _write(folder / README, _readme(name, base, files_of([folder, *folders])).encode())
    say(f"The theme {name} is in {folder}; `pygai theme preview {name}` shows it.")


def _row(name: str, user_folder: Path) -> dict[str, Any]:
    own, shipped = user_folder / name, SHIPPED / name
    known = files_of([DEFAULT_FOLDER])
    brought = files_of(folder for folder in folders_of(name, user_folder) if folder != DEFAULT_FOLDER)
    return {
        "name": name,
        "origin": "shipped"
        if not own.is_dir()
        else "yours"
        if not shipped.is_dir()
        else "yours, over the shipped one",
        "folder": str(own if own.is_dir() else shipped),
        "overrides": sorted(path for path in brought if path in known),
        "adds": sorted(path for path in brought if path not in known),
        "digest": get_theme(name, user_folder).digest,
    }


def _brief(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"overrides": ", ".join(row["overrides"]), "digest": row["digest"][:12]}


def _base_for(name: str, base: str | None) -> str:
    if not _NAME.fullmatch(name):
        raise errors.Invalid(
            {"name": f"{name!r} is no name of a theme: up to 64 letters, digits, `-` and `_`, no sign first"}
        )
    is_shipped = (SHIPPED / name).is_dir()
    if is_shipped and base not in (None, name):
        raise errors.Invalid(
            {"base": f"{name!r} is shipped, and yours would lie over it: begin with --from {name}"}
        )
    return base or (name if is_shipped else DEFAULT)


def _new_folder(user_folder: Path, name: str) -> Path:
    folder = user_folder / name
    user_folder.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir()
    except FileExistsError as taken:
        raise errors.Conflict({"name": f"{folder} is there already"}) from taken
    return folder


def _write(file: Path, body: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)


def _readme(name: str, base: str, files: Iterable[str]) -> str:
    listed = "\n".join(f"- `{path}`" for path in sorted(files))
    text = (STARTER / README).read_text("utf-8")
    return text.replace("{name}", name).replace("{base}", base).replace("{files}", listed)
