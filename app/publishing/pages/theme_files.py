"""The files of a theme, wherever each comes from."""

from collections.abc import Iterable
from pathlib import Path

from app.core import errors
from app.publishing.pages.theme import DEFAULT_FOLDER, SHIPPED, Theme, ThemeError, find_theme

README = "README.md"


def get_theme(name: str, user_folder: Path) -> Theme:
    """Raises Invalid."""
    try:
        return find_theme(name, user_folder)
    except ThemeError as wrong:
        raise errors.Invalid({"theme": str(wrong)}) from wrong


def folders_of(name: str, user_folder: Path) -> list[Path]:
    """Where the files of a theme come from, the first that has one first."""
    folders = (user_folder / name, SHIPPED / name, DEFAULT_FOLDER)
    return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]


def files_of(folders: Iterable[Path]) -> dict[str, Path]:
    """By their paths in the theme; of several of one path, that of the earlier folder."""
    found: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            path = file.relative_to(folder)
            if file.is_file() and path.name != README and not any(part.startswith(".") for part in path.parts):
                found.setdefault(path.as_posix(), file)
    return found
