"""CommonMark with tables, strikethrough, footnotes, task lists and bare links, at a bounded cost."""

import html
import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from app.publishing.sanitising import escaped_where_it_swallows, is_reasonable

MOST_CHARACTERS = 2_000_000
_FREE_OF_CHARGE = 20_000
_MOST_STEPS = 500_000
_MOST_TOKENS = 250_000
_MOST_GROWTH = 10
_LINKED_PER_CHARACTER = 4
# Some rules look at the rest of the paragraph on each step, so that one in a long paragraph costs more.
_LONG_PARAGRAPH = 20_000

_TASK = re.compile(r"\[([ xX])\][ \t]")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ALIGNMENT = re.compile(r"text-align:(left|right|center)")
_CLOSE_WRITTEN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


class TooComplexError(Exception):
    """The text would cost far more than its length to render."""


def to_html(text: str, *, raw_html: bool = True) -> str:
    """HTML that nobody has sanitised yet, the tags in the text obeyed or, without `raw_html`, shown.

    What cannot be read at a fair cost becomes plain paragraphs.
    """
    if len(text) > MOST_CHARACTERS:
        return plain_paragraphs(text)
    try:
        for obeyed in (True, False) if raw_html else (False,):
            markup = escaped_where_it_swallows(_rendered(text, raw_html=obeyed))
            if is_reasonable(markup) and len(markup) < _FREE_OF_CHARGE + _MOST_GROWTH * len(text):
                return markup
    except (RecursionError, TooComplexError):
        pass
    return plain_paragraphs(text)


def plain_paragraphs(text: str) -> str:
    """The text as it stands, without a line of it lost; no paragraph is long enough to slow a parser down."""
    paragraphs = (part.strip() for part in _BLANK_LINES.split(text))
    pieces = (
        part[start : start + _LONG_PARAGRAPH]
        for part in paragraphs
        for start in range(0, len(part), _LONG_PARAGRAPH)
    )
    return "".join(f'<p dir="auto">{html.escape(piece).replace(chr(10), "<br>")}</p>\n' for piece in pieces)


def _rendered(text: str, *, raw_html: bool) -> str:
    parser = _parser(raw_html)
    env: dict[str, object] = {
        "steps_left": _FREE_OF_CHARGE + min(2 * len(text), _MOST_STEPS + len(text) // 4),
        "most_tokens": _FREE_OF_CHARGE + min(4 * len(text), _MOST_TOKENS),
    }
    tokens = parser.parse(text, env)
    _refuse_multiplied_links(tokens, len(text))
    return str(parser.renderer.render(tokens, parser.options, env))


@cache
def _parser(raw_html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": raw_html}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(gfm_autolink_plugin)
    parser.block.ruler.before("table", "meter", _meter_blocks)
    parser.inline.ruler.before("text", "meter", _meter_inlines)
    parser.core.ruler.after("block", "meter", _meter_tokens)
    parser.core.ruler.push("tasks", _mark_tasks)
    parser.core.ruler.push("directions", _mark_directions)
    parser.core.ruler.push("alignments", _mark_alignments)
    parser.core.ruler.push("line_ends", _join_close_written_lines)
    return parser


# The rules below count work instead of time, so that the same text always gives the same page.


def _meter_inlines(state: StateInline, silent: bool) -> bool:
    state.env["steps_left"] -= 1 + state.posMax // _LONG_PARAGRAPH
    if state.env["steps_left"] < 0:
        raise TooComplexError
    return False


def _meter_blocks(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    _meter_tokens(state)
    return False


def _meter_tokens(state: StateBlock | StateCore) -> None:
    if len(state.tokens) > state.env["most_tokens"]:
        raise TooComplexError


def _refuse_multiplied_links(tokens: Sequence[Token], length: int) -> None:
    """A long reference used many times would grow a page without bound."""
    total = sum(_linked_length(child) for token in tokens for child in token.children or ())
    if total > _FREE_OF_CHARGE + _LINKED_PER_CHARACTER * length:
        raise TooComplexError


def _linked_length(token: Token) -> int:
    if token.type not in {"link_open", "image"}:
        return 0
    return sum(len(str(value)) for value in token.attrs.values())


def _mark_tasks(state: StateCore) -> None:
    """`- [x] done` gets a box. (The plugin for it is quadratic in the length of a list.)"""
    tokens = state.tokens
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        box = _TASK.match(first.content) if first.type == "text" else None
        if not box:
            continue
        done = box[1] != " "
        item.attrSet("class", "task done" if done else "task")
        first.content = ("☑ " if done else "☐ ") + first.content[box.end() :]


def _mark_directions(state: StateCore) -> None:
    """Only outermost blocks: `dir=auto` does not look into a descendant that has a `dir` of its own."""
    for token in state.tokens:
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")


def _mark_alignments(state: StateCore) -> None:
    """A style attribute would be refused by the page's own security policy; a class is not."""
    for token in state.tokens:
        alignment = _ALIGNMENT.fullmatch(str(token.attrGet("style") or ""))
        if alignment and token.type in {"th_open", "td_open"}:
            token.attrs = {"class": f"align-{alignment[1]}"}


def _join_close_written_lines(state: StateCore) -> None:
    """Between Chinese or Japanese characters a line end is no space."""
    for token in state.tokens:
        children = token.children or []
        for before, line_end, after in zip(children, children[1:], children[2:], strict=False):
            if line_end.type != "softbreak" or not before.content or not after.content:
                continue
            if _CLOSE_WRITTEN.match(before.content[-1]) and _CLOSE_WRITTEN.match(after.content[0]):
                line_end.type, line_end.content = "text", ""
