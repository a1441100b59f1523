"""What is put into a body behind the sanitiser: made by us alone, from plain text or from the site's own files.

Reads only what `sanitising.sanitised` wrote, where each pattern below is a whole tag or an element that holds
nothing but text.
"""

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence

from app.publishing.text import highlighting, mathematics, sentences
from app.publishing.text.sanitising import PREFIX, REL, plain_text

MOST_HIGHLIGHTED = 60_000
MOST_MATHEMATICS = 40_000
# What a formula costs before its first character.
_FORMULA = 40
_LONGEST_LABEL = 80
_LONGEST_HEADER = 2_000

_FINISHED = re.compile(
    r'<pre><code class="language-(?P<language>[^"]+)">(?P<code>[^<]*)</code></pre>'
    r"|<(?P<pre>pre)>"
    r'|<span class="math(?P<block> block)?">(?P<formula>[^<]*)</span>'
    r'|<img alt="(?P<slot>\d+)">'
    r"|<(?P<table>table)\b"
    r"|</(?P<table_end>table)>"
    r"|<a\b(?P<link>[^>]*)>"
    r'|<div class="(?P<notes>footnotes)"'
    r'|<wbr class="(?P<more>more)">'
)
_HEADER_CELL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_HREF = re.compile(r' href="([^"]*)"')
_REL = f' rel="{REL}"'
# Code reads from the left in any language, and what may be wider than the page scrolls by keyboard too.
_PRE = '<pre dir="ltr" tabindex="0"'


def finished(body: str, *, slots: Sequence[str], own_links: Collection[str]) -> str:
    """The body with its pictures, coloured code, formulas, and tables that scroll.

    `slots` are the tags of the pictures in the order of their numbers; `own_links` lead to files of the site.
    """
    return _Finisher(body, slots, own_links).finished()


class _Finisher:
    """One pass over one body, with what it may still spend on colours and formulas."""

    def __init__(self, body: str, slots: Sequence[str], own_links: Collection[str]) -> None:
        self._body = body
        self._slots = slots
        self._own_links = own_links
        self._highlighting_left = MOST_HIGHLIGHTED
        self._mathematics_left = MOST_MATHEMATICS

    def finished(self) -> str:
        return _FINISHED.sub(self._finish, self._body)

    def _finish(self, found: re.Match[str]) -> str:
        return _FINISHERS[found.lastgroup or ""](self, found)

    def code(self, found: re.Match[str]) -> str:
        language, written = found["language"], found["code"]
        code = html.unescape(written)
        if language == "math":
            formula = self._mathml(code, is_block=True)
            return f"<p>{formula}</p>" if formula else _code_block(language, written)
        coloured = self._highlighted(code, language)
        if coloured is None:
            return _code_block(language, written)
        return _code_block(language, coloured, kind=' class="highlight"')

    def formula(self, found: re.Match[str]) -> str:
        written = found["formula"]
        formula = html.unescape(written)
        if not found["block"] and (self._is_inside_a_word(found) or mathematics.is_prose(formula)):
            return f"${written}$"
        return (
            self._mathml(formula, is_block=bool(found["block"])) or f'<code class="language-math">{written}</code>'
        )

    def slot(self, found: re.Match[str]) -> str:
        return self._slots[int(found["slot"])]

    def table(self, found: re.Match[str]) -> str:
        label = html.escape(self._columns(found.end()))
        name = f' role="group" aria-label="{label}"' if label else ""
        return f'<div class="table" tabindex="0"{name}>{found[0]}'

    def link(self, found: re.Match[str]) -> str:
        attributes = found["link"]
        href = _HREF.search(attributes)
        target = html.unescape(href[1]) if href else "#"
        if not target.startswith("#") and target not in self._own_links:
            return found[0]
        attributes = attributes.replace(_REL, "")
        if 'class="footnote-backref"' in attributes:
            return f'<a{attributes} role="doc-backlink">'
        if f' id="{PREFIX}fnref-' in attributes:
            return f'<a{attributes} role="doc-noteref">'
        return f"<a{attributes}>"

    def _highlighted(self, code: str, language: str) -> str | None:
        if len(code) > min(highlighting.LONGEST_CODE, self._highlighting_left):
            return None
        self._highlighting_left -= len(code)
        return highlighting.highlighted(code, language)

    def _mathml(self, formula: str, *, is_block: bool) -> str | None:
        self._mathematics_left -= len(formula) + _FORMULA
        if self._mathematics_left < 0:
            return None
        return mathematics.to_mathml(formula.strip(), is_block=is_block)

    def _is_inside_a_word(self, found: re.Match[str]) -> bool:
        """As in `US$5 and A$6`. A formula may have an ending, like `$n$th`, but touches no other word or price."""
        before = self._body[found.start() - 1 : found.start()]
        after = self._body[found.end() : found.end() + 1]
        return (before.isascii() and before.isalpha()) or (
            after.isascii() and after.isalnum() and not after.islower()
        )

    def _columns(self, start: int) -> str:
        """A table is called by the heads of its columns."""
        beginning = self._body[start : start + _LONGEST_HEADER]
        cells = _HEADER_CELL.findall(beginning.partition("</thead>")[0])
        names = (sentences.on_one_line(plain_text(cell)) for cell in cells)
        return sentences.shortened(", ".join(filter(None, names)), limit=_LONGEST_LABEL)


def _code_block(language: str, code: str, *, kind: str = "") -> str:
    return f'{_PRE}{kind}><code class="language-{language}">{code}</code></pre>'


_FINISHERS: Mapping[str, Callable[[_Finisher, re.Match[str]], str]] = {
    "code": _Finisher.code,
    "formula": _Finisher.formula,
    "slot": _Finisher.slot,
    "table": _Finisher.table,
    "link": _Finisher.link,
    "pre": lambda _finisher, _found: f"{_PRE}>",
    "table_end": lambda _finisher, _found: "</table></div>",
    "notes": lambda _finisher, found: f'{found[0]} role="doc-endnotes"',
    "more": lambda _finisher, _found: "",
}
