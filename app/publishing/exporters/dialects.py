"""What the readers of Markdown do not agree on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True)
class Dialect:
    """How one reader of Markdown wants it.

    `separator` keeps neighbours apart that it would join; `code_span` takes the text and whether it stands in a
    cell, `code_block` the text, its language and whether it stands in a list or quotation.
    """

    more: str
    separator: str
    ordered_marks: tuple[str, str]
    struck: tuple[str, str]
    line_end_in_cell: str
    code_span: Callable[[str, bool], str]
    code_block: Callable[[str, str, bool], str]


def fenced(code: str, language: str) -> str:
    fence = "`" * max(3, _longest_run(code) + 1)
    return f"{fence}{known_language(language)}\n{code.strip(chr(10))}\n{fence}"


def in_backticks(code: str) -> str:
    fence = "`" * (_longest_run(code) + 1)
    padding = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{padding}{code}{padding}{fence}"


def known_language(name: str) -> str:
    """The language when it is one that is highlighted: others may name programs that a site's builder runs."""
    return name.lower() if name.lower() in _languages() else ""


def _longest_run(code: str) -> int:
    return max(map(len, _BACKTICKS.findall(code)), default=0)


@cache
def _languages() -> frozenset[str]:
    from pygments.lexers import get_all_lexers

    aliases = {alias for _, names, _, _ in get_all_lexers(plugins=False) for alias in names}
    return frozenset(alias for alias in aliases if re.fullmatch(r"[\w#.+-]{1,30}", alias))
