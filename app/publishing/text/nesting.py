"""Elements written as HTML where HTML does not allow them are taken away, and what they hold is kept.

Browsers forgive; a page is only valid when each element stands where the standard lets it. Markdown itself never
misplaces one. Reads only what the sanitiser wrote.
"""

import re
from collections.abc import Iterator

from app.publishing.text import tables
from app.publishing.text.tree import Element, all_elements

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FLOW = _HEADINGS | {
    "blockquote",
    "details",
    "div",
    "dl",
    "figure",
    "hr",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
}
_FORMATTING_NAMES = "abbr b bdi bdo cite code dfn em i kbd mark q ruby s samp small span strong sub sup u var"
_FORMATTING = frozenset(_FORMATTING_NAMES.split())
_HOLDS_PHRASING = _HEADINGS | _FORMATTING | {"p", "pre", "rp", "rt", "summary"}
# Elements whose content is what may stand in their own place.
_TRANSPARENT = frozenset({"a", "del", "ins"})
_PARENTS = {
    "caption": {"table"},
    "dd": {"dl"},
    "dt": {"dl"},
    "figcaption": {"figure"},
    "li": {"ol", "ul"},
    "rp": {"ruby"},
    "rt": {"ruby"},
    "summary": {"details"},
    "tbody": {"table"},
    "td": {"tr"},
    "tfoot": {"table"},
    "th": {"tr"},
    "thead": {"table"},
    "tr": {"tbody", "tfoot", "thead"},
}
_CHILDREN = {
    "details": re.compile(r"summary (?:(?!summary )\w+ )*"),
    "dl": re.compile(r"(?:(?:dt )+(?:dd )+)*"),
    "figure": re.compile(r"(?:figcaption )?(?:(?!figcaption )\w+ )*|(?:(?!figcaption )\w+ )*figcaption "),
    "ol": re.compile(r"(?:li )*"),
    "ruby": re.compile(r"(?:(?:(?!r[pt] )\w+ )*(?:rt |rp rt rp ))+"),
    "table": re.compile(r"(?:caption )?(?:thead )?(?:tbody )*(?:tfoot )?"),
    "tr": re.compile(r"(?:t[dh] )+"),
    "ul": re.compile(r"(?:li )*"),
}
_NEVER_INSIDE = {
    # The page puts what is reached by keyboard around or into these.
    "a": frozenset({"a", "details", "pre", "table"}),
    "caption": frozenset({"table"}),
    "dfn": frozenset({"dfn"}),
}
_NO_HEADING_INSIDE = frozenset({"dt", "th"})
_HEADED = _HEADINGS | {"section"}


def mended(markup: str) -> str:
    """The same words, with no element where it may not be."""
    elements = all_elements(markup)
    for element in reversed(elements):
        if element.children:
            names = frozenset(child.name for child in element.children)
            element.below = names.union(*(child.below for child in element.children))
    changes: list[tuple[int, int, str]] = []
    # Parents come first, so that each element knows what it stands in.
    for element in elements:
        _decide(element, markup)
        changes += _changes(element)
    return _changed(markup, sorted(changes))


def _decide(element: Element, markup: str) -> None:
    if element.name in _PARENTS and not _is_in_its_own(element):
        element.is_kept = False
        return
    above = _above(element)
    in_phrasing = bool(above and above.holds_phrasing)
    refuses_headings = bool(above and above.refuses_headings)
    element.is_kept = (
        not (in_phrasing and element.name in _FLOW)
        and not (refuses_headings and element.name in _HEADED)
        and _may_hold(element, markup)
    )
    element.holds_phrasing = element.name in _HOLDS_PHRASING or (element.name in _TRANSPARENT and in_phrasing)
    element.refuses_headings = refuses_headings or element.name in _NO_HEADING_INSIDE


def _above(element: Element) -> Element | None:
    """What it stands in when others are taken away. Each one is passed once: it is left out from then on."""
    while element.parent and not element.parent.is_kept:
        element.parent = element.parent.parent
    return element.parent


def _is_in_its_own(element: Element) -> bool:
    """A part stands in the whole that counted it among its children, not in what an element between held."""
    parent = element.parent
    return parent is not None and parent.is_kept and parent.name in _PARENTS[element.name]


def _may_hold(element: Element, markup: str) -> bool:
    name = element.name
    if name in _FORMATTING and element.below & _FLOW:
        return False
    if name == "bdo" and ' dir="' not in element.attributes:
        return False
    if element.below & _NEVER_INSIDE.get(name, frozenset()):
        return False
    order = _CHILDREN.get(name)
    if not order:
        return True
    return bool(order.fullmatch("".join(f"{child.name} " for child in element.children))) and _words_fit(
        element, markup
    )


def _words_fit(element: Element, markup: str) -> bool:
    """Lists hold no words of their own, details none before and ruby none after their children."""
    words = list(_words_between(element, markup))
    if element.name == "details":
        return not words[0]
    if element.name == "ruby":
        return not words[-1]
    if element.name == "figure" and "figcaption" not in element.below:
        return True
    return not any(words)


def _words_between(element: Element, markup: str) -> Iterator[bool]:
    place = element.opened
    for child in element.children:
        yield not markup[place : child.start].isspace() and place < child.start
        place = child.closed
    yield not markup[place : element.closing].isspace() and place < element.closing


def _changes(element: Element) -> Iterator[tuple[int, int, str]]:
    if element.is_kept:
        if element.name == "table":
            yield from tables.without_wrong_spans(element)
        return
    # Words of two blocks never run together.
    between = "" if element.name in _FORMATTING or element.name in _TRANSPARENT else " "
    yield element.start, element.opened, between
    if element.closing < element.closed:
        yield element.closing, element.closed, between


def _changed(markup: str, changes: list[tuple[int, int, str]]) -> str:
    pieces = []
    done = 0
    for start, end, instead in changes:
        pieces += [markup[done:start], instead]
        done = end
    return "".join([*pieces, markup[done:]])
