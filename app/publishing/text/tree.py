"""The elements of sanitised markup, with the places of their tags."""

import re
from dataclasses import dataclass, field

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})


@dataclass(eq=False, slots=True)
class Element:
    """An element, and what `nesting` finds out about it."""

    name: str
    start: int
    opened: int
    attributes: str
    parent: "Element | None"
    closing: int
    closed: int
    children: list["Element"] = field(default_factory=list)
    below: frozenset[str] = frozenset()
    is_kept: bool = True
    holds_phrasing: bool = False
    refuses_headings: bool = False


def all_elements(markup: str) -> list[Element]:
    """In the order in which they open, parents before children."""
    elements: list[Element] = []
    parent: Element | None = None
    for tag in _TAG.finditer(markup):
        closing, name, attributes = tag.groups()
        if closing:
            if parent:
                parent.closing, parent.closed = tag.span()
                parent = parent.parent
            continue
        element = Element(name, tag.start(), tag.end(), attributes, parent, tag.end(), tag.end())
        elements.append(element)
        if parent:
            parent.children.append(element)
        if name not in _VOID:
            parent = element
    return elements
