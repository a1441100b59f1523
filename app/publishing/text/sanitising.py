"""Hostile HTML becomes harmless HTML: an allow-list over a real parser (nh3), repeated until nothing changes.

What nh3 writes is regular: every element closed, every `<` and `>` in text and attributes escaped. The scanners
beside this module rely on that, and only ever read what came out of here.
"""

import html
import re
from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote

import nh3

from app.publishing.text.links import valid_link
from app.publishing.text.sentences import without_control_characters

PREFIX = "text-"
REL = "nofollow noopener ugc"
_TAG_NAMES = """
    a abbr b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em figcaption figure
    h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup table
    tbody td tfoot th thead tr u ul var wbr"""
_REMOVED_NAMES = """
    applet audio embed frameset head iframe math noembed noframes noscript object script select style svg template
    textarea title video xmp"""
_CLASS_NAMES = """
    align-center align-left align-right block done footnote-backref footnote-ref footnotes math more remote task"""
_NEVER_NESTED_NAMES = """
    area br col dd dt embed hr img input li link meta option p source td th tr track wbr"""

# Of the thousands that are registered: a page must not name one that is not.
_LANGUAGES = """
    af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja jv ka kk
    km kn ko ku ky la lb lo lt lv mk ml mn mr ms my ne nl no pa pl ps pt ro ru sa si sk sl sq sr sv sw ta te tg th
    tk tl tr tt ug uk ur uz vi yi yo zh zu"""
_REGIONS = "AR AT AU BE BR CA CH CN DE EG ES FR GB HK Hans Hant IN IT JP KR MX NL PT RU TW US"

TAGS = frozenset(_TAG_NAMES.split())
# Read from the raw text before they are rewritten; no page ever shows them.
DRAFT_TAGS = TAGS | {"h1", "input"}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
REMOVED_WITH_CONTENT = frozenset(_REMOVED_NAMES.split())
ATTRIBUTES = {
    "*": {"class", "dir", "id", "lang", "title"},
    "a": {"href"},
    # The pictures of the site are put in afterwards, by number: no text ever chooses what a page loads.
    "img": {"alt"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "details": {"open"},
}
DRAFT_ATTRIBUTES = ATTRIBUTES | {"img": {"alt", "src"}, "input": {"type", "checked"}}
_CLASSES = frozenset(_CLASS_NAMES.split())
_LANGUAGE_CLASS = re.compile(r"language-[A-Za-z0-9+#_.-]{1,30}")
_NUMBERINGS = frozenset("1aAiI")
_VALUES = {
    "dir": re.compile(r"ltr|rtl|auto"),
    "lang": re.compile(f"(?:{'|'.join(_LANGUAGES.split())})(?:-(?:{'|'.join(_REGIONS.split())}))?"),
    "start": re.compile(r"-?\d{1,9}"),
    "colspan": re.compile(r"[1-9]\d{0,2}"),
    "rowspan": re.compile(r"[1-9]\d{0,2}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
}
_NOT_IN_ID = re.compile(r"[^\w:.-]")

_ANY_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^<>"']++|"[^"]*+"|'[^']*+'|<)*+)""")
_ATTRIBUTE_EDGE = re.compile(r"""[\s/"'=]+""")
_NEVER_NESTED = frozenset(_NEVER_NESTED_NAMES.split())
MOST_OPEN_ELEMENTS = 200
MOST_ATTRIBUTE_PARTS = 3000
MOST_ENTITIES = 20_000
_MOST_PASSES = 6

_TAG = re.compile(r"<[^>]*>")
_LINE_END = re.compile(
    r"<br>|</(?:blockquote|caption|d[dtl]|div|figcaption|h[1-6]|li|p|pre|summary|t[dhr])>(?!\n)"
)


class UnstableError(Exception):
    """The text reads differently each time it is parsed: nothing such is shown as HTML."""


def is_reasonable(markup: str, *, is_generated: bool = False) -> bool:
    """Whether a parser reads it in linear time.

    Thousands of elements left open, of attributes in one tag or of entities in a row make it quadratic. In markup
    `is_generated` from a text without a tag, only elements can be too many.
    """
    if markup.count("&") > MOST_ENTITIES and any(run.count("&") > MOST_ENTITIES for run in markup.split("<")):
        return False
    if is_generated and markup.count("<") - markup.count("</") <= MOST_OPEN_ELEMENTS:
        return True
    return _is_shallow(markup)


def _is_shallow(markup: str) -> bool:
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
    return without_control_characters(_DRAFT.clean(markup))


def sanitised(markup: str) -> str:
    """HTML that is safe to show and that no parser reads differently.

    `markup` is a draft, rewritten by us: each value in it was decided upon. When the gate finds nothing to change
    that is proof enough; anything else is decided upon anew until two passes agree.
    """
    if _GATE.clean(markup) == markup:
        return markup
    for _ in range(_MOST_PASSES):
        cleaned = without_control_characters(_STRICT_GATE.clean(markup))
        if cleaned == markup:
            return cleaned
        markup = cleaned
    raise UnstableError


def plain_text(markup: str) -> str:
    """The words of something that came out of here, each block and each cell on a line of its own."""
    return html.unescape(_TAG.sub("", _LINE_END.sub("\n", markup)))


def _decided_attribute(tag: str, name: str, value: str) -> str | None:
    """The value an attribute is left with. Deciding again changes nothing."""
    if name == "class":
        return " ".join(filter(_is_known_class, value.split())) or None
    if name == "href":
        return _prefixed("#", value[1:]) if value.startswith("#") else valid_link(value)
    if name == "id":
        return _prefixed("", value)
    if name == "type" and tag == "ol":
        return value if value in _NUMBERINGS else None
    pattern = _VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None


def _prefixed(mark: str, name: str) -> str:
    """Ids of the text live apart from those of the page."""
    bare = _NOT_IN_ID.sub("-", unquote(name))
    return mark + (bare if bare.startswith(PREFIX) else PREFIX + bare)


def _is_known_class(name: str) -> bool:
    return name in _CLASSES or bool(_LANGUAGE_CLASS.fullmatch(name))


def _cleaner(
    tags: frozenset[str],
    attributes: dict[str, set[str]],
    schemes: frozenset[str],
    decide: Callable[[str, str, str], str | None] | None,
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(REMOVED_WITH_CONTENT),
        attributes=attributes,
        attribute_filter=decide,
        url_schemes=set(schemes),
        link_rel=REL,
    )


_DRAFT = _cleaner(DRAFT_TAGS, DRAFT_ATTRIBUTES, SCHEMES | {"data"}, _decided_attribute)
_STRICT_GATE = _cleaner(TAGS, ATTRIBUTES, SCHEMES, _decided_attribute)
_GATE = _cleaner(TAGS, ATTRIBUTES, SCHEMES, None)
