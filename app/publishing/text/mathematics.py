"""Formulas in LaTeX become MathML that every browser shows without a script.

What the converter gives is never trusted: its elements are walked, and only those that are known, with known
attributes and the right number of children, are written anew.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

LONGEST_FORMULA = 2_000

_TOKENS = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_CHILDREN = {
    "mfrac": 2,
    "mover": 2,
    "mroot": 2,
    "msub": 2,
    "msubsup": 3,
    "msup": 2,
    "munder": 2,
    "munderover": 3,
    "mspace": 0,
}
_GROUPS = frozenset({"menclose", "mpadded", "mphantom", "mrow", "msqrt", "mstyle", "mtable", "mtd", "mtr"})
_ATTRIBUTE_NAMES = """
    accent accentunder columnalign columnlines columnspacing depth displaystyle fence form height largeop
    linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing
    rspace scriptlevel separator stretchy symmetric voffset width"""
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_VALUE = re.compile(r"[A-Za-z0-9.%+\- ]{1,80}|#[0-9A-Fa-f]{3,8}")
_UNKNOWN_COMMAND = re.compile(r"\\[A-Za-z]")
# `$HOME/bin:$` and `$5, and US$` are prose.
_PRICE = re.compile(r"\d[^\\^_{}=<>+*/|]*[A-Za-z]{2}[^\\^_{}=<>+*/|]*")
_LEFT_OPEN = re.compile(r".*[:=/,;(]\s*", re.DOTALL)


class UnreadableFormulaError(Exception):
    """The formula is none that can be shown."""


def is_prose(formula: str) -> bool:
    """Whether the dollars around it rather mean money, or a variable of a shell."""
    return bool(_PRICE.fullmatch(formula) or _LEFT_OPEN.fullmatch(formula))


@lru_cache(maxsize=512)
def to_mathml(formula: str, *, is_block: bool) -> str | None:
    """A `math` element, or None for a formula that cannot be read."""
    if len(formula) > LONGEST_FORMULA:
        return None
    try:
        written = "".join(map("".join, map(_written, _converted(formula))))
    except UnreadableFormulaError:
        return None
    return f'<math display="block">{written}</math>' if is_block else f"<math>{written}</math>"


def _converted(formula: str) -> Element:
    # Imported with the first formula: most sites have none, and its table of symbols is large.
    from latex2mathml.converter import convert_to_element

    try:
        root: Element = convert_to_element(formula)
    except Exception as error:
        raise UnreadableFormulaError from error
    return root


def _written(element: Element) -> Iterator[str]:
    name = element.tag
    children = list(element)
    if name in _TOKENS:
        if children:
            raise UnreadableFormulaError
    elif name not in _GROUPS and _CHILDREN.get(name) != len(children):
        raise UnreadableFormulaError
    yield f"<{name}{''.join(_attributes(element))}>"
    # The converter leaves character references in its text.
    text = html.unescape(element.text or "")
    if _UNKNOWN_COMMAND.match(text):
        raise UnreadableFormulaError
    yield html.escape(text)
    for child in children:
        yield from _written(child)
    yield f"</{name}>"


def _attributes(element: Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        if name in _ATTRIBUTES and _VALUE.fullmatch(value):
            yield f' {name}="{value}"'
