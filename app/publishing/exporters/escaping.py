"""Text and addresses as Markdown in which nothing means anything to whoever builds the site."""

import html
import re
from urllib.parse import quote

from app.publishing.text.sentences import without_control_characters

_WORD_JOINER = "\u2060"

# Besides Markdown itself: templates and attribute lists ({), included files (8<), formulas ($), emoji (:x:),
# highlighted, inserted, lowered and raised text (== ++ ~ ^), cells (|). A mark at the end may meet another.
_MEANING = re.compile(
    r"""
    [\\`*\[\]<>{|~^$] | (?<!\w)_ | _(?!\w) | &(?=[#\w]|$) | !(?=$) | :(?=[\w+-]+:) | =(?==) | (?<==)= | \+(?=\+)
    """,
    re.VERBOSE,
)
_BACKSLASHED = frozenset("`*[]_!")
# With a formula renderer that reads whole pages, this one makes a link of any kind.
_TEX_LINK = re.compile(r"\\(?=href|$)")
_LINE_START = re.compile(r"\d{1,9}(?=[.)](?:\s|$))|[#=:]|[-+](?=[\s+-]|$)|!(?=!!)|\?(?=\?\?)|/(?=//)")
_NOT_PLAIN = re.compile(r"[^\w \n.,;'()/?@%]|_")

_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_TEMPLATE_START = re.compile(r"\{(?=[{%#!<])")
_LINK_MIDDLE = re.compile(r"\](?=\()")
_REFERENCE = re.compile(r"&(?=#?\w)(?=(#?\w{1,40};?))")
_OPENING_QUOTE = re.compile(r'(?<![^\s(\[{<«„“‘\-–—/])"')

_WEB_ADDRESS = re.compile(r"https?://[\w.~%-]+(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE | re.ASCII)
_OTHER_ADDRESS = re.compile(r"(?:mailto|tel):[^:]+", re.IGNORECASE)
_IN_ADDRESSES = "!#$&'*+,/:;=?@~%"
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def escaped(text: str) -> str:
    """Text for the middle of a line."""
    return _MEANING.sub(_without_meaning, _TEX_LINK.sub("\\\\" + _WORD_JOINER, text))


def line_start_escaped(line: str) -> str:
    """The line, already escaped, such that it opens no list, heading, quotation or block of an extension."""
    start = _LINE_START.match(line)
    if not start:
        return line
    if start[0].isdigit():
        return f"{start[0]}\\{line[start.end() :]}"
    return f"&#{ord(line[0])};{line[1:]}"


def as_references(text: str, *, on_one_line: bool = False) -> str:
    """Text of which not even a program that reads the file before Markdown does understands a mark."""
    safe = _NOT_PLAIN.sub(lambda character: f"&#{ord(character[0])};", text)
    return safe.replace("\n", "&#10;") if on_one_line else safe


def plain_value(text: str) -> str:
    """A title or a summary for templates that put it into a page as it stands: no tag, reference or template.

    Invisible joiners part what would become one; words stay as they are.
    """
    line = " ".join(without_control_characters(text).split())
    line = _TAG_START.sub("<" + _WORD_JOINER, line)
    line = _TEMPLATE_START.sub("{" + _WORD_JOINER, line)
    line = _LINK_MIDDLE.sub("]" + _WORD_JOINER, line)
    return _REFERENCE.sub(_parted_reference, line)


def with_curly_quotes(text: str) -> str:
    """No straight quotation mark, which ends an attribute that a template does not escape."""
    return _OPENING_QUOTE.sub("“", text).replace('"', "”")


def web_address(address: str) -> str | None:
    """The address of a link as it may stand in Markdown, percent-encoded; None when it must not be followed."""
    bare = "".join(address.split())
    if bare.startswith("//"):
        bare = f"https:{bare}"
    encoded = quote(_NO_ESCAPE.sub("%25", bare), safe=_IN_ADDRESSES, errors="replace")
    if not _WEB_ADDRESS.fullmatch(encoded) and not _OTHER_ADDRESS.fullmatch(encoded):
        return None
    return encoded.replace("*", "%2A").replace("$", "%24").replace("~", "%7E").replace("&", "&amp;")


def _without_meaning(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in _BACKSLASHED:
        return f"\\{mark}"
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(mark, f"&#{ord(mark)};")


def _parted_reference(found: re.Match[str]) -> str:
    return found[0] + _WORD_JOINER if html.unescape(f"&{found[1]}") != f"&{found[1]}" else found[0]
