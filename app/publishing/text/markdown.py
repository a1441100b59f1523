"""Generated Markdown becomes a title, a body that is safe to show, and a summary."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

from app.publishing.text import body as bodies
from app.publishing.text import commonmark, excerpts, finishing, nesting, sanitising, sentences, structure
from app.publishing.text.pictures import LocalPicture, picture_tag

__all__ = ["LocalPicture", "RenderedText", "picture_tag", "render_markdown"]

LONGEST_SENTENCE = 80
_SHOWN = re.compile(r"<(?:img|hr)\b|(?:^|>)\s*[^<\s]")
_NO_PICTURES: Mapping[str, LocalPicture] = MappingProxyType({})
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class RenderedText:
    """What a page, a listing and a search need of a text.

    `placed` holds the sources of the pictures that the text itself shows; `remote_pictures` the addresses of those
    it wants and that are not among the given ones; `plain` all its words without the title.
    """

    title: str | None
    body: str
    excerpt: str
    placed: frozenset[str] = field(default_factory=frozenset)
    is_right_to_left: bool = False
    language: str | None = None
    plain: str = ""
    remote_pictures: tuple[str, ...] = ()


def render_markdown(
    text: str, *, pictures: Mapping[str, LocalPicture] = _NO_PICTURES, links: Mapping[str, str] = _NO_LINKS
) -> RenderedText:
    """Render hostile Markdown. `pictures` and `links` map addresses in the text to files of the site.

    Never raises for any text: what cannot be rendered at a fair cost is shown as plain paragraphs.
    """
    clean = sentences.without_control_characters(text)
    for draft in _drafts(clean):
        with suppress(sanitising.UnstableError):
            if _SHOWN.search(draft) or not clean.strip():
                return _rendered(draft, pictures, links)
    return _rendered(sanitising.draft(commonmark.plain_paragraphs(clean)), pictures, links)


def _drafts(text: str) -> Iterator[str]:
    """From what the author meant to what is certain to be seen."""
    mend = nesting.mended if commonmark.has_html(text) else str
    yield mend(sanitising.draft(commonmark.to_html(text)))
    yield mend(sanitising.draft(commonmark.to_html(text, raw_html=False)))


def _rendered(draft: str, pictures: Mapping[str, LocalPicture], links: Mapping[str, str]) -> RenderedText:
    heading, markup = _without_title(bodies.with_unique_ids(bodies.with_close_written_lines_joined(draft)))
    writer = bodies.BodyWriter(bodies.with_headings_below_the_title(markup), pictures, links)
    body = sanitising.sanitised(writer.written().lstrip())
    beginning = excerpts.beginning(body)
    title = heading or sentences.first_sentence(beginning, limit=LONGEST_SENTENCE)
    return RenderedText(
        title=title or None,
        body=finishing.finished(body, slots=writer.slots, own_links=frozenset(links.values())),
        excerpt=_excerpt(body, beginning, None if heading else title),
        placed=writer.placed,
        is_right_to_left=sentences.is_right_to_left(beginning),
        language=sentences.language_by_script(f"{title} {beginning}"),
        plain=excerpts.plain(body),
        remote_pictures=writer.remote_pictures,
    )


def _without_title(markup: str) -> tuple[str | None, str]:
    """The title, and the rest with the directions of its blocks marked."""
    blocks = structure.outermost_blocks(markup)
    title, place = structure.find_title(markup, blocks)
    start, end = place or (0, 0)
    kept = [block for block in blocks if not start <= block.start < end]
    return title, bodies.with_directions(markup, kept, without=(start, end))


def _excerpt(body: str, beginning: str, sentence: str | None) -> str:
    """`sentence` is the one that became the title, which the excerpt does not repeat."""
    marked = excerpts.marked(body)
    words, limit = (marked, excerpts.LONGEST_MARKED_EXCERPT) if marked else (beginning, excerpts.LONGEST_EXCERPT)
    if sentence:
        words = sentences.continued_after(sentence, words)
    return sentences.shortened(words, limit=limit)
