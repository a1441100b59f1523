"""Hostile HTML becomes harmless HTML: an allow-list over a real parser (nh3), repeated until nothing changes.

What nh3 writes is regular: every element closed, every `<` and `>` in text and attributes escaped. The scanners
in `app.publishing.markdown` rely on that, and only ever read what came out of here.
"""

import html
import re
from collections import Counter
from urllib.parse import unquote

import nh3

from app.publishing.sentences import without_control_characters

PREFIX = "text-"
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TAG_NAMES = """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
    h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup table
    tbody td tfoot th thead tr u ul var wbr"""
_REMOVED_NAMES = """
    applet audio embed frameset head iframe math noembed noframes noscript object script select style svg template
    textarea title video xmp"""
_CLASS_NAMES = """
    align-center align-left align-right done footnote-backref footnote-item footnote-ref footnotes footnotes-list
    footnotes-sep remote task"""
_NEVER_NESTED_NAMES = """
    area br col dd dt embed hr img input li link meta option p source td th tr track wbr"""

TAGS = frozenset(_TAG_NAMES.split())
# Read from the raw text before they are rewritten; no page ever shows them.
DRAFT_TAGS = TAGS | {"h1", "input"}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
REMOVED_WITH_CONTENT = frozenset(_REMOVED_NAMES.split())
ATTRIBUTES = {
    "*": {"class", "dir", "id", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "loading"},
    "input": {"type", "checked"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "details": {"open"},
}
_CLASSES = frozenset(_CLASS_NAMES.split())
_LANGUAGE_CLASS = re.compile(r"language-[A-Za-z0-9+#_.-]{1,30}")
_VALUES = {
    "dir": re.compile(r"ltr|rtl|auto"),
    "lang": re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}"),
    "start": re.compile(r"-?\d{1,9}"),
    "value": re.compile(r"-?\d{1,9}"),
    "colspan": re.compile(r"[1-9]\d{0,2}"),
    "rowspan": re.compile(r"[1-9]\d{0,2}"),
    "width": re.compile(r"[1-9]\d{0,5}"),
    "height": re.compile(r"[1-9]\d{0,5}"),
    "loading": re.compile(r"lazy|eager"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "type": re.compile(r"[1aAiI]|checkbox"),
}
_NOT_IN_ID = re.compile(r"[^\w:.-]")

_SWALLOWING = "iframe|noembed|noframes|noscript|script|style|template|textarea|title|xmp"
_SWALLOWING_TAG = re.compile(rf"<(/?)({_SWALLOWING}|plaintext)(?=[\s/>])", re.IGNORECASE)
_ANY_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^<>"']++|"[^"]*+"|'[^']*+'|<)*+)""")
_ATTRIBUTE_EDGE = re.compile(r"""[\s/"'=]+""")
_NEVER_NESTED = frozenset(_NEVER_NESTED_NAMES.split())
MOST_OPEN_ELEMENTS = 200
MOST_ATTRIBUTE_PARTS = 3000
MOST_ENTITIES = 20_000
_MOST_PASSES = 6


class UnstableError(Exception):
    """The text reads differently each time it is parsed: nothing such is shown as HTML."""


def escaped_where_it_swallows(markup: str) -> str:
    """Tags after which a browser reads everything as text are shown as text when nothing closes them."""
    last_closing: dict[str, int] = {}
    for tag in _SWALLOWING_TAG.finditer(markup):
        if tag[1]:
            last_closing[tag[2].lower()] = tag.start()

    def keep_or_escape(tag: re.Match[str]) -> str:
        if tag[1] or last_closing.get(tag[2].lower(), -1) > tag.start():
            return tag[0]
        return "&lt;" + tag[0][1:]

    return _SWALLOWING_TAG.sub(keep_or_escape, markup)


def is_reasonable(markup: str) -> bool:
    """Whether a parser reads it in linear time.

    Thousands of elements left open, of attributes in one tag or of entities in a row make it quadratic.
    """
    if any(run.count("&") > MOST_ENTITIES for run in markup.split("<")):
        return False
    still_open: Counter[str] = Counter()
    depth = 0
    for closing, name, rest in _ANY_TAG.findall(markup):
        if len(rest) > MOST_ATTRIBUTE_PARTS and len(_ATTRIBUTE_EDGE.findall(rest)) > MOST_ATTRIBUTE_PARTS:
            return False
        tag = name.lower()
        if tag in _NEVER_NESTED or (closing and not still_open[tag]):
            continue
        still_open[tag] += -1 if closing else 1
        depth += -1 if closing else 1
        if depth > MOST_OPEN_ELEMENTS:
            return False
    return True


def draft(markup: str) -> str:
    """Well-formed HTML without anything active, its pictures not yet decided upon."""
    return _cleaned(markup, DRAFT_TAGS, SCHEMES | {"data"}, own_pictures=None)


def sanitised(markup: str, *, own_pictures: frozenset[str]) -> str:
    """HTML that is safe to show; only pictures whose URL is in `own_pictures` keep it."""
    for _ in range(_MOST_PASSES):
        cleaned = _cleaned(markup, TAGS, SCHEMES, own_pictures=own_pictures)
        if cleaned == markup:
            return cleaned
        markup = cleaned
    raise UnstableError


def plain_text(markup: str) -> str:
    bare = nh3.clean(markup, tags=set(), clean_content_tags=set(REMOVED_WITH_CONTENT), attributes={})
    return without_control_characters(html.unescape(bare))


def _cleaned(
    markup: str, tags: frozenset[str], schemes: frozenset[str], *, own_pictures: frozenset[str] | None
) -> str:
    cleaned = nh3.clean(
        markup,
        tags=tags,
        clean_content_tags=REMOVED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=_AttributeFilter(own_pictures),
        url_schemes=schemes,
        link_rel="nofollow noopener ugc",
    )
    return without_control_characters(cleaned)


class _AttributeFilter:
    """Decides on each attribute of one document; an id is given only once."""

    def __init__(self, own_pictures: frozenset[str] | None) -> None:
        self._own_pictures = own_pictures
        self._ids: set[str] = set()

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return self._unique(value)
        if name == "class":
            return " ".join(filter(_is_known_class, value.split())) or None
        if name == "href":
            return _prefixed("#", value[1:]) if value.startswith("#") else value.strip()
        if name == "src":
            return value if self._own_pictures is None or value in self._own_pictures else None
        pattern = _VALUES.get(name)
        return value if pattern is None or pattern.fullmatch(value) else None

    def _unique(self, value: str) -> str | None:
        prefixed = _prefixed("", value)
        if prefixed in self._ids:
            return None
        self._ids.add(prefixed)
        return prefixed


def _prefixed(mark: str, name: str) -> str:
    """Ids of the text live apart from those of the page."""
    bare = _NOT_IN_ID.sub("-", unquote(name))
    return mark + (bare if bare.startswith(PREFIX) else PREFIX + bare)


def _is_known_class(name: str) -> bool:
    return name in _CLASSES or bool(_LANGUAGE_CLASS.fullmatch(name))
