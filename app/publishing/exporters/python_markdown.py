"""Markdown for Python-Markdown, as MkDocs, Material and Zensical use it, whatever extensions are switched on."""

import re

from app.publishing.exporters.dialects import Dialect, fenced, in_backticks
from app.publishing.exporters.escaping import as_references

# Obeyed in code, too, by plugins that read the file before Markdown does: templates and included files.
_OBEYED_IN_CODE = re.compile(r"\{[{%#!]|8<|<!--")
_OBEYED_AT_START = re.compile(r"#!|:::")


def _code_span(code: str, in_cell: bool) -> str:
    if _OBEYED_IN_CODE.search(code) or _OBEYED_AT_START.match(code) or (in_cell and "|" in code):
        return f"<code>{as_references(code)}</code>"
    return in_backticks(code)


def _code_block(code: str, language: str, is_nested: bool) -> str:
    lines = code.strip("\n").expandtabs(4)
    if _OBEYED_IN_CODE.search(code):
        return f"<pre><code>{as_references(lines, on_one_line=is_nested)}</code></pre>"
    if not is_nested:
        return fenced(code, language)
    # Without an extension, fences are only known at the left margin.
    return "\n".join(f"    {line}" if line.strip() else "" for line in lines.split("\n"))


DIALECT = Dialect(
    more="<!-- more -->",
    separator="<!-- -->",
    ordered_marks=(".", "."),
    struck=("<del>", "</del>"),
    line_end_in_cell="<br>",
    code_span=_code_span,
    code_block=_code_block,
)
