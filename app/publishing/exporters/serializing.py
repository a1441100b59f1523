"""A tree as Markdown that its dialect reads as it was meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.publishing.exporters.dialects import Dialect
from app.publishing.exporters.escaping import escaped, line_start_escaped
from app.publishing.exporters.inlines import InlineWriter, Place
from app.publishing.exporters.parsing import BLOCKS, MORE, Element, Node, elements, plain_text
from app.publishing.exporters.tables import rows_of, table

DEEPEST = 6
# Programs that read Markdown take a time that grows with the square of a paragraph.
LONGEST_PARAGRAPH = 10_000
_LONGEST_PIECE = 5_000
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_GREATEST_NUMBER = 999
# Where something must stand and nothing is to be seen.
_NOTHING = "&#8203;"


class Kind(StrEnum):
    PARAGRAPH = "paragraph"
    LIST = "list"
    QUOTE = "quote"
    CODE = "code"
    OTHER = "other"


# Neighbours that a reader may take for one.
_MERGING = {(Kind.LIST, Kind.LIST), (Kind.QUOTE, Kind.QUOTE), (Kind.LIST, Kind.CODE)}


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    kind: Kind = Kind.OTHER


class BlockWriter:
    """Headings begin at the second level: the first is the page's title."""

    def __init__(self, dialect: Dialect, inlines: InlineWriter) -> None:
        self._dialect = dialect
        self._inlines = inlines
        self._levels: dict[str, int] = {}

    def written(self, root: Element) -> str:
        present = {element.name for element in elements(root.children)}
        self._levels = {
            name: min(rank, 6) for rank, name in enumerate(filter(present.__contains__, _HEADINGS), start=2)
        }
        return self._joined(self._blocks(root.children, 0))

    def _joined(self, blocks: Sequence[Block]) -> str:
        pieces: list[str] = []
        for before, block in zip([None, *blocks], blocks, strict=False):
            if before and (before.kind, block.kind) in _MERGING and self._dialect.separator:
                pieces.append(self._dialect.separator)
            pieces.append(block.text)
        return "\n\n".join(pieces)

    def _blocks(self, nodes: Sequence[Node], depth: int) -> list[Block]:
        blocks: list[Block] = []
        run: list[Node] = []
        alternate = False
        for node in nodes:
            if isinstance(node, str) or node.name not in BLOCKS | {MORE}:
                run.append(node)
                continue
            blocks += self._paragraphs(run)
            run = []
            alternate = bool(blocks) and blocks[-1].kind is Kind.LIST and not alternate
            blocks += self._block(node, depth, alternate=alternate)
        return [*blocks, *self._paragraphs(run)]

    def _block(self, element: Element, depth: int, *, alternate: bool) -> Iterator[Block]:
        if element.name == "p":
            yield from self._paragraphs(element.children)
        elif element.name in self._levels:
            yield from self._heading(element)
        elif element.name in {"ul", "ol"}:
            yield from self._list(element, depth, alternate=alternate)
        elif element.name == "pre":
            yield self._code(element, depth)
        elif element.name == "table":
            yield from self._table(element)
        else:
            yield from self._container(element, depth)

    def _container(self, element: Element, depth: int) -> Iterator[Block]:
        name = element.name
        if name == MORE:
            yield Block(self._dialect.more)
        elif name == "hr":
            yield Block("* * *")
        elif name == "blockquote" and depth < DEEPEST:
            text = self._joined(self._blocks(element.children, depth + 1))
            lines = (f"> {line}" if line else ">" for line in text.split("\n"))
            yield Block("\n".join(lines), Kind.QUOTE)
        elif name in {"dt", "summary"}:
            yield from self._paragraphs([Element("strong", children=element.children)])
        elif element.attributes.get("class") == "footnotes":
            yield Block("* * *")
            yield from self._blocks(element.children, depth)
        else:
            yield from self._blocks(element.children, depth)

    def _paragraphs(self, nodes: Sequence[Node]) -> Iterator[Block]:
        text = self._inlines.written(nodes, Place())
        if len(text) > LONGEST_PARAGRAPH:
            yield from self._taken_apart(nodes)
        elif text:
            lines = (line_start_escaped(line.lstrip()) for line in text.split("\n"))
            yield Block("\n".join(line for line in lines if line.strip()), Kind.PARAGRAPH)

    def _taken_apart(self, nodes: Sequence[Node]) -> Iterator[Block]:
        """The words of a long paragraph in several, without marks; then its pictures."""
        for piece in _pieces(" ".join(plain_text(nodes).split())):
            yield Block(line_start_escaped(escaped(piece)), Kind.PARAGRAPH)
        for picture in (element for element in elements(nodes) if element.name == "img"):
            text = self._inlines.written([picture], Place())
            if 0 < len(text) <= LONGEST_PARAGRAPH:
                yield Block(text, Kind.PARAGRAPH)

    def _heading(self, element: Element) -> Iterator[Block]:
        text = self._inlines.written(element.children, Place(on_one_line=True))
        if len(text) > LONGEST_PARAGRAPH:
            yield from self._taken_apart(element.children)
        elif text:
            closing = f"{text[:-1]}&#35;" if text.endswith("#") else text
            yield Block(f"{'#' * self._levels[element.name]} {closing}")

    def _code(self, element: Element, depth: int) -> Block:
        names = next(
            (child.attributes.get("class", "") for child in element.children if isinstance(child, Element)), ""
        )
        language = names.removeprefix("language-") if names.startswith("language-") else ""
        code = plain_text(element.children)
        return Block(self._dialect.code_block(code, language, depth > 0), Kind.CODE if depth else Kind.OTHER)

    def _table(self, element: Element) -> Iterator[Block]:
        captions = (child for child in element.children if isinstance(child, Element) and child.name == "caption")
        for caption in captions:
            yield from self._paragraphs(caption.children)
        text = table(element, lambda nodes: self._inlines.written(nodes, Place(in_cell=True, on_one_line=True)))
        if text:
            yield Block(text)
            return
        for row in rows_of(element):
            yield from self._paragraphs(row.children)

    # --- lists ---

    def _list(self, element: Element, depth: int, *, alternate: bool) -> Iterator[Block]:
        items = list(_items(element))
        start = _number(element.attributes.get("start", "1"))
        if depth >= DEEPEST or start + len(items) > _GREATEST_NUMBER:
            for number, item in enumerate(items, start=start):
                lead = [f"{number}. "] if element.name == "ol" else []
                yield from self._blocks([*lead, *_unwrapped(item.children)], depth)
            return
        marks = self._dialect.ordered_marks[alternate]
        is_loose = any(_is_loose(item) for item in items)
        texts = [
            self._item(
                item, f"{number}{marks}" if element.name == "ol" else "-*"[alternate], depth, is_loose=is_loose
            )
            for number, item in enumerate(items, start=start)
        ]
        if texts:
            yield Block(("\n\n" if is_loose else "\n").join(texts), Kind.LIST)

    def _item(self, item: Element, mark: str, depth: int, *, is_loose: bool) -> str:
        blocks = self._blocks(item.children, depth + 1)
        if not blocks or blocks[0].kind is not Kind.PARAGRAPH:
            blocks.insert(0, Block(_NOTHING, Kind.PARAGRAPH))
        text = self._joined(blocks) if is_loose else "\n".join(block.text for block in blocks)
        width = max(4, len(mark) + 1)
        lines = [f"{' ' * width}{line}" if line else "" for line in text.split("\n")]
        return mark.ljust(width) + lines[0][width:] + "".join(f"\n{line}" for line in lines[1:])


def _items(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element) and child.name == "li":
            yield child
        elif isinstance(child, Element) or child.strip():
            yield Element("li", children=[child])


def _is_loose(item: Element) -> bool:
    inner = [child.name for child in item.children if isinstance(child, Element)]
    return any(name in BLOCKS and name not in {"ul", "ol"} for name in inner)


def _unwrapped(nodes: Sequence[Node]) -> Sequence[Node]:
    """The first paragraph's text itself, so that a number can stand before it."""
    for at, node in enumerate(nodes):
        if isinstance(node, Element):
            if node.name == "p":
                return [*node.children, Element("div", children=list(nodes[at + 1 :]))]
            break
    return nodes


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 1


def _pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _LONGEST_PIECE):
        yield text[start : start + _LONGEST_PIECE].strip()
