"""Articles such as a language model writes: about 5 kB of Markdown with headings, a list, a table and code.

The same number always gives the same article, so every generator builds the same site.
"""

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

TOPICS = ("Gardens", "Rivers", "Night skies", "Old trades", "Small kitchens", "Long walks", "Weather", "Letters")
DAYS = 730
# Those of the site are all in the past; what is added later is of today.
NEWEST = timedelta(hours=1)

_VOCABULARY = 6_000
_SYLLABLES = (
    "ra",
    "lo",
    "ven",
    "ti",
    "mar",
    "sel",
    "do",
    "quin",
    "ba",
    "reth",
    "na",
    "cor",
    "il",
    "fen",
    "su",
    "dal",
)
_CODE = '''```python
def {name}(numbers: list[int]) -> int:
    """The sum of what is {word}."""
    total = 0
    for number in numbers:
        if number % {divisor} == 0:
            total += number
    return total


print({name}([1, 2, 3, {divisor}]))
```'''


@dataclass(frozen=True, slots=True)
class Text:
    """One article before it is submitted; topics are numbered from 0."""

    number: int
    title: str
    markdown: str
    dated_at: datetime

    @property
    def topic(self) -> int:
        return self.number % len(TOPICS)


def text(number: int, *, of: int, now: datetime) -> Text:
    """The article of this number, counted from 1, in a site of so many, over two years of dates."""
    age = timedelta(days=DAYS) * ((of - number) / of) + NEWEST
    title = f"{' '.join(_words(random.Random(number), 5)).capitalize()} {number}"
    return Text(number, title, markdown(number, title), now - age)


def extra(number: int) -> Text:
    """One to be added, of now."""
    title = f"{' '.join(_words(random.Random(-number), 5)).capitalize()} added {number}"
    return Text(number, title, markdown(-number, title), datetime.now(UTC))


def markdown(number: int, title: str) -> str:
    chance = random.Random(number)
    parts = [f"# {title}", _paragraph(chance), _paragraph(chance)]
    for ending in (_list, _code, _table, _quotation):
        parts += [f"## {' '.join(_words(chance, 4)).capitalize()}", _paragraph(chance), ending(chance)]
    return "\n\n".join([*parts, _paragraph(chance)]) + "\n"


def _paragraph(chance: random.Random) -> str:
    sentences = (" ".join(_words(chance, chance.randint(8, 18))).capitalize() for _ in range(chance.randint(4, 7)))
    first, *rest = (f"{sentence}." for sentence in sentences)
    return " ".join([f"**{first}**" if chance.random() < 0.2 else first, *rest])


def _list(chance: random.Random) -> str:
    return "\n".join(f"- *{_words(chance, 1)[0]}*: {' '.join(_words(chance, 7))}" for _ in range(6))


def _code(chance: random.Random) -> str:
    name, word = _words(chance, 2)
    return _CODE.format(name=name, word=word, divisor=chance.randint(2, 9))


def _table(chance: random.Random) -> str:
    rows = (f"| {' '.join(_words(chance, 2))} | {chance.randint(1, 900)} |" for _ in range(5))
    return "\n".join(["| What | How many |", "| --- | ---: |", *rows])


def _quotation(chance: random.Random) -> str:
    return f"> {' '.join(_words(chance, 24)).capitalize()}."


def _words(chance: random.Random, number: int) -> list[str]:
    words, weights = _dictionary()
    return chance.choices(words, cum_weights=weights, k=number)


@cache
def _dictionary() -> tuple[list[str], list[float]]:
    """Words and how often they come, as in a language: the second half as often as the first."""
    parts = itertools.chain.from_iterable(itertools.product(_SYLLABLES, repeat=length) for length in (2, 3, 4))
    words = ["".join(syllables) for syllables in itertools.islice(parts, _VOCABULARY)]
    return words, list(itertools.accumulate(1 / (rank + 3) for rank in range(_VOCABULARY)))
