"""The index, and what the script makes of it."""

import json
from datetime import UTC, datetime

import pytest

from app.publishing.syndication import search
from tests.unit.machine_builders import HOSTILE, a_found
from tests.unit.search_script import in_node

WORDS = ["rain", "ra", "r", "7", "雨", "窗上", "窗", "ёж", "constructor", "𠀀𠀁", "हिन्दी"]


def body(file):
    return json.loads(file.body)


def places(words):
    """The positions of each word, as the script reads them."""
    return in_node(
        "Object.fromEntries(Object.entries(given.words).map(([word, written]) => [word, positionsOf(written)]))",
        words=words,
    )


def test_the_manifest_says_how_far_the_index_goes():
    file = search.manifest(5_000, 4)

    assert file.path == "search/index.json"
    assert body(file) == {"version": 1, "last": 5000, "indexed": 4096, "chunk": 64, "volume": 1024, "shards": 32}


def test_a_volume_may_be_written_before_it_is_full():
    assert body(search.manifest(5_000, 4, open_until=4_992))["indexed"] == 4_992


def test_a_chunk_shows_its_articles_and_knows_their_words():
    found = a_found(
        "rain", "fell", excerpt="It fell\nall day.", published_at=datetime(2026, 11, 30, 20, tzinfo=UTC)
    )

    file = search.entries_file(2, [(70, found), (66, a_found("rain"))], time_zone="Asia/Shanghai")

    assert file.path == "search/entries/2.json"
    assert list(body(file)["entries"]) == ["66", "70"]
    assert body(file)["entries"]["70"] == [
        "Rain on the window",
        "2026/11/rain-on-the-window/",
        "2026-12-01",
        "Rain & wind",
        "It fell all day.",
    ]
    assert body(file)["words"] == {"66": "rain", "70": "fell rain"}


def test_a_chunk_of_withdrawn_articles_is_empty_and_not_wrong():
    assert body(search.entries_file(1, [])) == {"entries": {}, "words": {}}


def test_a_long_excerpt_is_cut_for_a_result():
    file = search.entries_file(1, [(1, a_found(excerpt="rain " * 100))])

    assert len(body(file)["entries"]["1"][4]) <= 160


def test_a_volume_has_all_its_words_and_its_chunks_need_them_no_more():
    entries = [
        (1024 + place, a_found("rain", f"w{place}", *(["fog"] if place > 1000 else [])))
        for place in range(1, 1025)
    ]

    files = {file.path: body(file) for file in search.volume_files(2, entries)}

    shards = [files.pop(f"search/volumes/2/{shard}.json") for shard in range(32)]
    written = {word: positions for words in shards for word, positions in words.items()}
    assert places(written) == {
        **{f"w{place}": [place - 1] for place in range(1, 1025)},
        "rain": list(range(1024)),
        "fog": list(range(1000, 1024)),
    }
    assert list(files) == [f"search/entries/{chunk}.json" for chunk in range(17, 33)]
    assert all(chunk.keys() == {"entries"} and len(chunk["entries"]) == 64 for chunk in files.values())


def test_the_words_of_a_volume_are_there_before_its_chunks_lose_them():
    paths = [file.path for file in search.volume_files(1, [(1, a_found("rain"))])]

    assert paths[-1] == "search/entries/1.json"
    assert all(path.startswith("search/volumes/1/") for path in paths[:-1])


@pytest.mark.parametrize("position", [0, 1, 31, 32, 63, 64, 1022, 1023])
def test_the_script_reads_every_position_back(position):
    entries = [(place + 1, a_found("rain")) for place in {0, position}]

    written = {word: text for file in search.volume_files(1, entries)[:32] for word, text in body(file).items()}

    assert places(written) == {"rain": sorted({0, position})}


def test_the_script_looks_for_a_word_where_it_was_put():
    assert in_node("given.words.map(shardOf)", words=WORDS) == [search.shard_of(word) for word in WORDS]


def test_words_that_begin_with_the_same_two_characters_are_together():
    assert len({search.shard_of(word) for word in ("rain", "ra", "rainbow", "rabbit")}) == 1


def test_pairs_that_begin_with_the_same_character_are_together():
    assert len({search.shard_of(word) for word in ("雨", "雨水", "雨天")}) == 1


def test_shards_are_about_even():
    beginnings = [first + second for first in "abcdefghijklmnoprstuvw" for second in "aehiloru"]

    filled = [search.shard_of(beginning) for beginning in beginnings]

    assert len(set(filled)) == 32
    assert max(map(filled.count, range(32))) <= 3 * len(beginnings) / 32


def terms(query):
    return [(term["word"], term["goesOn"]) for term in in_node("termsOf(given.query)", query=query)]


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("Rain on the WIN", [("rain", False), ("on", False), ("the", False), ("win", True)]),
        ("plan B", [("plan", True)]),
        ("windows 7", [("windows", False), ("7", False)]),
        ("雨", [("雨", True)]),
        ("窗上的雨", [("窗上", False), ("上的", False), ("的雨", False)]),
        ("rain 雨", [("rain", False), ("雨", True)]),
        ("雨 café", [("雨", True), ("cafe", True)]),
        (" — ", []),
        ("", []),
    ],
)
def test_the_script_asks_for_all_words_and_lets_the_last_go_on(query, asked):
    assert terms(query) == asked


def test_a_whole_page_pasted_as_a_question_is_bounded():
    assert len(terms("rain and fog " * 5_000)) <= 16


def test_words_that_every_object_has_are_no_words():
    words = {"rain": "A"}

    found = in_node(
        "given.asked.map(word => matching(given.words, {word, goesOn: false}))",
        words=words,
        asked=["constructor", "__proto__", "hasownproperty", "rain"],
    )

    assert found == [[], [], [], [0]]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_leaves_the_index_valid(text):
    words = search.words_of(text)
    found = a_found(*words, title=text, excerpt=text)

    chunk = body(search.entries_file(1, [(1, found)]))
    shards = [body(file) for file in search.volume_files(1, [(1, found)])[:32]]

    assert set(chunk["words"]["1"].split()) == words
    assert {word for shard in shards for word in shard} == words


def test_the_same_articles_give_the_same_bytes_in_any_order():
    entries = [(place, a_found("rain", "fog", f"w{place}")) for place in range(1, 65)]

    assert search.entries_file(1, entries) == search.entries_file(1, entries[::-1])
    assert search.volume_files(1, entries) == search.volume_files(1, entries[::-1])
