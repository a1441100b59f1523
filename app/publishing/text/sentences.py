"""Plain text for titles and summaries, cut where a reader would cut it, in any script."""

import re
import unicodedata

_SENTENCE_END = re.compile(r"[。！？｡]+[」』”’）)]*|[.!?…؟۔।]+[\"'”’»)\]]*(?=\s|$)")
_CLOSING_STOP = re.compile(r"[.。｡।۔،,;:，；：\s]+$")
_LEFT_OVER = re.compile(r"^[.。｡।۔\"'”’»)\]」』）\s]+")
_MARKDOWN_LEAD = re.compile(r"^(?:#+\s*|>\s*|[*+\-]\s+|[=_`~|]{2,}\s*|\s+)+")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PLANES = range(0x10000, 0x110000, 0x10000)
_ASTRAL_NONCHARACTER = re.compile(f"[{''.join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in _PLANES)}]")
_TELLING = 2_000
_TELLING_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
)
_ELLIPSIS = "…"


def without_control_characters(text: str) -> str:
    """The text as XML and HTML allow it: no NUL, control character, lone surrogate or noncharacter."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    # Looked for first, because the set of planes is slow to match.
    return _ASTRAL_NONCHARACTER.sub("", text) if _ASTRAL.search(text) else text


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def without_marks(text: str) -> str:
    """Without the marks of Markdown that did not become anything."""
    return _MARKDOWN_LEAD.sub("", text)


def first_sentence(text: str, *, limit: int) -> str:
    """The first sentence without its full stop, or what of it fits."""
    line = without_marks(on_one_line(text))
    end = _SENTENCE_END.search(line)
    sentence = line[: end.end()] if end else line
    return shortened(_CLOSING_STOP.sub("", sentence), limit=limit)


def continued_after(sentence: str, text: str) -> str:
    """What follows the sentence in the text; all of it when the sentence was cut."""
    if not sentence or sentence not in text:
        return text
    return _LEFT_OVER.sub("", text.split(sentence, 1)[1])


def shortened(text: str, *, limit: int) -> str:
    """At most `limit` characters, an ellipsis included; cut at a word where the script has spaces."""
    if len(text) <= limit:
        return text
    cut = limit - len(_ELLIPSIS)
    while cut > 1 and _continues(text, cut):
        cut -= 1
    space = text.rfind(" ", 0, cut + 1)
    head = text[:space] if space > cut // 2 else text[:cut]
    return _CLOSING_STOP.sub("", head) + _ELLIPSIS


def _continues(text: str, at: int) -> bool:
    """Whether a cut here would split what a reader sees as one character."""
    return text[at] in _JOINERS or text[at - 1] == "\u200d" or bool(unicodedata.combining(text[at]))


def ends_a_sentence(text: str) -> bool:
    return bool(text) and unicodedata.category(text.rstrip("\"'”’»)]」』）* ")[-1:] or "x") == "Po"


def is_right_to_left(text: str) -> bool:
    """What the first letter with a direction says."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL"}:
            return True
        if direction == "L":
            return False
    return False


def language_by_script(text: str) -> str | None:
    """`ja`, `ko` or `zh` where the letters themselves tell; fonts and voices for these differ most."""
    beginning = text[:_TELLING]
    if beginning.isascii():
        return None
    letters = sum(map(str.isalpha, beginning))
    for language, script in _TELLING_SCRIPTS:
        if len(script.findall(beginning)) * 5 > letters:
            return language
    return None
