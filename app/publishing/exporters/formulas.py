"""Formulas in TeX, for sites that show them; elsewhere they read as they were written."""

import re

_LONGEST = 2000
# Links, styles, definitions, other files; and what Markdown would take for code.
_REFUSED = re.compile(
    r"\\(?:href|url|html\w*|class|style|css\w*|data|require|include\w*|input|def|gdef|edef|xdef|let|newcommand"
    r"|renewcommand|newenvironment|catcode|csname|unicode|mmlToken|bbox|action|toggle|texttip|mathtip)(?![A-Za-z])"
    r"|[`$|%!~#]|\\\("
)
_MARK_BEFORE_BRACE = re.compile(r"(?<=[_*^)\]=])\{")
_DOUBLED_BRACE = re.compile(r"\{(?=\{)")
_LINK_MIDDLE = re.compile(r"\](?=[(\[:])")


def formula(tex: str, *, display: bool) -> str | None:
    """As formula renderers expect it, changed only where TeX sees no difference; None when it is not harmless."""
    line = " ".join(tex.split())
    if not line or len(line) > _LONGEST or _REFUSED.search(line):
        return None
    line = line.replace("<", r"\lt ").replace(">", r"\gt ").replace("*", r"\ast ")
    line = _DOUBLED_BRACE.sub("{ ", _MARK_BEFORE_BRACE.sub(" {", line))
    line = _LINK_MIDDLE.sub("]{}", line)
    return f"$${line}$$" if display else f"${line}$"
