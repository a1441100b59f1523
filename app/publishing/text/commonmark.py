"""CommonMark with tables, strikethrough, footnotes, task lists, maths and bare links, at a bounded cost."""

import html
import re
from dataclasses import replace
from functools import cache
from urllib.parse import quote, unquote

import comrak

from app.publishing.text import costs, html_or_text
from app.publishing.text.sanitising import is_reasonable

_BLOCKS_ONLY = costs.Features(tables=False, footnotes=False, bare_links=False)
MORE_MARKER = '<wbr class="more">'
_FREE_GROWTH = 20_000
_MOST_GROWTH = 10
# No paragraph is long enough to slow a parser down.
_LONG_PARAGRAPH = 20_000

_RAW_HTML = re.compile(r"<[!/?a-zA-Z]")
_BOX = re.compile(r'<li><input type="checkbox" (checked="" )?disabled="" /> (\n<p>)?')
_ALIGNED_CELL = re.compile(r'<(t[hd]) align="(left|right|center)">')
_SOURCE_LINES = re.compile(r' data-sourcepos="(\d+):\d+-(\d+):\d+"')
_MATHS = re.compile(r'<span data-math-style="(?:inline|(display))">')
_FOOTNOTES_START = '<section class="footnotes" data-footnotes>'
_FOOTNOTES_END = "</section>\n"
_BARE_LINK = re.compile(r'<a href="(https?://[^"<>]*)">((?:https?://|www\.)[^<]*)</a>')
_CLOSE_WRITTEN_STOP = re.compile(f"[，。、；：！？（）「」『』《》〈〉【】“”‘’…{html_or_text.PLACEHOLDER}]")


def has_html(text: str) -> bool:
    """Whether anything in the text might be read as a tag."""
    return bool(_RAW_HTML.search(text))


def to_html(text: str, *, raw_html: bool = True) -> str:
    """HTML that nobody has sanitised yet, the HTML in the text obeyed or, without `raw_html`, shown.

    What cannot be read at a fair cost becomes plain paragraphs.
    """
    return html_or_text.with_placeholders_escaped(_to_html(text, raw_html=raw_html))


def with_text_marked(text: str) -> str:
    """The Markdown with a placeholder for each `<` that begins no HTML; for `to_html`, which does the same."""
    if not has_html(text) or not costs.is_affordable(text):
        return text
    return _with_text_marked(text, costs.affordable_features(text))


def _to_html(text: str, *, raw_html: bool) -> str:
    if not costs.is_affordable(text):
        return plain_paragraphs(text)
    features = costs.affordable_features(text)
    has_tags = has_html(text)
    for obeyed in (True, False) if raw_html and has_tags else (not has_tags,):
        source = _with_text_marked(text, features) if obeyed and has_tags else text
        markup = _rendered(source, features, raw_html=obeyed)
        fits = len(markup) < _FREE_GROWTH + _MOST_GROWTH * len(text)
        if fits and is_reasonable(markup, is_generated=not has_tags):
            return markup
    return plain_paragraphs(text)


def _with_text_marked(text: str, features: costs.Features) -> str:
    def render(numbered: str) -> str:
        markup: str = comrak.render_markdown(
            numbered, _extensions(features), _parsing(), _rendering(raw_html=False)
        )
        return markup

    return html_or_text.with_text_marked(text, render)


def has_more_marker(text: str) -> bool:
    """Whether `<!-- more -->` stands in the text, and not in code."""
    if not html_or_text.MORE_COMMENT.search(text):
        return False
    markup: str = comrak.render_markdown(text, _extensions(_BLOCKS_ONLY), _parsing(), _rendering(raw_html=True))
    return bool(html_or_text.MORE_COMMENT.search(markup))


def outermost_lines(text: str) -> list[tuple[int, int]]:
    """First and last line of each outermost block, counted from 1, without blocks of HTML."""
    features = replace(_BLOCKS_ONLY, tables=costs.affordable_features(text).tables)
    options = comrak.RenderOptions()
    options.sourcepos = True
    markup: str = comrak.render_markdown(text, _extensions(features), _parsing(), options)
    lines: list[tuple[int, int]] = []
    for found in _SOURCE_LINES.finditer(markup):
        first, last = int(found[1]), int(found[2])
        if not lines or first > lines[-1][1]:
            lines.append((first, last))
    return lines


def plain_paragraphs(text: str) -> str:
    """The text as it stands, without a line of it lost."""
    pieces = (
        part[start : start + _LONG_PARAGRAPH]
        for part in map(str.strip, costs.paragraphs(text))
        for start in range(0, len(part), _LONG_PARAGRAPH)
    )
    return "".join(f'<p dir="auto">{html.escape(piece).replace(chr(10), "<br>")}</p>\n' for piece in pieces)


def _rendered(text: str, features: costs.Features, *, raw_html: bool) -> str:
    markup: str = comrak.render_markdown(text, _extensions(features), _parsing(), _rendering(raw_html))
    if raw_html:
        markup = html_or_text.MORE_COMMENT.sub(MORE_MARKER, markup, count=1)
    for mark, rewrite in _REWRITERS:
        if mark in markup:
            markup = rewrite(markup)
    return markup


@cache
def _extensions(features: costs.Features) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.strikethrough = options.tasklist = options.math_dollars = options.cjk_friendly_emphasis = True
    options.table = features.tables
    options.footnotes = features.footnotes
    options.autolink = features.bare_links
    return options


@cache
def _parsing() -> comrak.ParseOptions:
    return comrak.ParseOptions()


@cache
def _rendering(raw_html: bool) -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = True
    options.escape = not raw_html
    return options


# What the parser writes is replaced by what the sanitiser lets pass, before it does.


def _with_boxes(markup: str) -> str:
    def box(item: re.Match[str]) -> str:
        checked, paragraph = item.groups()
        kind, sign = ("task done", "☑") if checked else ("task", "☐")
        return f'<li class="{kind}">{paragraph or ""}{sign} '

    return _BOX.sub(box, markup)


def _with_alignments(markup: str) -> str:
    """An inline style would be refused by the page's own security policy; a class is not."""
    return _ALIGNED_CELL.sub(r'<\1 class="align-\2">', markup)


def _with_maths(markup: str) -> str:
    return _MATHS.sub(lambda formula: f'<span class="math{" block" if formula[1] else ""}">', markup)


def _with_footnotes(markup: str) -> str:
    """A `div`, because a `section` promises a heading. The sign after each arrow keeps it from being an emoji."""
    body, start, notes = markup.rpartition(_FOOTNOTES_START)
    if not start or not notes.endswith(_FOOTNOTES_END):
        return markup
    notes = notes.removesuffix(_FOOTNOTES_END).replace('">↩', '">↩\ufe0e')
    return f'{body}<div class="footnotes">{notes}</div>\n'


def _with_links_that_end(markup: str) -> str:
    """A bare address ends where a Chinese or Japanese sentence goes on, which puts no space there, or at a `<`."""
    if markup.isascii():
        return markup

    def cut(link: re.Match[str]) -> str:
        address, words = link.groups()
        stop = _CLOSE_WRITTEN_STOP.search(words)
        if not stop or not unquote(html.unescape(address)).endswith(html.unescape(words).removeprefix("http://")):
            return link[0]
        shorter = address.partition(quote(stop[0]))[0]
        return f'<a href="{shorter}">{words[: stop.start()]}</a>{words[stop.start() :]}'

    return _BARE_LINK.sub(cut, markup)


_REWRITERS = (
    ("<li><input ", _with_boxes),
    (" align=", _with_alignments),
    ("<span data-math-style=", _with_maths),
    (_FOOTNOTES_START, _with_footnotes),
    ('<a href="http', _with_links_that_end),
)
