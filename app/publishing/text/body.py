"""From a sanitised draft to the body of a page, all but what `finishing` puts in behind the gate."""

import html
import re
from collections.abc import Mapping, Sequence

from app.publishing.text import sentences
from app.publishing.text.links import valid_link
from app.publishing.text.pictures import FileIndex, LocalPicture, bare_name, picture_tag
from app.publishing.text.structure import Block

MOST_REMOTE_PICTURES = 20
LONGEST_NAME = 80
_LOWEST_HEADING = 6

_CLOSE_WRITTEN = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_LINE_END = re.compile(rf"\n(?<={_CLOSE_WRITTEN}\n)(?={_CLOSE_WRITTEN})")
_CODE_OR_LINE_END = re.compile(rf"<pre\b.*?</pre>|{_LINE_END.pattern}", re.DOTALL)
_LOOKS_LIKE_ID = re.compile(r' id="([^"]*)"')
_ID = re.compile(r'(<[a-z][^>]*?) id="([^"]*)"')
_HEADING = re.compile(r"(</?h)([1-6])\b")
_REWRITTEN_TAG = re.compile(r"<(/?)(a|img|input)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_PICTURE_SOURCE = re.compile(r'<img\b[^>]*? src="([^"]*)"')


def with_close_written_lines_joined(markup: str) -> str:
    """Between Chinese or Japanese characters a line end is no space."""
    if markup.isascii() or not _LINE_END.search(markup):
        return markup
    return _CODE_OR_LINE_END.sub(lambda found: found[0].removesuffix("\n"), markup)


def with_unique_ids(markup: str) -> str:
    """An id is given only once: to the first that asks for it."""
    likely = _LOOKS_LIKE_ID.findall(markup)
    if len(likely) == len(set(likely)):
        return markup
    given: set[str] = set()

    def keep_or_drop(tag: re.Match[str]) -> str:
        if tag[2] in given:
            return tag[1]
        given.add(tag[2])
        return tag[0]

    return _ID.sub(keep_or_drop, markup)


def with_directions(markup: str, blocks: Sequence[Block], *, without: tuple[int, int]) -> str:
    """Only outermost blocks: `dir=auto` does not look into a descendant that has a `dir` of its own.

    The part from and to the places of `without`, in which no block starts, is left out.
    """
    changes = [(block.opened - 1, block.opened - 1, ' dir="auto"') for block in blocks if not block.has_direction]
    pieces = []
    done = 0
    for start, end, inserted in sorted([*changes, (*without, "")]):
        pieces += [markup[done:start], inserted]
        done = end
    return "".join([*pieces, markup[done:]])


def with_headings_below_the_title(markup: str) -> str:
    """From the second level on, and none deeper than one level below the heading it stands under."""
    above: list[str] = []
    opened: list[int] = []

    def moved(tag: re.Match[str]) -> str:
        start, level = tag.groups()
        if start == "</h":
            return f"</h{opened.pop()}"
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        opened.append(min(len(above) + 1, _LOWEST_HEADING))
        return f"<h{opened[-1]}"

    return _HEADING.sub(moved, markup)


class BodyWriter:
    """Rewrites a draft once: slots for our pictures, links for other pictures, links to our own files.

    A slot is an `img` whose `alt` is the number of a tag in `slots`.
    """

    def __init__(self, draft: str, pictures: Mapping[str, LocalPicture], links: Mapping[str, str]) -> None:
        self._draft = draft
        self._pictures = FileIndex(pictures.items())
        self._links = links
        self._inside_link = False
        sources = (html.unescape(source) for source in _PICTURE_SOURCE.findall(draft))
        shown = {picture.url for source in sources if (picture := self._pictures.find(source))}
        self.placed = frozenset(name for name, picture in pictures.items() if picture.url in shown)
        self._loading = "eager" if all(picture.url in shown for picture in pictures.values()) else "lazy"
        self.slots: list[str] = []
        self._remote: dict[str, None] = {}

    @property
    def remote_pictures(self) -> tuple[str, ...]:
        return tuple(self._remote)[:MOST_REMOTE_PICTURES]

    def written(self) -> str:
        if not self._links and "<img" not in self._draft and "<input" not in self._draft:
            return self._draft
        return _REWRITTEN_TAG.sub(self._rewrite, self._draft)

    def _rewrite(self, tag: re.Match[str]) -> str:
        closing, name, attributes = tag.groups()
        if name == "a":
            self._inside_link = not closing
            return tag[0] if closing else self._link(tag[0], attributes)
        if name == "img":
            return self._picture(_attributes(attributes))
        return ("☑" if "checked" in attributes else "☐") if 'type="checkbox"' in attributes else ""

    def _link(self, tag: str, attributes: str) -> str:
        target = self._links.get(_attributes(attributes).get("href", "")) if self._links else None
        return f'<a href="{html.escape(target)}">' if target else tag

    def _picture(self, attributes: Mapping[str, str]) -> str:
        source = attributes.get("src", "")
        alt = sentences.on_one_line(attributes.get("alt", ""))
        picture = self._pictures.find(source)
        if picture is None:
            return self._instead_of_picture(source, alt)
        loading, self._loading = self._loading, "lazy"
        about = attributes.get("title")
        self.slots.append(picture_tag(picture, alt=alt or picture.alt, title=about, loading=loading))
        return f'<img alt="{len(self.slots) - 1}">'

    def _instead_of_picture(self, source: str, alt: str) -> str:
        is_remote = source.lower().startswith(("http://", "https://"))
        if is_remote:
            self._remote[source] = None
        words = html.escape(alt or (bare_name(source)[:LONGEST_NAME] or source if is_remote else ""))
        address = valid_link(source) if is_remote else None
        if self._inside_link or not address:
            return words
        return f'<a href="{html.escape(address)}" class="remote">{words}</a>'


def _attributes(written: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(written)}
