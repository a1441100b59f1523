"""Places where files may be kept, written in the one way in which they can be compared."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from urllib.request import url2pathname

from app.core.storage import REMOTE_SCHEMES

FORMS = "an absolute folder or a file:///, s3://, gs:// or az:// address"

# Other spellings of the same store.
_ALIASES = {"s3a": "s3", "azure": "az", "adl": "az", "abfs": "az", "abfss": "az"}
_NO_PARTS = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class Location:
    """A folder of this machine, where `store` is empty, or one of an object store."""

    store: str
    parts: tuple[str, ...]

    def holds(self, other: "Location") -> bool:
        """Whether the other one is this one or lies below it."""
        return self.store == other.store and other.parts[: len(self.parts)] == self.parts

    def overlaps(self, other: "Location") -> bool:
        return self.holds(other) or other.holds(self)

    def below(self, *parts: str) -> "Location":
        """Raises ValueError where symbolic links lead round in a circle."""
        return Location(self.store, self.parts + parts) if self.store else _folder(Path(*self.parts, *parts))

    def __str__(self) -> str:
        if not self.store:
            return str(Path(*self.parts))
        return "/".join([self.store, *(quote(part) for part in self.parts)])


def parse(place: str) -> Location:
    """A folder, with symbolic links followed, or an address. Raises ValueError, which says what would be right."""
    if not place.strip() or not place.isprintable():
        raise ValueError(f"{place!r} is not {FORMS}")
    if "://" not in place:
        return _folder(Path(place).expanduser())
    return _address(place)


def _folder(folder: Path) -> Location:
    if not folder.is_absolute() or ".." in folder.parts:
        raise ValueError(f"{str(folder)!r} is not {FORMS}")
    try:
        # POSIX leaves open what two slashes at the beginning mean; Linux takes them for one.
        return Location("", Path("/", *folder.parts[1:]).resolve().parts)
    except (OSError, RuntimeError) as circular:
        raise ValueError(f"{str(folder)!r} cannot be followed to its end") from circular


def _address(place: str) -> Location:
    try:
        parts = urlsplit(place)
    except ValueError as broken:
        raise ValueError(f"{place!r} is not {FORMS}") from broken
    if parts.query or parts.fragment or ":" in parts.netloc or " " in parts.netloc:
        raise ValueError(f"{place!r} must have nothing but a store and a folder in it")
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"} or not parts.path.strip("/"):
            raise ValueError(f"{place!r} names no folder of this machine; it looks like file:///srv/sites")
        return _folder(Path(url2pathname(parts.path)))
    if parts.scheme not in REMOTE_SCHEMES or not parts.netloc:
        raise ValueError(f"{place!r} is not {FORMS}")
    return Location(_store(parts.scheme, parts.netloc), _segments(place, parts.path))


def _store(scheme: str, netloc: str) -> str:
    # `container@account` is understood with the scheme that it was written with alone.
    return f"{scheme if '@' in netloc else _ALIASES.get(scheme, scheme)}://{netloc}"


def _segments(place: str, path: str) -> tuple[str, ...]:
    path = unquote(path).strip("/")
    segments = tuple(path.split("/")) if path else ()
    if _NO_PARTS.intersection(segments) or not path.isprintable() or "\\" in path:
        raise ValueError(f"{place!r} must name its folder plainly, without `.`, `..` or empty parts")
    return segments
