"""An index that a browser searches without a server, reading only what a question needs.

A place is an article's position in its site, counted from 1 and never reused. The newest places are in the files
of their chunk, with the words. Older ones are in a volume, whose words are spread over 32 files, and their chunks
only hold what a result shows. An article rewrites its chunk and the manifest; a volume is written when it is full,
or earlier, with what it has, at the end of any chunk.

    search/index.json                      {"version", "last", "indexed", "chunk", "volume", "shards"}
    search/entries/<chunk>.json            {"entries": {place: [title, path, day, topic, excerpt]},
                                            "words": {place: "all its words"}}
    search/volumes/<volume>/<shard>.json   {word: positions}

A position counts from 0 within the volume; positions are written as the gaps between them, see `_gap`. `indexed`
is the last place that is in a volume; chunks after it have words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from app.publishing.addresses import INDEX
from app.publishing.model import File, SearchEntry
from app.publishing.syndication.escaping import json_bytes, local_time, one_line, shortened
from app.publishing.syndication.tokenizer import is_paired, words_of

__all__ = [
    "CHUNK",
    "SHARDS",
    "VOLUME",
    "entries_file",
    "manifest",
    "shard_of",
    "volume_files",
    "words_of",
]

CHUNK = 64
VOLUME = 1024
SHARDS = 32
LONGEST_EXCERPT = 160

_VERSION = 1
_MULTIPLIER = 0x9E3779B1
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Placed = Sequence[tuple[int, SearchEntry]]


def manifest(last_place: int, volumes: int, *, open_until: int = 0) -> File:
    """The first file that is read: how far the index goes.

    `volumes` are complete; `open_until` is the last place of the next one that was written already, at the end of
    a chunk.
    """
    indexed = max(volumes * VOLUME, open_until)
    body = {"version": _VERSION, "last": last_place, "indexed": indexed}
    return File("search/index.json", json_bytes(body | {"chunk": CHUNK, "volume": VOLUME, "shards": SHARDS}))


def entries_file(number: int, entries: Placed, *, time_zone: str = "UTC", with_words: bool = True) -> File:
    """What a result shows, for places (number - 1) * 64 + 1 to number * 64; days are those of the time zone."""
    placed = sorted(entries, key=_place)
    body: dict[str, object] = {"entries": {str(place): _shown(found, time_zone) for place, found in placed}}
    if with_words:
        # As they are kept: the newest chunk is written with each article, and to turn it into an index is dear.
        body["words"] = {str(place): found.words for place, found in placed}
    return File(f"search/entries/{number}.json", json_bytes(body))


def volume_files(number: int, entries: Placed, *, time_zone: str = "UTC") -> list[File]:
    """The words of places (number - 1) * 1024 + 1 to number * 1024, or of the chunks of them that are full.

    After them their chunks, now without words. To be written in this order, and before the manifest: who reads
    meanwhile finds each word in one of the two.
    """
    placed = sorted(entries, key=_place)
    shards: list[dict[str, str]] = [{} for _ in range(SHARDS)]
    for word, positions in _index(placed, first=(number - 1) * VOLUME + 1).items():
        shards[shard_of(word)][word] = positions
    folder = f"search/volumes/{number}"
    indexes = [File(f"{folder}/{shard}.json", json_bytes(words)) for shard, words in enumerate(shards)]
    chunks = groupby(placed, key=lambda each: (each[0] - 1) // CHUNK + 1)
    return indexes + [
        entries_file(chunk, list(found), time_zone=time_zone, with_words=False) for chunk, found in chunks
    ]


def shard_of(word: str) -> int:
    """By the first two characters, so that two are enough to find all words that begin so; by one in pairs."""
    return _shard(word[:1] if is_paired(word) else word[:2])


@lru_cache(8192)
def _shard(beginning: str) -> int:
    state = 0
    for character in beginning:
        state = (state ^ ord(character)) * _MULTIPLIER & 0xFFFFFFFF
    return state >> 27


def _shown(found: SearchEntry, time_zone: str) -> list[str]:
    entry = found.entry
    day = local_time(entry.published_at, time_zone).date().isoformat()
    topic = entry.topic.name if entry.topic else ""
    excerpt = shortened(one_line(entry.excerpt), LONGEST_EXCERPT)
    path = entry.path.removesuffix(INDEX)
    return [one_line(entry.title), path, day, one_line(topic), excerpt]


def _index(placed: Placed, *, first: int) -> Mapping[str, str]:
    positions: dict[str, list[int]] = defaultdict(list)
    for place, found in placed:
        for word in found.words.split():
            positions[word].append(place - first)
    return {word: _gaps(positions[word]) for word in sorted(positions)}


def _gaps(positions: Sequence[int]) -> str:
    if len(positions) == 1:  # as most words have
        return _GAPS[positions[0]]
    return "".join([_GAPS[after - before] for before, after in pairwise((0, *positions))])


def _gap(number: int) -> str:
    """Digits of five bits, the lowest first; the sixth bit says that another follows."""
    if number < 32:
        return _DIGITS[number]
    return _DIGITS[32 | number & 31] + _gap(number >> 5)


_GAPS = tuple(_gap(number) for number in range(VOLUME))


def _place(placed: tuple[int, SearchEntry]) -> int:
    return placed[0]
