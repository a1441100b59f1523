"""What stands in a line, as Markdown."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.publishing.exporters.dialects import Dialect
from app.publishing.exporters.escaping import escaped, web_address
from app.publishing.exporters.formulas import formula
from app.publishing.exporters.parsing import BLOCKS, Element, Node, plain_text

_MARKS = {"b": "strong", "cite": "em", "dfn": "em", "i": "em", "s": "del", "strike": "del", "var": "em"}
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_RAISED = str.maketrans("0123456789+-=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SPACES = re.compile(r"\s+")
_CLOSE_WRITTEN = re.compile(
    "(?<=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])\\n(?=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])"
)
_APART = "&#8288;"
_PLAIN_ADDRESS = re.compile(r"[\w:/.?=%-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """What a piece of text stands in."""

    marks: frozenset[str] = frozenset()
    in_cell: bool = False
    on_one_line: bool = False
    in_link: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece that is marked begins and ends with marks that must be seen as such."""

    text: str
    is_marked: bool = False
    edges: tuple[str, str] = ("", "")


class InlineWriter:
    """`find_picture` and `find_file` give the local address of what the text asks for, or None."""

    def __init__(
        self,
        dialect: Dialect,
        find_picture: Callable[[str], str | None],
        find_file: Callable[[str], str | None],
    ) -> None:
        self._dialect = dialect
        self._find_picture = find_picture
        self._find_file = find_file

    def written(self, nodes: Sequence[Node], place: Place) -> str:
        """Stripped at both ends; a line end is two spaces and a newline."""
        return _joined(list(self._pieces(nodes, place))).strip()

    def _pieces(self, nodes: Iterable[Node], place: Place) -> Iterator[_Piece]:
        for node in nodes:
            if isinstance(node, str):
                yield _Piece(escaped(_SPACES.sub(" ", _CLOSE_WRITTEN.sub("", node))))
            else:
                yield from self._element(node, place)

    def _element(self, element: Element, place: Place) -> Iterator[_Piece]:
        name = _MARKS.get(element.name, element.name)
        if name in {"em", "strong", "del"}:
            yield from self._marked(name, element, place)
        elif name in _CODE:
            yield from self._code(element, place)
        elif name == "a":
            yield from self._link(element, place)
        elif name == "img":
            yield from self._picture(element, place)
        else:
            yield from self._other(element, place)

    def _other(self, element: Element, place: Place) -> Iterator[_Piece]:
        if element.name == "br":
            yield _Piece(self._line_end(place))
        elif element.name == "input":
            yield _Piece("☑" if "checked" in element.attributes else "☐")
        elif element.name in {"sup", "sub"}:
            shift = _RAISED if element.name == "sup" else _LOWERED
            yield _Piece(escaped(plain_text(element.children).translate(shift)))
        elif "math" in (classes := element.attributes.get("class", "").split()):
            text, display = plain_text(element.children), "block" in classes
            yield _Piece(formula(text, display=display) or self._dialect.code_span(_flat(text), place.in_cell))
        elif element.name in BLOCKS:
            yield from (_Piece(" "), *self._pieces(element.children, place), _Piece(" "))
        else:
            yield from self._pieces(element.children, place)

    def _line_end(self, place: Place) -> str:
        if place.in_cell:
            return self._dialect.line_end_in_cell
        return " " if place.on_one_line else "  \n"

    def _marked(self, name: str, element: Element, place: Place) -> Iterator[_Piece]:
        if name in place.marks:
            yield from self._pieces(element.children, place)
            return
        inside = _joined(list(self._pieces(element.children, replace(place, marks=place.marks | {name}))))
        content = inside.strip()
        if not content:
            yield _Piece(" " if inside else "")
            return
        opening, closing = {"em": ("*", "*"), "strong": ("**", "**")}.get(name, self._dialect.struck)
        yield _Piece(" " if inside[0].isspace() else "")
        yield _Piece(f"{opening}{content}{closing}", is_marked=True, edges=(content[0], content[-1]))
        yield _Piece(" " if inside[-1].isspace() else "")

    def _code(self, element: Element, place: Place) -> Iterator[_Piece]:
        code = _flat(plain_text(element.children))
        if code:
            yield _Piece(self._dialect.code_span(code, place.in_cell), is_marked=True)

    def _link(self, element: Element, place: Place) -> Iterator[_Piece]:
        if "backref" in element.attributes.get("class", ""):
            return
        address = element.attributes.get("href", "")
        target = None if place.in_link else self._find_file(address) or web_address(address)
        content = _joined(list(self._pieces(element.children, replace(place, in_link=True)))).strip()
        if target is None or not content:
            yield from self._pieces(element.children, place)
        elif target == plain_text(element.children) and _PLAIN_ADDRESS.fullmatch(target):
            yield _Piece(f"<{target}>" if target.startswith("http") else f"[{content}]({target})")
        else:
            yield _Piece(f"[{content}]({target})")

    def _picture(self, element: Element, place: Place) -> Iterator[_Piece]:
        source, alt = element.attributes.get("src", ""), _flat(element.attributes.get("alt", ""))
        local = self._find_picture(source)
        if local is not None:
            yield _Piece(f"![{escaped(alt)}]({local})")
            return
        remote = None if source.startswith("data:") or place.in_link else web_address(source)
        words = escaped(alt) or (escaped(html.unescape(remote)) if remote else "")
        yield _Piece(f"[{words}]({remote})" if remote else words)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _joined(pieces: Sequence[_Piece]) -> str:
    """Marks are only seen as such beside spaces or punctuation when what they mark begins or ends with some."""
    kept = [piece for piece in pieces if piece.text]
    texts = [piece.text for piece in kept]
    for at, piece in enumerate(kept):
        if not piece.is_marked:
            continue
        if at and kept[at - 1].is_marked:
            texts[at] = _APART + texts[at]
        if at and _hides_mark(piece.edges[0], texts[at - 1][-1]):
            texts[at - 1] = texts[at - 1][:-1] + _referenced(texts[at - 1][-1])
        if at + 1 < len(kept) and _hides_mark(piece.edges[1], texts[at + 1][0]):
            texts[at + 1] = _referenced(texts[at + 1][0]) + texts[at + 1][1:]
    return "".join(texts)


def _hides_mark(inside: str, outside: str) -> bool:
    return bool(inside) and not inside.isalnum() and outside.isalnum()


def _referenced(character: str) -> str:
    return f"&#{ord(character)};"
