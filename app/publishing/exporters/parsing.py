"""Generated Markdown becomes a small tree of what it says, whatever it tries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from app.publishing.text import commonmark, costs, excerpts, sanitising, sentences

_MOST_DEPTH = 60

_BLOCK_NAMES = """
    address article aside blockquote center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header
    hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul caption"""
_INLINE_NAMES = """
    a b br cite code del dfn em i img input kbd q s samp span strike strong sub sup tt var wbr"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
_TAGS = BLOCKS | frozenset(_INLINE_NAMES.split())
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_ATTRIBUTES = {
    "a": {"href", "class"},
    "code": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "title"},
    "input": {"checked", "type"},
    "ol": {"start"},
    "span": {"class"},
    "sup": {"class"},
    "td": {"class"},
    "th": {"class"},
    "wbr": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "data"}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(sanitising.REMOVED_WITH_CONTENT),
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel=None,
)

MORE = "more"


@dataclass(slots=True)
class Element:
    """A node of the tree. One named `more` is the place where an excerpt ends."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)


Node = Element | str


def parse(text: str, *, may_mark_excerpt: bool = False) -> Element:
    """Never raises: what cannot be read at a fair cost becomes plain paragraphs.

    With `may_mark_excerpt`, the end of an excerpt is marked where the text does not do so itself.
    """
    clean = sentences.without_control_characters(text)
    # First of all the marks are told from the text: a marker would end a comment that nothing else ends.
    source = excerpts.with_more_marker(commonmark.with_text_marked(clean)) if may_mark_excerpt else clean
    root = _tree(commonmark.to_html(source))
    if clean.strip() and not _shows_something(root):
        return _tree(commonmark.to_html(clean, raw_html=False))
    return root


def paragraphs(text: str) -> Iterator[Element]:
    """The text as it stands: a paragraph for each, with its line ends."""
    for part in costs.paragraphs(sentences.without_control_characters(text)):
        lines = [line for line in part.splitlines() if line.strip()]
        children: list[Node] = [node for line in lines for node in (Element("br"), line)]
        if children:
            yield Element("p", children=children[1:])


def elements(nodes: Iterable[Node]) -> Iterator[Element]:
    """All of them, each before what it holds."""
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from elements(node.children)


def plain_text(nodes: Sequence[Node]) -> str:
    return "".join(node if isinstance(node, str) else plain_text(node.children) for node in nodes)


def _shows_something(root: Element) -> bool:
    return bool(plain_text(root.children).strip()) or any(
        element.name in {"img", "hr"} for element in elements(root.children)
    )


def _tree(markup: str) -> Element:
    builder = _TreeBuilder()
    builder.feed(_CLEANER.clean(markup))
    builder.close()
    return builder.root


class _TreeBuilder(HTMLParser):
    """Reads what nh3 wrote, where every element is closed; what is nested too deep stands beside its parent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("body")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        parent = self._open[-1]
        if tag == "wbr":
            self._mark_excerpt(element)
        elif tag in _VOID:
            parent.children.append(element)
        elif len(self._open) > _MOST_DEPTH:
            self._open.append(parent)
        else:
            parent.children.append(element)
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _mark_excerpt(self, mark: Element) -> None:
        if len(self._open) == 1 and mark.attributes.get("class") == MORE:
            self.root.children.append(Element(MORE))
