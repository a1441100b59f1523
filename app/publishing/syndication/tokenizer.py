"""The words of a text, as the search knows them. `search.js` does the same with what a reader types.

Scripts written without spaces are cut into pairs of neighbours; the last character of a run also stands alone, so
that each character begins some word.
"""

import re
import string
import unicodedata
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Literal

MOST_WORDS = 2_000
LONGEST_WORD = 40
_ALONE = frozenset(string.ascii_lowercase)
# The first 2,000 different words of a natural text stand well before.
_MOST_CHARACTERS = 100_000
# Normalising is quadratic in the length of a run of combining marks, so long texts are taken in pieces.
_PIECE = re.compile(r"(?s).{1,500}(?:\s|\Z)|.{1,500}")

# The same sets as in `search.js`. Han with its numerals, kana, bopomofo, hangul; Thai, Lao, Myanmar, Khmer.
PAIRED = (
    "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3105-\u312f\u31a0-\u31bf"
    "\u1100-\u11ff\uac00-\ud7a3"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109d\u1780-\u17d3"
)
# Vowel signs and such, which are no letters and yet part of their word, in the scripts of India.
SIGNS = (
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3"
    "\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03"
    "\u0b3c-\u0b57\u0b62\u0b63\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c62\u0c63"
    "\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83\u0dca-\u0ddf"
)
# Points and strokes of Hebrew and Arabic, with the bar that only lengthens.
POINTS = "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc"
LETTERS = (
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ø", "o"),
    ("ł", "l"),
    ("đ", "d"),
    ("ð", "d"),
    ("þ", "th"),
    ("ı", "i"),
    ("ς", "σ"),
    ("ё", "е"),
)

_ACCENTS = re.compile("(?<=[a-zα-ω])[\u0300-\u036f]+")
_MARKS = re.compile(f"[\u0300-\u036f\u0483-\u0487{POINTS}]+")
# Between ASCII spaces and punctuation and that of U+2000 and after: most of it is words of plain ASCII.
_RUN = re.compile("[^\x00-/:-@\\[-`{-\x7f\u2000-\u206f]+")
_LETTER = rf"[^\W_{PAIRED}]"
_WORD = re.compile(f"[{PAIRED}]+|{_LETTER}+(?:[{SIGNS}]+{_LETTER}*)*")
_IS_PAIRED = re.compile(f"[{PAIRED}]")


def words_of(text: str) -> frozenset[str]:
    """Without regard to case, accents and the forms of characters; the first 2,000 different ones."""
    runs = dict.fromkeys(_RUN.findall(text[:_MOST_CHARACTERS].lower()))
    words = [run for run in runs if run.isascii()]
    if len(words) < len(runs):
        others = folded(" ".join(run for run in runs if not run.isascii()))
        words += [word for found in _WORD.findall(others) for word in _cut(found)]
    kept = (word for word in dict.fromkeys(words) if len(word) <= LONGEST_WORD and word not in _ALONE)
    return frozenset(islice(kept, MOST_WORDS))


def folded(text: str) -> str:
    """The text in the one spelling that is compared."""
    plain = _ACCENTS.sub("", _normalised(text, "NFKD").lower())
    plain = _MARKS.sub("", _normalised(plain, "NFC"))
    for letter, spelling in LETTERS:
        plain = plain.replace(letter, spelling)
    return plain


def is_paired(character: str) -> bool:
    """Whether the character belongs to a script that is cut into pairs."""
    return _IS_PAIRED.match(character) is not None


def _normalised(text: str, form: Literal["NFC", "NFKD"]) -> str:
    return "".join(unicodedata.normalize(form, piece) for piece in _PIECE.findall(text))


def _cut(run: str) -> Iterator[str]:
    if not is_paired(run[0]):
        yield run
        return
    for first, second in pairwise(run):
        yield first + second
    yield run[-1]
