"""Markdown for Goldmark, as Hugo uses it: CommonMark, with shortcodes that are obeyed everywhere."""

import re

from app.publishing.exporters.dialects import Dialect, fenced, in_backticks

_SHORTCODE_START = re.compile(r"\{\{(?=[<%])")
_CLOSINGS = {"<": ">}}", "%": "%}}"}
_WORD_JOINER = "\u2060"


def _code_span(code: str, in_cell: bool) -> str:
    span = _without_shortcodes(in_backticks(code))
    return span.replace("|", "\\|") if in_cell else span


def _code_block(code: str, language: str, _is_nested: bool) -> str:
    return _without_shortcodes(fenced(code, language))


def _without_shortcodes(code: str) -> str:
    """Hugo's own way to show a shortcode, which knows whole ones only; the start of another is parted."""
    pieces, end = [], 0
    unclosed: set[str] = set()
    for start in _SHORTCODE_START.finditer(code):
        mark = code[start.end()]
        if start.start() < end or mark in unclosed:
            continue
        inside = start.end() + 1
        stop = code.find(_CLOSINGS[mark], inside)
        if stop < 0:
            unclosed.add(mark)
            continue
        pieces += [_parted(code[end : start.start()]), f"{{{{{mark}/*{code[inside:stop]}*/{_CLOSINGS[mark]}"]
        end = stop + len(_CLOSINGS[mark])
    return "".join([*pieces, _parted(code[end:])])


def _parted(code: str) -> str:
    return _SHORTCODE_START.sub("{" + _WORD_JOINER + "{", code)


DIALECT = Dialect(
    more="<!--more-->",
    separator="",
    ordered_marks=(".", ")"),
    struck=("~~", "~~"),
    line_end_in_cell=" ",
    code_span=_code_span,
    code_block=_code_block,
)
