"""Generated Markdown becomes a title, a body that is safe to show, and a summary."""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import quote, unquote

from app.publishing import commonmark, sanitising, sentences

LONGEST_HEADING = 200
LONGEST_SENTENCE = 80
LONGEST_EXCERPT = 200

_ENOUGH = 20_000
_VOID = frozenset({"br", "col", "hr", "img", "input", "wbr"})
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
_REWRITTEN_TAG = re.compile(r"<(/?)(a|img|input|h[1-6])\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_PICTURE_SOURCE = re.compile(r'<img\b[^>]*? src="([^"]*)"')
_HEADING_LEVEL = re.compile(r"<h([1-6])\b")
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
_FOOTNOTE_REFERENCE = re.compile(r'<sup class="footnote-ref">.*?</sup>', re.DOTALL)
_FOOTNOTES = re.compile(r'<hr class="footnotes-sep"')
_TITLE_LINE = re.compile(
    r"\s*<p\b[^>]*>((?:(?!<p\b|<br|<img|<a\b|\n).){1,400}?)</p>\s*(?!<hr class=\"footnotes)(?=\S)"
)
_HAS_HOST = re.compile(r"\s*(//|[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_NO_PICTURES: Mapping[str, "LocalPicture"] = MappingProxyType({})
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class LocalPicture:
    """A picture of the site itself; `url` is relative to the page."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""


@dataclass(frozen=True)
class RenderedText:
    """`placed` holds the sources of the pictures that the text itself shows."""

    title: str | None
    body: str
    excerpt: str
    placed: frozenset[str] = field(default_factory=frozenset)
    is_right_to_left: bool = False
    language: str | None = None


def render_markdown(
    text: str, *, pictures: Mapping[str, LocalPicture] = _NO_PICTURES, links: Mapping[str, str] = _NO_LINKS
) -> RenderedText:
    """Render hostile Markdown. `pictures` and `links` map addresses in the text to files of the site.

    Never raises for any text: what cannot be rendered at a fair cost is shown as plain paragraphs.
    """
    clean = sentences.without_control_characters(text)
    for markup in _drafts(clean):
        with suppress(sanitising.UnstableError):
            if _shows_something(markup) or not clean.strip():
                return _rendered(markup, pictures, links)
    return _rendered(sanitising.draft(commonmark.plain_paragraphs(clean)), pictures, links)


def _drafts(text: str) -> Iterator[str]:
    """From what the author meant to what is certain to be seen."""
    yield sanitising.draft(commonmark.to_html(text))
    yield sanitising.draft(commonmark.to_html(text, raw_html=False))


def _rendered(markup: str, pictures: Mapping[str, LocalPicture], links: Mapping[str, str]) -> RenderedText:
    heading, markup = _without_title(markup)
    writer = _BodyWriter(markup, _by_every_name(pictures), links)
    own = frozenset(picture.url for picture in pictures.values())
    body = sanitising.sanitised(writer.written(), own_pictures=own)
    beginning = _beginning(body)
    title = heading or sentences.first_sentence(beginning, limit=LONGEST_SENTENCE)
    rest = beginning if heading else sentences.continued_after(title, beginning)
    return RenderedText(
        title=title or None,
        body=body,
        excerpt=sentences.shortened(rest, limit=LONGEST_EXCERPT),
        placed=frozenset(source for source in pictures if source in writer.placed),
        is_right_to_left=sentences.is_right_to_left(beginning),
        language=sentences.language_by_script(f"{title} {beginning}"),
    )


def _shows_something(markup: str) -> bool:
    if "<img" in markup or "<hr" in markup:
        return True
    return any(sanitising.plain_text(part).strip() for part in (markup[:_ENOUGH], markup[_ENOUGH:]))


# --- the title ---


def _without_title(markup: str) -> tuple[str | None, str]:
    """The title and the rest: the only `h1`, else a heading that opens the text, else an opening title line."""
    for start, end in _title_candidates(markup):
        words = sanitising.plain_text(_FOOTNOTE_REFERENCE.sub("", markup[start:end]))
        title = sentences.without_marks(sentences.on_one_line(words))
        if len(title) > LONGEST_HEADING:
            return sentences.shortened(title, limit=LONGEST_HEADING), markup
        if title:
            return title, markup[:start] + markup[end:]
    return None, markup


def _title_candidates(markup: str) -> Iterator[tuple[int, int]]:
    outermost = list(_outermost_headings(markup))
    of_first_level = [(start, end) for level, start, end in outermost if level == 1]
    if len(of_first_level) == 1:
        yield of_first_level[0]
    if outermost and not markup[: outermost[0][1]].strip():
        yield outermost[0][1:]
    line = _title_line(markup)
    if line:
        yield line


def _outermost_headings(markup: str) -> Iterator[tuple[int, int, int]]:
    depth = start = 0
    for tag in _TAG.finditer(markup):
        closing, name = tag[1], tag[2]
        if name in _VOID:
            continue
        depth += -1 if closing else 1
        if name not in sanitising.HEADINGS:
            continue
        if not closing and depth == 1:
            start = tag.start()
        if closing and depth == 0:
            yield int(name[1]), start, tag.end()


def _title_line(markup: str) -> tuple[int, int] | None:
    """A short first paragraph that ends no sentence and stands before more text is meant as a title."""
    line = _TITLE_LINE.match(markup)
    if not line:
        return None
    words = sanitising.plain_text(line[1]).strip()
    if not words or len(words) > LONGEST_SENTENCE or sentences.ends_a_sentence(words):
        return None
    return line.start(), line.end()


# --- the summary ---


def _paragraphs(body: str) -> Iterator[str]:
    """The text of each paragraph; where there is none, of the whole."""
    found = False
    for paragraph in _PARAGRAPH.finditer(_before_footnotes(body)):
        words = sentences.on_one_line(sanitising.plain_text(_FOOTNOTE_REFERENCE.sub("", paragraph[1])))
        if words:
            found = True
            yield words
    if not found:
        yield sentences.on_one_line(sanitising.plain_text(body[:_ENOUGH]))


def _before_footnotes(body: str) -> str:
    footnotes = _FOOTNOTES.search(body)
    return body[: footnotes.start()] if footnotes else body


def _beginning(body: str) -> str:
    beginning = ""
    for paragraph in _paragraphs(body):
        beginning = f"{beginning} {paragraph}".strip()
        if len(beginning) > 2 * LONGEST_EXCERPT:
            break
    return beginning


# --- the body ---


class _BodyWriter:
    """Rewrites a draft once: headings below the page's own, our pictures in place, other pictures as links."""

    def __init__(self, draft: str, pictures: Mapping[str, LocalPicture], links: Mapping[str, str]) -> None:
        self._draft = draft
        self._pictures = pictures
        self._links = links
        self._inside_link = False
        levels = sorted(set(_HEADING_LEVEL.findall(draft)))
        self._levels = {level: min(rank, 6) for rank, level in enumerate(levels, start=2)}
        sources = (html.unescape(source) for source in _PICTURE_SOURCE.findall(draft))
        shown = {picture.url for source in sources if (picture := self._find(source))}
        self.placed = frozenset(name for name, picture in pictures.items() if picture.url in shown)
        self._loading = "eager" if all(picture.url in shown for picture in pictures.values()) else "lazy"

    def written(self) -> str:
        return _REWRITTEN_TAG.sub(self._rewrite, self._draft)

    def _rewrite(self, tag: re.Match[str]) -> str:
        closing, name, attributes = tag.groups()
        if name == "a":
            self._inside_link = not closing
            return tag[0] if closing else self._link(attributes)
        if name == "img":
            return self._picture(_attributes(attributes))
        if name == "input":
            return "☑" if "checked" in attributes else "☐"
        return f"<{closing}h{self._levels[name[1]]}{attributes}>"

    def _link(self, attributes: str) -> str:
        target = self._links.get(_attributes(attributes).get("href", ""))
        return f'<a href="{html.escape(target)}">' if target else f"<a{attributes}>"

    def _picture(self, attributes: Mapping[str, str]) -> str:
        source = attributes.get("src", "")
        alt = sentences.on_one_line(attributes.get("alt", ""))
        picture = self._find(source)
        if picture is None:
            return self._instead_of_picture(source, alt)
        loading, self._loading = self._loading, "lazy"
        return picture_tag(picture, alt=alt or picture.alt, title=attributes.get("title"), loading=loading)

    def _find(self, source: str) -> LocalPicture | None:
        """By address, or by bare name where the text gives no host."""
        if source in self._pictures:
            return self._pictures[source]
        if _HAS_HOST.match(source):
            return None
        return self._pictures.get(_bare_name(source))

    def _instead_of_picture(self, source: str, alt: str) -> str:
        is_remote = source.lower().startswith(("http://", "https://"))
        words = html.escape(alt or (_bare_name(source)[:LONGEST_SENTENCE] or source if is_remote else ""))
        if self._inside_link or not is_remote:
            return words
        return f'<a href="{html.escape(source)}" class="remote">{words}</a>'


def picture_tag(picture: LocalPicture, *, alt: str, title: str | None = None, loading: str = "lazy") -> str:
    measures = {"width": picture.width, "height": picture.height}
    known = "".join(f' {name}="{value}"' for name, value in measures.items() if value)
    about = f' title="{html.escape(title)}"' if title else ""
    return f'<img src="{html.escape(picture.url)}" alt="{html.escape(alt)}"{about}{known} loading="{loading}">'


def _attributes(written: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(written)}


def _by_every_name(pictures: Mapping[str, LocalPicture]) -> dict[str, LocalPicture]:
    """Under the address as given, as percent-encoded, and under the bare file name."""
    names: dict[str, LocalPicture] = {}
    for source, picture in pictures.items():
        if not source.startswith("data:"):
            names.setdefault(_bare_name(source), picture)
            names[quote(source, safe="!#$%&'()*+,/:;=?@[]~")] = picture
        names[source] = picture
    names.pop("", None)
    return names


def _bare_name(address: str) -> str:
    return unquote(address.split("?", 1)[0].split("#", 1)[0].rsplit("/", 1)[-1])
