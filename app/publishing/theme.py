"""A theme is a folder of Jinja templates, `words/<language>.json` and `assets/`."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.publishing.sentences import without_control_characters

DEFAULT_FOLDER = Path(__file__).parent / "themes" / "default"
DEFAULT_LANGUAGE = "en"
TONES = 6

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Asset:
    """A file of the theme; its name carries a digest of its content, so that it may be cached for ever."""

    path: str
    body: bytes
    media_type: str


@dataclass(frozen=True)
class Words:
    """What a theme says in the language of a site."""

    language: str
    phrases: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        return str(self.phrases[name])

    @property
    def direction(self) -> str:
        return "rtl" if _primary(self.language) in _RIGHT_TO_LEFT else "ltr"

    def month(self, moment: datetime) -> str:
        return str(self.phrases["months"][moment.month - 1])

    def date(self, moment: datetime) -> str:
        return self["date"].format(day=moment.day, month=self.month(moment), year=moment.year)

    def month_and_year(self, moment: datetime) -> str:
        return self["month_and_year"].format(month=self.month(moment), year=moment.year)


class Theme:
    """Templates and assets of one or several folders; a file in an earlier folder hides that of a later."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(list(folders)),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["iso"] = iso

    def render(self, template: str, **context: Any) -> bytes:
        page = self._environment.get_template(template).render(context)
        return without_control_characters(page).encode()

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """By their plain names, such as `site.css`."""
        found = {
            file.name: file
            for folder in reversed(self._folders)
            for file in sorted((folder / "assets").glob("*"))
            if file.suffix in _MEDIA_TYPES
        }
        return {name: _asset(file) for name, file in sorted(found.items())}

    @cache  # noqa: B019  themes live as long as the process
    def words(self, language: str) -> Words:
        """In the language of the site, else in English."""
        for name in (language, _primary(language), DEFAULT_LANGUAGE):
            for folder in self._folders:
                file = folder / "words" / f"{name}.json"
                if name.replace("-", "").isalnum() and file.is_file():
                    return Words(language, json.loads(file.read_text(encoding="utf-8")))
        raise FileNotFoundError(f"the theme has no words/{DEFAULT_LANGUAGE}.json")


@cache
def default_theme() -> Theme:
    return Theme(DEFAULT_FOLDER)


def tone(topic: str | None) -> int:
    """Each topic has one of the theme's colours, always the same; 0 is for none."""
    return 1 + zlib.crc32(topic.encode(errors="replace")) % (TONES - 1) if topic else 0


def aware(moment: datetime) -> datetime:
    """An instant without an offset is one in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    return aware(moment).isoformat(timespec="seconds")


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _asset(file: Path) -> Asset:
    body = file.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(f"assets/{file.stem}.{digest}{file.suffix}", body, _MEDIA_TYPES[file.suffix])
