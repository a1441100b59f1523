"""The outline of a sanitised text: its outermost blocks, and the one that is its title."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.publishing.text import sentences
from app.publishing.text.sanitising import plain_text

LONGEST_HEADING = 200
LONGEST_TITLE_LINE = 80

_CONTAINERS = frozenset({"blockquote", "details", "div", "dl", "figure", "ol", "section", "table", "ul"})
_BLOCK = re.compile(
    r"<(/?)(blockquote|details|div|dl|figure|ol|section|table|ul|h[1-6]|p)\b([^>]*)>",
)
_TITLE_LINE = re.compile(
    r"\s*<p\b[^>]*>((?:(?!<p\b|<br|<img|<a\b|\n).){1,400}?)</p>\s*(?!<div class=\"footnotes)(?=\S)"
)
FOOTNOTE_MARKS = re.compile(
    r'<sup class="footnote-ref">.*?</sup>|<a href="[^"]*" class="footnote-backref"[^>]*>.*?</a>'
)


class Block(NamedTuple):
    """An outermost block, and where its opening tag begins and ends."""

    name: str
    start: int
    opened: int
    has_direction: bool


def outermost_blocks(markup: str) -> list[Block]:
    blocks = []
    depth = 0
    for tag in _BLOCK.finditer(markup):
        closing, name, attributes = tag.groups()
        if closing:
            depth -= name in _CONTAINERS
            continue
        if not depth:
            blocks.append(Block(name, tag.start(), tag.end(), ' dir="' in attributes))
        depth += name in _CONTAINERS
    return blocks


def find_title(markup: str, blocks: Sequence[Block]) -> tuple[str | None, tuple[int, int] | None]:
    """The title and the part of the markup that says nothing else.

    The only `h1`, else a heading that opens the text, else an opening title line.
    """
    for start, end in _title_candidates(markup, blocks):
        words = plain_text(FOOTNOTE_MARKS.sub("", markup[start:end]))
        title = sentences.without_marks(sentences.on_one_line(words))
        if len(title) > LONGEST_HEADING:
            return sentences.shortened(title, limit=LONGEST_HEADING), None
        if title:
            return title, (start, end)
    return None, None


def _title_candidates(markup: str, blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    headings = [block for block in blocks if block.name[0] == "h"]
    of_first_level = [block for block in headings if block.name == "h1"]
    if len(of_first_level) == 1:
        yield _whole(markup, of_first_level[0])
    if headings and not markup[: headings[0].start].strip():
        yield _whole(markup, headings[0])
    line = _TITLE_LINE.match(markup)
    if line and _is_title(plain_text(line[1]).strip()):
        yield line.start(), line.end()


def _whole(markup: str, heading: Block) -> tuple[int, int]:
    closing = f"</{heading.name}>"
    return heading.start, markup.index(closing, heading.opened) + len(closing)


def _is_title(line: str) -> bool:
    """A short first paragraph that ends no sentence and stands before more text is meant as a title."""
    return bool(line) and len(line) <= LONGEST_TITLE_LINE and not sentences.ends_a_sentence(line)
