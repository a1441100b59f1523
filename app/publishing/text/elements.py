"""The elements of HTML, by what they do to the words around them."""

import re

_KNOWN_NAMES = """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn
    dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5
    h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee math
    menu meta meter nav nobr noembed noframes noscript object ol optgroup option output p param picture
    plaintext pre progress q rp rt ruby s samp script search section select slot small source span strike
    strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt
    u ul var video wbr xmp"""
_VOID_NAMES = """
    area base basefont bgsound br col embed frame hr img input link meta param source track wbr"""
_UNWRAPPED_NAMES = """
    applet audio canvas frameset head iframe math noembed noframes noscript object optgroup option plaintext select
    svg template textarea title video xmp"""

KNOWN = frozenset(_KNOWN_NAMES.split())
VOID = frozenset(_VOID_NAMES.split())
VISIBLE_WITHOUT_ATTRIBUTES = frozenset({"br", "hr", "wbr"})
# What is in these is no part of the text.
HIDDEN = frozenset({"script", "style"})
HIDDEN_TAG = re.compile(r"<(/?)(script|style|head)\b[^<>]*>", re.IGNORECASE)
# Shown by no page, though the words in them are; parsers would leave those out, or read them as something else.
UNWRAPPED = frozenset(_UNWRAPPED_NAMES.split())
# In these any name may be an element.
FOREIGN = frozenset({"math", "svg"})
# Of no meaning to any parser: the sanitiser takes it away and leaves what is in it.
NEUTRAL = "x-text"
CLOSED_BY_PARENT = {
    "colgroup": ("table",),
    "dd": ("dl",),
    "dt": ("dl",),
    "li": ("ul", "ol", "menu", "dir"),
    "optgroup": ("select",),
    "option": ("select", "datalist"),
    "rp": ("ruby",),
    "rt": ("ruby",),
    "tbody": ("table",),
    "td": ("table",),
    "tfoot": ("table",),
    "th": ("table",),
    "thead": ("table",),
    "tr": ("table",),
}
