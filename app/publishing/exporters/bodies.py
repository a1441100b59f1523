"""An article's body as Markdown: its prompt, its pictures, its text and its files."""

import re
from collections.abc import Iterable, Iterator, Sequence

from app.publishing.addresses import relative_url
from app.publishing.exporters import parsing
from app.publishing.exporters.dialects import Dialect
from app.publishing.exporters.inlines import InlineWriter
from app.publishing.exporters.parsing import MORE, Element, Node, elements, plain_text
from app.publishing.exporters.serializing import BlockWriter
from app.publishing.model import Article, Attachment, Picture, ShownPrompt
from app.publishing.text import sentences
from app.publishing.text.pictures import FileIndex


def article_body(
    article: Article, dialect: Dialect, *, page: str, title: str, excerpt_with_pictures: bool = True
) -> str:
    """Without the title. Links to files of the site are relative to `page`.

    Without `excerpt_with_pictures`, an excerpt that would show one has no end, so that lists use the summary.
    """
    text = _without_title(parsing.parse(article.text, may_mark_excerpt=True), title)
    shelf = _Shelf(article, page)
    shelf.note_placed(text)
    body = Element("body", children=[*_lead(article, shelf), *text.children, *_files(article.files, shelf)])
    _keep_one_marker(body, excerpt_with_pictures)
    return markdown(body, dialect, shelf)


def markdown(body: Element, dialect: Dialect, shelf: "_Shelf | None" = None) -> str:
    """A tree as Markdown; without a shelf, none of its pictures and files are ours."""
    known = shelf or _Shelf()
    return BlockWriter(dialect, InlineWriter(dialect, known.find_picture, known.find_file)).written(body)


class _Shelf:
    """The files of an article under every name by which its text may ask for them."""

    def __init__(self, article: Article | None = None, page: str = "") -> None:
        self._page = page
        self.placed: set[str] = set()
        shown = article.prompt if article and article.prompt else ShownPrompt("")
        pictures = (*article.pictures, *shown.pictures) if article else ()
        files = (*article.files, *shown.files) if article else ()
        self._pictures = _index_of(pictures)
        self._files = _index_of(files)

    def find_picture(self, source: str) -> str | None:
        return self._local(self._pictures.find(source))

    def find_file(self, address: str) -> str | None:
        return self._local(self._files.find(address))

    def note_placed(self, root: Element) -> None:
        """Remember what the text shows or links by itself."""
        for element in elements(root.children):
            attribute, names = ("src", self._pictures) if element.name == "img" else ("href", self._files)
            path = names.find(element.attributes.get(attribute, ""))
            if path is not None:
                self.placed.add(path)

    def _local(self, path: str | None) -> str | None:
        if path is None:
            return None
        return relative_url(self._page, path).replace("(", "%28").replace(")", "%29").replace("_", "%5F")


def _lead(article: Article, shelf: _Shelf) -> Iterator[Node]:
    if article.prompt:
        yield from _prompt(article.prompt)
    for picture in article.pictures:
        if picture.path not in shelf.placed:
            yield _shown(picture)


def _prompt(prompt: ShownPrompt) -> Iterator[Element]:
    files = [_linked(file) for file in prompt.files]
    children: list[Node] = [*parsing.paragraphs(prompt.text), *map(_shown, prompt.pictures)]
    children += [Element("ul", children=[*files])] if files else []
    if children:
        yield Element("blockquote", children=children)


def _files(files: Sequence[Attachment], shelf: _Shelf) -> Iterator[Element]:
    links: list[Node] = [_linked(file) for file in files if file.path not in shelf.placed]
    if links:
        yield Element("ul", children=links)


def _shown(picture: Picture) -> Element:
    return Element("p", children=[Element("img", {"src": picture.path, "alt": picture.alt})])


def _linked(file: Attachment) -> Element:
    return Element("li", children=[Element("a", {"href": file.path}, [file.name])])


# --- the title and the end of the excerpt ---


def _without_title(root: Element, title: str) -> Element:
    """What the text says first, or its only heading of the first level, is not said again below the title."""
    blocks = [node for node in root.children if isinstance(node, Element) and node.name != MORE]
    first_level = [node for node in blocks if node.name == "h1"]
    candidates = [*(first_level if len(first_level) == 1 else []), *blocks[:1]]
    for node in candidates:
        is_heading = re.fullmatch(r"h[1-6]", node.name)
        if (is_heading or (node.name == "p" and len(blocks) > 1)) and _says(node, title):
            return Element(root.name, children=[child for child in root.children if child is not node])
    return root


def _says(node: Element, title: str) -> bool:
    heard = [child for child in node.children if isinstance(child, str) or child.name != "sup"]
    words = sentences.without_marks(sentences.on_one_line(plain_text(heard)))
    return words == sentences.without_marks(sentences.on_one_line(title))


def _keep_one_marker(body: Element, with_pictures: bool) -> None:
    """The first marker that has something before and after it; no other."""
    kept: list[Node] = []
    is_over = False
    for at, node in enumerate(body.children):
        if not isinstance(node, Element) or node.name != MORE:
            kept.append(node)
            continue
        is_useful = _has_content(kept) and _has_content(body.children[at + 1 :])
        if is_useful and not is_over and (with_pictures or not _has_picture(kept)):
            kept.append(node)
        is_over = is_over or is_useful
    body.children = kept


def _has_content(nodes: Iterable[Node]) -> bool:
    return any(node.name != MORE if isinstance(node, Element) else bool(node.strip()) for node in nodes)


def _has_picture(nodes: Iterable[Node]) -> bool:
    return any(element.name == "img" for element in elements(nodes))


def _index_of(stored: Iterable[Picture | Attachment]) -> FileIndex[str]:
    """Their paths, by every name and by themselves."""
    index: FileIndex[str] = FileIndex()
    for file in stored:
        index.add(file.source, file.path)
        index.add_exactly(file.path, file.path)
    return index
