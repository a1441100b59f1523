"""What a text would cost to render, counted before anything is rendered.

The Markdown parser is quick on what people write and quadratic, or worse, on some of what they could write. Work
is estimated by counting instead of stopped by a clock, so that the same text always gives the same page.
"""

import re
from dataclasses import dataclass

MOST_CHARACTERS = 2_000_000
MOST_FOOTNOTE_MARKS = 1_000
# The parser calls itself once for each address in a paragraph: thousands of them would end the process.
MOST_MAIL_ADDRESSES = 200
_DEEPEST_INDENT = 160
_MOST_EMPTY_CELLS = 20_000
_MOST_EMPHASIS_PAIRS = 400_000_000
_FEW_EMPHASIS_MARKS = 20_000
_TAB = 4
_DEEP_RUN = " " * 40

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_EMPHASIS_MARKS = re.compile(r"[*~]+|(?<![0-9A-Za-z_])_+|_+(?![0-9A-Za-z_])")
_INDENTED_ITEM = re.compile(r"(?<![ \t])([ \t]{40,}+)(?:[-*+]|\d{1,9}[.)])[ \t]")
# Of these every delimiter row is made, and the marks of quotes and lists before it.
_DELIMITER_ROW = re.compile(r"^[ \t|:>*+\-.)0-9]*+$", re.MULTILINE)
_MAIL_ADDRESS = re.compile(r"[\w.+-]@\w")


@dataclass(frozen=True)
class Features:
    """The parts of Markdown a text can afford; the others are shown as they are written."""

    tables: bool = True
    footnotes: bool = True
    bare_links: bool = True


def paragraphs(text: str) -> list[str]:
    """The text cut at blank lines. No paragraph of Markdown is longer than one of these."""
    return _BLANK_LINES.split(text)


def is_affordable(text: str) -> bool:
    """Whether nesting and emphasis stay within what a parser reads at once."""
    return len(text) <= MOST_CHARACTERS and not _is_nested_too_deeply(text) and _emphasis_is_affordable(text)


def affordable_features(text: str) -> Features:
    return Features(
        tables=_tables_are_affordable(text),
        footnotes=text.count("[^") <= MOST_FOOTNOTE_MARKS,
        bare_links=text.count("@") <= MOST_MAIL_ADDRESSES
        or len(_MAIL_ADDRESS.findall(text)) <= MOST_MAIL_ADDRESSES,
    )


def _is_nested_too_deeply(text: str) -> bool:
    """Every blank line walks through all the lists it stands in."""
    if _DEEP_RUN not in text and "\t" not in text:
        return False
    indents = _INDENTED_ITEM.findall(text)
    return any(len(indent.expandtabs(_TAB)) > _DEEPEST_INDENT for indent in indents)


def _emphasis_is_affordable(text: str) -> bool:
    """A mark that closes looks at each one of its paragraph that might have opened it."""
    if sum(map(text.count, "*_~")) <= _FEW_EMPHASIS_MARKS:
        return True
    marks = (len(_EMPHASIS_MARKS.findall(paragraph)) for paragraph in paragraphs(text))
    return sum(count * count for count in marks) <= _MOST_EMPHASIS_PAIRS


def _tables_are_affordable(text: str) -> bool:
    """Short rows are filled up to the width of their table: a few characters can ask for thousands of cells."""
    written = text.count("|")
    if not written:
        return True
    cells = sum(map(_most_cells, paragraphs(text)))
    return cells <= _MOST_EMPTY_CELLS + 2 * written


def _most_cells(paragraph: str) -> int:
    if "|" not in paragraph:
        return 0
    rows = _DELIMITER_ROW.findall(paragraph)
    columns = max((row.strip().strip("|").count("|") + 1 for row in rows), default=0)
    return columns * (paragraph.count("\n") + 1)
