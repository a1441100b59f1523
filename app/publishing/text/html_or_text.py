"""Which `<` of a Markdown text begins HTML, and which is a character like any other.

HTML is only what is known and closed. All else is text, so that nothing swallows a word: a `<` that is text
becomes a placeholder that no parser reads as a tag, until `with_placeholders_escaped` writes it as HTML.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.publishing.text import elements
from app.publishing.text.surroundings import Surroundings, surroundings_of

# A noncharacter: `without_control_characters` has taken it from every text before.
PLACEHOLDER = "\ufdd0"
# In a text with more of them, each is text.
MOST_MARKS = 50_000

_ENCODED_PLACEHOLDER = "%EF%B7%90"
_EMPTY_COMMENT = "<!-- -->"
MORE_COMMENT = re.compile(r"<!--[ \t]*more[ \t]*-->", re.IGNORECASE)
_LINE_END = r"\n(?![ \t>]*\n)"
_SPACE = rf"(?:[ \t]|{_LINE_END})"
# A tag as CommonMark has it, without a blank line in it.
_TAG = re.compile(
    rf"""<(?:
        /(?P<closing>[A-Za-z][A-Za-z0-9-]*){_SPACE}*+>
      | (?P<opening>[A-Za-z][A-Za-z0-9-]*)
        (?P<attributes>(?:{_SPACE}++[A-Za-z_:@][\w.:@-]*+
            (?:{_SPACE}*+={_SPACE}*+(?:[^\s"'=<>`]++|'(?:[^'\n]|{_LINE_END})*+'|"(?:[^"\n]|{_LINE_END})*+"))?+)*+)
        {_SPACE}*+(?P<slash>/?)>
    )""",
    re.VERBOSE | re.ASCII,
)
_AUTOLINK = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[\w.!#$%&'*+/=?^`{|}~-]{1,200}@[A-Za-z0-9.-]{1,253})>", re.ASCII
)
_ADDRESS = re.compile(r"<((?:[^<>\\\n]|\\.)++)>")
_NOT_IN_BARE_ADDRESS = re.compile(r"[\s()]")
_DOCUMENT_START = re.compile(r"\s*+(?:<!doctype\s[^<>]*+>\s*+)?(?:<html\b[^<>]*+>\s*+)?", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s[^<>]*+>", re.IGNORECASE)
_BROKEN_LINE = re.compile(r"[ \t]*\n[ \t>]*")
_LINE_START = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")
_LONGEST_LINE_START = 100

Change = tuple[int, int, str]


@dataclass(eq=False, slots=True)
class _Tag:
    name: str
    start: int
    end: int
    is_closing: bool
    has_attributes: bool
    closes_itself: bool
    is_paired: bool = False


def with_text_marked(text: str, render: Callable[[str], str]) -> str:
    """The text with a placeholder for each `<` that is text; doing it again changes nothing.

    `render` makes HTML of Markdown that has no HTML in it. Comments, and scripts and styles with what is in them,
    become empty comments.
    """
    if text.count("<") > MOST_MARKS:
        return text.replace("<", PLACEHOLDER)
    return _Reading(text, surroundings_of(text, render)).marked()


def with_placeholders_escaped(markup: str) -> str:
    if PLACEHOLDER in markup:
        markup = markup.replace(PLACEHOLDER, "&lt;")
    return markup.replace(_ENCODED_PLACEHOLDER, "%3C") if _ENCODED_PLACEHOLDER in markup else markup


class _Reading:
    """One pass over one text."""

    def __init__(self, text: str, surroundings: Surroundings) -> None:
        self._text = text
        self._surroundings = surroundings
        self._tags: list[_Tag] = []
        self._changes: list[Change] = []
        start = _DOCUMENT_START.match(text)
        self._document_start = start.end() if start else 0

    def marked(self) -> str:
        place = self._text.find("<")
        while place >= 0:
            place = self._text.find("<", self._read(place))
        _pair(self._tags)
        self._changes += _decided(self._tags, self._text)
        return _changed(self._text, sorted(self._changes))

    def _read(self, start: int) -> int:
        """Decide upon what begins here, or put it by; where to read on."""
        if start in self._surroundings.addresses and (address := _ADDRESS.match(self._text, start)):
            return self._change(start, address.end(), _bare_address(address[1]))
        if start in self._surroundings.code:
            return self._change(start, start + 1, PLACEHOLDER)
        if link := _AUTOLINK.match(self._text, start):
            return link.end()
        if end := self._end_of_hidden(start):
            marker = MORE_COMMENT.fullmatch(self._text, start, end)
            return self._change(start, end, marker[0] if marker else _EMPTY_COMMENT)
        if found := _TAG.match(self._text, start):
            return self._put_by(found)
        return self._change(start, start + 1, PLACEHOLDER)

    def _change(self, start: int, end: int, instead: str) -> int:
        self._changes.append((start, end, instead))
        return end

    def _put_by(self, found: re.Match[str]) -> int:
        name = (found["closing"] or found["opening"]).lower()
        self._tags.append(
            _Tag(
                name,
                found.start(),
                found.end(),
                is_closing=bool(found["closing"]),
                has_attributes=bool(found["attributes"]),
                closes_itself=bool(found["slash"]),
            )
        )
        return found.end()

    # --- what is never shown ---

    def _end_of_hidden(self, start: int) -> int:
        """Where a closed comment, script or style ends, or what stands before an HTML document; 0 for none."""
        if self._text.startswith("<!--", start):
            return self._end_of_comment(start)
        if start < self._document_start and (declaration := _DOCTYPE.match(self._text, start)):
            return declaration.end()
        tag = _TAG.match(self._text, start)
        if not tag or tag["closing"] or tag["slash"]:
            return 0
        name = tag["opening"].lower()
        is_hidden = name in elements.HIDDEN or (name == "head" and start == self._document_start)
        return self._end(start, tag.end(), *self._hidden_tags[name]) if is_hidden else 0

    def _end_of_comment(self, start: int) -> int:
        return self._end(start, start + len("<!-->"), *self._comment_marks)

    @staticmethod
    def _end(start: int, least: int, starts: Sequence[int], ends: Sequence[int]) -> int:
        """The first of the ends. Where another one starts before it, this one's own end was forgotten."""
        place, following = bisect_left(ends, least), bisect_left(starts, start + 1)
        if place == len(ends):
            return 0
        return 0 if following < len(starts) and starts[following] < ends[place] else ends[place]

    @cached_property
    def _comment_marks(self) -> tuple[list[int], list[int]]:
        code = self._surroundings.code
        starts = [mark.start() for mark in re.finditer("<!--", self._text)]
        ends = [mark.end() for mark in re.finditer("-->", self._text)]
        return [start for start in starts if start not in code], [end for end in ends if end - 1 not in code]

    @cached_property
    def _hidden_tags(self) -> dict[str, tuple[list[int], list[int]]]:
        tags: defaultdict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for tag in elements.HIDDEN_TAG.finditer(self._text):
            if tag.start() not in self._surroundings.code:
                starts, ends = tags[tag[2].lower()]
                (ends if tag[1] else starts).append(tag.end() if tag[1] else tag.start())
        return tags


def _bare_address(address: str) -> str:
    """The address of a link without the brackets around it, which would begin a tag if there were no link."""
    return _NOT_IN_BARE_ADDRESS.sub(lambda character: f"%{ord(character[0]):02X}", address)


def _pair(tags: Sequence[_Tag]) -> None:
    """Each closing tag belongs to the last opening one of its name that is not closed yet."""
    still_open: defaultdict[str, list[_Tag]] = defaultdict(list)
    for tag in tags:
        if tag.is_closing and still_open[tag.name]:
            still_open[tag.name].pop().is_paired = tag.is_paired = True
        elif not tag.is_closing and not tag.closes_itself and tag.name not in elements.VOID:
            still_open[tag.name].append(tag)


def _decided(tags: Sequence[_Tag], text: str) -> Iterator[Change]:
    still_open: Counter[str] = Counter()
    for tag in tags:
        is_in_drawing = any(still_open[name] for name in elements.FOREIGN)
        written = text[tag.start : tag.end]
        if tag.is_paired and (tag.name in elements.KNOWN or is_in_drawing):
            still_open[tag.name] += -1 if tag.is_closing else 1
        elif not is_in_drawing and not _stands_alone(tag, still_open, text):
            yield tag.start, tag.end, written.replace("<", PLACEHOLDER)
            continue
        yield tag.start, tag.end, _as_html(tag, written, is_in_drawing=is_in_drawing)


def _stands_alone(tag: _Tag, still_open: Counter[str], text: str) -> bool:
    """Whether HTML lets it be without a closing tag, and it does something there."""
    if tag.is_closing or tag.name not in elements.KNOWN:
        return False
    if tag.name in elements.VOID:
        return tag.has_attributes or tag.name in elements.VISIBLE_WITHOUT_ATTRIBUTES
    if tag.closes_itself:
        return tag.has_attributes and tag.name not in elements.UNWRAPPED
    if tag.name == "p":
        return _opens_a_line(text, tag.start)
    return any(still_open[parent] for parent in elements.CLOSED_BY_PARENT.get(tag.name, ()))


def _opens_a_line(text: str, place: int) -> bool:
    earliest = max(place - _LONGEST_LINE_START, 0)
    line = text.rfind("\n", earliest, place) + 1
    return (line > 0 or earliest == 0) and bool(_LINE_START.fullmatch(text, line, place))


def _as_html(tag: _Tag, written: str, *, is_in_drawing: bool) -> str:
    """The tag on one line, which no end of a list or quotation cuts.

    Of one that no page shows and that parsers treat specially, only what it holds is left.
    """
    if is_in_drawing or tag.name in elements.UNWRAPPED:
        if tag.closes_itself or (is_in_drawing and not tag.is_paired):
            return f"<{elements.NEUTRAL}></{elements.NEUTRAL}>"
        return f"<{'/' if tag.is_closing else ''}{elements.NEUTRAL}>"
    line = _BROKEN_LINE.sub(" ", written)
    if tag.closes_itself and tag.name not in elements.VOID:
        return f"{line[:-2].rstrip()}></{tag.name}>"
    return line


def _changed(text: str, changes: Sequence[Change]) -> str:
    pieces = []
    done = 0
    for start, end, instead in changes:
        pieces += [text[done:start], instead]
        done = end
    return "".join([*pieces, text[done:]])
