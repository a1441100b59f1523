"""What a listing shows of a text: the part before `<!-- more -->`, or its first sentences."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.publishing.text import costs, sentences
from app.publishing.text.commonmark import MORE_MARKER, has_more_marker, outermost_lines
from app.publishing.text.sanitising import plain_text
from app.publishing.text.structure import FOOTNOTE_MARKS

LONGEST_EXCERPT = 200
LONGEST_MARKED_EXCERPT = 600
_LONGEST_BEGINNING = 2_000
_ENOUGH = 20_000

_BLOCKS_BEFORE_MARKER = 4
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_OPENED = re.compile(r"<(?!(?:br|hr|img|input|wbr)\b)[a-z][^>]*(?<!/)>", re.IGNORECASE)
_CLOSED = re.compile(r"</[a-z]", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
_FORMULA = re.compile(r'<span class="math( block)?">([^<]*)</span>')
_FOOTNOTES = '<div class="footnotes"'


def beginning(body: str) -> str:
    """The words of the first paragraphs; where there are none, of whatever comes first."""
    words = ""
    for paragraph in _paragraphs(_without_formulas(body)):
        words = f"{words} {paragraph}".strip()
        if len(words) > 2 * LONGEST_EXCERPT:
            break
    return words


def marked(body: str) -> str | None:
    """The words before the marker, unless it stands in code or before everything."""
    before, marker, _ = body.partition(MORE_MARKER)
    if not marker or before.count("<pre") > before.count("</pre>"):
        return None
    return sentences.on_one_line(plain(_without_formulas(before))) or None


def _without_formulas(body: str) -> str:
    """What a summary shows of formulas: those that read as words; nothing of one that stands alone."""
    if '<span class="math' not in body:
        return body
    return _FORMULA.sub(lambda found: "" if found[1] else "…" if "\\" in found[2] else found[2], body)


def plain(body: str) -> str:
    """All the words of a body, without the marks that lead to footnotes and back."""
    if 'class="footnote' in body:
        body = FOOTNOTE_MARKS.sub("", body)
    return "\n".join(filter(None, map(str.strip, plain_text(body).split("\n"))))


def with_more_marker(markdown: str) -> str:
    """The text with `<!-- more -->` after its fourth block, for site generators that list what stands before it.

    Unchanged where a marker is already, where nothing would come after it, and where it would stand inside of an
    element written as HTML. Never before an indented line: that may belong to a list or a note of the generator.
    """
    if not costs.is_affordable(markdown) or has_more_marker(markdown):
        return markdown
    lines = _LINE.findall(markdown)
    place = _marker_line(lines, outermost_lines(markdown))
    before, after = "".join(lines[:place]).rstrip("\r\n"), "".join(lines[place:]).lstrip("\r\n")
    if not place or len(_OPENED.findall(before)) > len(_CLOSED.findall(before)):
        return markdown
    line_end = "\r\n" if "\r\n" in markdown else "\n"
    return f"{before}{2 * line_end}<!-- more -->{2 * line_end}{after}"


def _marker_line(lines: Sequence[str], blocks: Sequence[tuple[int, int]]) -> int:
    """How many lines come before the marker; 0 for none."""
    for (_, last), (first, _) in pairwise(blocks[_BLOCKS_BEFORE_MARKER - 1 :]):
        if not any(line[:1].isspace() for line in lines[last:first] if line.strip()):
            return last
    return 0


def _paragraphs(body: str) -> Iterator[str]:
    found = False
    for paragraph in _PARAGRAPH.finditer(body.partition(_FOOTNOTES)[0]):
        words = sentences.on_one_line(plain(paragraph[1][:_ENOUGH]))[:_LONGEST_BEGINNING]
        if words:
            found = True
            yield words
    if not found:
        yield sentences.on_one_line(plain(body[:_ENOUGH]))[:_LONGEST_BEGINNING]
