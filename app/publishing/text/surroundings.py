"""What each `<` of a Markdown text stands in: code, the address of a link, or neither."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_START, _END = "\ufdd1", "\ufdd2"
_ADDRESS_START = re.compile(r"\](?:\([ \t]{0,9}\n?[ \t]{0,9}|:[ \t]{0,9}\n?[ \t]{0,9})<")
_MARKED = re.compile(r"<(?=[A-Za-z/!?])|(?<=--)>")
_FOUND = re.compile(rf"<(/?)(?:code|pre)\b[^>]*>|{_START}(\d+){_END}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The places of `<`, and of `>` at the end of a comment, that are no HTML whatever follows them."""

    code: frozenset[int]
    addresses: frozenset[int]


def surroundings_of(text: str, render: Callable[[str], str]) -> Surroundings:
    """`render` makes HTML of the text with a number in the place of each `<`: where the number ends up tells."""
    addresses = {found.end() - 1 for found in _ADDRESS_START.finditer(text)}
    places = [found.start() for found in _MARKED.finditer(text)]
    seen: set[int] = set()
    code: set[int] = set()
    depth = 0
    for found in _FOUND.finditer(render(_numbered(text, places, addresses))):
        if not found[2]:
            depth += -1 if found[1] else 1
            continue
        place = places[int(found[2])]
        seen.add(place)
        if depth:
            code.add(place)
    return Surroundings(frozenset(code), frozenset(addresses.difference(seen).intersection(places)))


def _numbered(text: str, places: list[int], addresses: set[int]) -> str:
    pieces = []
    done = 0
    for number, place in enumerate(places):
        # One that opens the address of a link must be there to do so.
        kept = "<" if place in addresses else ""
        pieces += [text[done:place], kept, _START, str(number), _END]
        done = place + 1
    return "".join([*pieces, text[done:]])
