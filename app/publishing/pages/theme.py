"""A theme is a folder of Jinja templates, `words/<language>.json` and `assets/`; see docs/themes.md.

ThemeError
├── ThemeMissing   nobody has a theme of that name
└── ThemeBroken    a template, a list of words or an asset is not as it must be
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from app.core import errors
from app.publishing.pages.assets import Asset, load_assets
from app.publishing.pages.interface_words import Words, primary
from app.publishing.pages.sandbox import Sandbox
from app.publishing.text.sentences import without_control_characters

SHIPPED = Path(__file__).parent / "themes"
DEFAULT = "default"
DEFAULT_FOLDER = SHIPPED / DEFAULT
DEFAULT_LANGUAGE = "en"
TONES = 6

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", re.ASCII)


class ThemeError(errors.Invalid):
    """What is wrong with a theme, in words for whoever wrote or chose it."""

    def __init__(self, message: str) -> None:
        super().__init__({"theme": message})
        self.message = message

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,)


class ThemeMissing(ThemeError):
    """There is no theme of that name."""


class ThemeBroken(ThemeError):
    """The message names the file and, where one is known, the line."""


class Theme:
    """Templates, words and assets of one or several folders; a file in an earlier folder hides that of a later."""

    def __init__(self, *folders: Path, name: str = DEFAULT) -> None:
        self.name = name
        self._folders = folders
        # Of all that the theme consists of: two themes with the same digest make the same pages.
        self.digest = _digest(self._files())
        self._environment = Sandbox(folders)

    def render(self, template: str, context: Mapping[str, Any]) -> bytes:
        """Raises ThemeBroken."""
        try:
            page = self._environment.get_template(template).render(context)
        except Exception as error:
            raise ThemeBroken(self._explained(template, error)) from error
        return without_control_characters(page).encode()

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """By their plain names, such as `site.css`."""
        return load_assets(self._folders)

    @cache  # noqa: B019  themes live as long as the process
    def words(self, language: str) -> Words:
        """In the language of the site; phrases that it lacks are in English. Raises ThemeBroken."""
        phrases: dict[str, Any] = {}
        for name in dict.fromkeys((DEFAULT_LANGUAGE, primary(language), language)):
            for folder in reversed(self._folders):
                phrases |= _phrases(folder, name)
        return Words(language, phrases)

    def speaks(self, language: str) -> bool:
        """Whether there are words of this language or of its family, not English alone."""
        names = {language, primary(language)}
        return any(file.stem in names for folder in self._folders for file in (folder / "words").glob("*.json"))

    def _files(self) -> dict[str, Path]:
        return {
            file.relative_to(folder).as_posix(): file
            for folder in reversed(self._folders)
            for file in _files(folder)
        }

    def _explained(self, template: str, error: Exception) -> str:
        name, line = self._place_of(error)
        place = f"{name or template}, line {line}" if line else template
        if isinstance(error, TemplateNotFound):
            return f"the theme {self.name!r} has no template {error.name or template!r}"
        kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
        return f"the theme {self.name!r} failed in {place}: {kind}{error}"

    def _place_of(self, error: Exception) -> tuple[str | None, int | None]:
        """The innermost place in a template; Jinja gives its frames the names and lines of the templates."""
        if isinstance(error, TemplateSyntaxError):
            return error.name, error.lineno
        ours = {str(file): name for name, file in self._files().items()}
        name, line = None, None
        for frame, number in walk_tb(error.__traceback__):
            if frame.f_code.co_filename in ours:
                name, line = ours[frame.f_code.co_filename], number
        return name, line


def find_theme(name: str, user_folder: Path | None) -> Theme:
    """A theme of the user, or a shipped one; what it lacks comes from the default. Raises ThemeMissing.

    A user's theme that has changed on disk is found anew.
    """
    if not _NAME.fullmatch(name):
        raise ThemeMissing(f"{name!r} is no name of a theme")
    own = (user_folder / name,) if user_folder and (user_folder / name).is_dir() else ()
    shipped = (SHIPPED / name,) if (SHIPPED / name).is_dir() else ()
    if not own and not shipped:
        known = ", ".join(list_themes(user_folder))
        raise ThemeMissing(f"there is no theme {name!r}; there are: {known}")
    folders = tuple(dict.fromkeys((*own, *shipped, DEFAULT_FOLDER)))
    return _theme(name, folders, _stamp(own))


def list_themes(user_folder: Path | None) -> list[str]:
    """The names of all themes, the user's own and the shipped ones."""
    folders = [folder for folder in (user_folder, SHIPPED) if folder and folder.is_dir()]
    themes = (theme for folder in folders for theme in folder.iterdir() if theme.is_dir())
    return sorted({theme.name for theme in themes if _NAME.fullmatch(theme.name)})


def default_theme() -> Theme:
    return find_theme(DEFAULT, None)


def tone(topic: str | None) -> int:
    """Each topic has one of the theme's colours, always the same; 0 is for none."""
    return 1 + zlib.crc32(topic.encode(errors="replace")) % (TONES - 1) if topic else 0


@lru_cache(32)
def _theme(name: str, folders: tuple[Path, ...], _stamp: tuple[object, ...]) -> Theme:
    return Theme(*folders, name=name)


def _stamp(folders: tuple[Path, ...]) -> tuple[object, ...]:
    """Another one when a file was added, removed or written."""
    stats = ((file, file.stat()) for folder in folders for file in _files(folder))
    return tuple((file, stat.st_mtime_ns, stat.st_size) for file, stat in stats)


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file


def _digest(files: Mapping[str, Path]) -> str:
    total = hashlib.sha256()
    for name, file in sorted(files.items()):
        total.update(f"{name}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _phrases(folder: Path, language: str) -> dict[str, Any]:
    file = folder / "words" / f"{language}.json"
    if not _LANGUAGE.fullmatch(language) or not file.is_file():
        return {}
    try:
        phrases = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ThemeBroken(f"{file} is no JSON: {error}") from error
    if not isinstance(phrases, dict):
        raise ThemeBroken(f"{file} does not hold words by their names")
    return phrases
