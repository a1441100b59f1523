"""Pictures of the site: how a page shows one, and which one a text means."""

import html
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

Named = TypeVar("Named")

# The width of the text column on a wide screen, and nearly all of a narrow one.
SIZES = "(min-width: 48rem) 44rem, 94vw"
_HAS_HOST = re.compile(r"\s*(//|[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
# Browsers take the first one they can show.
_BEST_FIRST = ("image/avif", "image/webp")


@dataclass(frozen=True)
class LocalPicture:
    """A picture of the site itself; `url` is relative to the page.

    `sources` are the same picture in other widths and formats: address, width and media type of each.
    """

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    sources: tuple[tuple[str, int, str], ...] = ()


def picture_tag(
    picture: LocalPicture, *, alt: str, title: str | None = None, loading: str = "lazy", sizes: str = SIZES
) -> str:
    """An `img`, inside a `picture` where the site has it in better formats too."""
    own_type = _MEDIA_TYPES.get(posixpath.splitext(picture.url)[1].lower(), "")
    better = sorted({kind for _, _, kind in picture.sources if kind != own_type}, key=_rank)
    offers = "".join(_source(picture, kind, sizes) for kind in better)
    shown = _image(picture, own_type, alt=alt, title=title, loading=loading, sizes=sizes)
    return f"<picture>{offers}{shown}</picture>" if offers else shown


def _rank(media_type: str) -> tuple[int, str]:
    known = media_type in _BEST_FIRST
    return (_BEST_FIRST.index(media_type) if known else len(_BEST_FIRST), media_type)


def _source(picture: LocalPicture, media_type: str, sizes: str) -> str:
    widths = {width: url for url, width, kind in picture.sources if kind == media_type}
    return _tag("source", {"type": media_type, "srcset": _srcset(widths), "sizes": sizes})


def _image(picture: LocalPicture, own_type: str, *, alt: str, title: str | None, loading: str, sizes: str) -> str:
    widths = {width: url for url, width, kind in picture.sources if kind == own_type}
    if widths and picture.width:
        widths.setdefault(picture.width, picture.url)
    attributes = {
        "src": picture.url,
        "srcset": _srcset(widths) or None,
        "sizes": sizes if widths else None,
        "alt": alt,
        "title": title or None,
        "width": picture.width or None,
        "height": picture.height or None,
        "loading": loading,
        "decoding": "async",
    }
    return _tag("img", {name: value for name, value in attributes.items() if value is not None})


def _tag(name: str, attributes: Mapping[str, object]) -> str:
    written = (f'{attribute}="{html.escape(str(value))}"' for attribute, value in attributes.items())
    return f"<{' '.join([name, *written])}>"


def _srcset(widths: Mapping[int, str]) -> str:
    """Commas and blanks separate addresses here, so that none may be in one."""
    addresses = ((quote(url, safe="%/:?#[]@!$&()*+;=~"), width) for width, url in sorted(widths.items()))
    return ", ".join(f"{address} {width}w" for address, width in addresses)


class FileIndex(Generic[Named]):
    """What belongs to the files of a submission, under every name by which its text may ask for one."""

    def __init__(self, files: Iterable[tuple[str, Named]] = ()) -> None:
        self._named: dict[str, Named] = {}
        for source, named in files:
            self.add(source, named)

    def add(self, source: str, named: Named) -> None:
        """By the address as given or percent-encoded, and by its bare name, which the first that has it keeps."""
        if source and not source.startswith("data:"):
            self._named.setdefault(bare_name(source), named)
            self._named[quote(source, errors="replace", safe="!#$%&'()*+,/:;=?@[]~")] = named
        self.add_exactly(source, named)

    def add_exactly(self, name: str, named: Named) -> None:
        """By this very name alone."""
        if name:
            self._named[name] = named

    def find(self, source: str) -> Named | None:
        """By address, or by bare name, with or without its ending, where the text gives no host."""
        if source in self._named:
            return self._named[source]
        if _HAS_HOST.match(source):
            return None
        name = bare_name(source)
        return self._named.get(name) or self._named.get(name.rpartition(".")[0])


def bare_name(address: str) -> str:
    return unquote(address.split("?", 1)[0].split("#", 1)[0].rsplit("/", 1)[-1])
