"""The words of a text, as the index has them and as a reader's browser asks for them."""

import random
import time
import unicodedata
from itertools import pairwise

import pytest

from app.publishing.syndication.search import words_of
from app.publishing.syndication.tokenizer import LETTERS, PAIRED, POINTS, SIGNS
from tests.unit.machine_builders import HOSTILE
from tests.unit.search_script import in_node

SCRIPTS_OF_THE_WORLD = {
    "English": "The rain — “don’t look!” — fell on 2,026 roofs; the naïve café's façade.",
    "German": "Die Straße im GROẞEN Übermaß, Fuß und MASSE",
    "Turkish": "İstanbul ısırgan IĞDIR",
    "Polish and Danish": "Łódź, Ærøskøbing, smørrebrød, œuvre, þingvellir",
    "Vietnamese": "Tiếng Việt được viết bằng chữ Latinh",
    "Russian": "Ёжик за́мок и ещё мой чай",
    "Greek": "Ο Σίσυφος, ΣΊΣΥΦΟΣ, μάθημα",
    "Arabic": "العَرَبِيَّة كتـــاب آدم أحمد",
    "Hebrew": "שָׁלוֹם עולם",
    "Hindi": "हिन्दी में बारिश",
    "Tamil": "தமிழ் மழை",
    "Chinese": "窗上的雨，2026年。第3章",
    "Japanese": "窓に雨が降る、コンピューター、ﾊﾝｶｸ",
    "Korean": "창가에 비가 내린다",
    "Thai": "ฝนตกที่หน้าต่าง",
    "forms": "ﬁne ＦＵＬＬ ①②③ x² Ⅷ 𝒜𝓁𝑔 ℌello",
    "astral": "𠀀𠀁𠀂 🌧️ 𐐀𐐁",
    "mixed": "iPhone手机A4纸 snake_case kebab-case e\u0301te\u0301",
}


def words_of_node(texts):
    """The same from the script's runs, which it cuts into pairs only to ask for them."""
    runs = in_node("given.texts.map(text => runsOf(text).map(run => [run, IS_PAIRED.test(run)]))", texts=texts)
    return [_cut(found) for found in runs]


def _cut(runs):
    words = set()
    for run, is_paired in runs:
        words |= {*map("".join, pairwise(run)), run[-1]} if is_paired else {run}
    return {word for word in words if len(word) <= 40 and not (len(word) == 1 and "a" <= word <= "z")}


def test_words_have_no_case_and_no_accents():
    assert words_of("Café CAFÉ cafe\u0301 naïve Straße Łódź") == {"cafe", "naive", "strasse", "lodz"}


def test_punctuation_parts_words_and_single_latin_letters_are_none():
    assert words_of("don't snake_case x-ray, (plan B) 7") == {"don", "snake", "case", "ray", "plan", "7"}


def test_letters_that_are_not_accented_latin_or_greek_stay_what_they_are():
    assert words_of("мой чай, ёж") == {"мой", "чай", "еж"}


def test_vowel_points_and_lengthening_do_not_count():
    assert words_of("كِتَاب كتـــاب שָׁלוֹם") == {"كتاب", "שלום"}


def test_signs_do_not_part_words_of_india():
    assert words_of("हिन्दी में") == {"हिन्दी", "में"}


def test_scripts_without_spaces_are_cut_into_pairs_and_each_character_begins_a_word():
    assert words_of("窗上的雨。iPhone手机") == {"窗上", "上的", "的雨", "雨", "iphone", "手机", "机"}


def test_forms_of_the_same_character_are_one():
    assert words_of("ＦＵＬＬ ﬁne ｱﾒ") == {"full", "fine", "アメ", "メ"}


def test_words_that_are_too_long_are_left_out():
    assert words_of(f"{'a' * 40} {'b' * 41}") == {"a" * 40}


def test_a_text_has_at_most_two_thousand_words_and_they_are_its_first():
    words = words_of(" ".join(f"w{number}" for number in range(5_000)))

    assert words == {f"w{number}" for number in range(2_000)}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_too_much(text):
    assert all(word == word.strip() and word for word in words_of(text))


@pytest.mark.parametrize("mark", ["\u0315\u0316", "\u05b0\u05b1", "\u064b\u0650", "\u0f71\u0f72"])
def test_a_text_of_nothing_but_marks_is_cheap(mark):
    started = time.monotonic()

    words_of("б" + mark * 50_000)

    # Normalised in one piece it takes several seconds.
    assert time.monotonic() - started < 2


def test_the_script_knows_the_same_sets_of_characters():
    same = in_node("[PAIRED, SIGNS, POINTS, Object.entries(LETTERS)]")

    assert same == [PAIRED, SIGNS, POINTS, [list(pair) for pair in LETTERS]]


@pytest.mark.parametrize("text", SCRIPTS_OF_THE_WORLD.values(), ids=SCRIPTS_OF_THE_WORLD)
def test_the_script_finds_the_same_words(text):
    assert words_of_node([text]) == [words_of(text)]


def test_the_script_finds_the_same_words_around_every_character():
    # As of Unicode 3.2, whose characters no later version treats differently.
    known = [
        chr(code)
        for code in range(0x110000)
        if unicodedata.ucd_3_2_0.category(chr(code)) not in ("Cn", "Co", "Cs")
    ]
    texts = [f"a{character}b {character} {character * 2}" for character in known]

    differing = [text for text, words in zip(texts, words_of_node(texts), strict=True) if words != words_of(text)]

    assert differing == []


def test_the_script_finds_the_same_words_in_any_mixture():
    dice = random.Random(3)
    alphabet = sorted(set("".join(SCRIPTS_OF_THE_WORLD.values())))
    texts = ["".join(dice.choices(alphabet, k=120)) for _ in range(500)]

    assert words_of_node(texts) == [words_of(text) for text in texts]
