"""Colours for code: class names only, for the languages people write about."""

import html
import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST_CODE = 20_000
MOST_ERRORS = 20
MOST_LEFT_OPEN = 10
MOST_ODD_QUOTES = 200

# On these the patterns of many lexers are quadratic or worse; code as people write it has none.
_UNUSUAL = re.compile(r"[^\n]{1000}|\s{120}|(?<![\w\s.$<>\[\]?@#])[\w\s.$<>\[\]?@#]{400}")
_ODD_QUOTE = re.compile(r"""\\["'`]|R\"""")
_BRACKETS = (("/*", "*/"), ("<!--", "-->"), ("{-", "-}"), ("(*", "*)"), ("[[", "]]"), ("$(", ")"), ("${", "}"))
_NAME = itemgetter(0)
_LANGUAGE_NAMES = """
    bash c c++ cpp c# cs csharp clojure console css dart diff docker dockerfile elixir erlang go golang graphql
    haskell hs html ini java javascript js json jsx julia kotlin latex less lua make makefile matlab
    nginx nix objective-c ocaml php powershell proto protobuf ps1 py pycon python python3 r rb rs ruby rust
    sass scala scss sh shell sql swift terraform tex toml ts tsx typescript vue xml yaml yml zig zsh"""
LANGUAGES = frozenset(_LANGUAGE_NAMES.split())


def highlighted(code: str, language: str) -> str | None:
    """The code as HTML with the short class names of Pygments; None where it stays plain.

    That is code in a language nobody knows, and code that would take a lexer too long.
    """
    language = language.lower()
    if language not in LANGUAGES or not _is_usual(code):
        return None
    runs = [
        (name, "".join(text for _, text in run)) for name, run in groupby(_named_tokens(code, language), _NAME)
    ]
    if sum(len(text) for _, text in runs) != len(code):
        return None
    return "".join(_coloured(name, html.escape(text, quote=False)) for name, text in runs)


def _is_usual(code: str) -> bool:
    if len(code) > LONGEST_CODE or _UNUSUAL.search(code):
        return False
    if len(_ODD_QUOTE.findall(code)) > MOST_ODD_QUOTES:
        return False
    return all(code.rpartition(end)[2].count(start) <= MOST_LEFT_OPEN for start, end in _BRACKETS)


def _coloured(name: str, words: str) -> str:
    return f'<span class="{name}">{words}</span>' if name else words


def _named_tokens(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Class name and text of each token; they end early where the code is none of that language."""
    from pygments.token import STANDARD_TYPES, Error

    errors = 0
    tokens = _lexer_class(language)(stripnl=False, ensurenl=False).get_tokens(code)
    for kind, text in tokens:
        errors += kind is Error
        if errors > MOST_ERRORS:
            return
        yield "" if text.isspace() else STANDARD_TYPES.get(kind, ""), text


@cache
def _lexer_class(language: str) -> "type[Lexer]":
    # Imported with the first code of a language: the lexers are large, and many sites have no code.
    from pygments.lexers import find_lexer_class_by_name

    return find_lexer_class_by_name(language)
