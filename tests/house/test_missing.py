"""What is not there is told in the same words, and of the same field, wherever it is asked for."""

import re
from collections import Counter

import pytest

from tests.builders import a_topic
from tests.envelopes import failed
from tests.house.deployment import ROOT

TOO_LARGE = 10**20
NUMBERS = [4711, 0, 2**63, TOO_LARGE]

CALLS = {
    "prompt": [
        ("POST", "/aiprompt/4711/heartbeat/"),
        ("POST", "/aiprompt/4711/release/"),
        ("GET", "/aiprompt/4711/files/"),
        ("POST", "/aiprompt/4711/files/"),
        ("DELETE", "/aiprompt/4711/files/1/"),
    ],
    "content": [("GET", "/aicontent/4711/")],
}
COMMANDS = {
    "prompt": ["prompt show {}", "prompt edit {} --memo x", "prompt remove {}", "prompt release {}"],
    "content": [
        "content show {}",
        "content approve {}",
        "content move {} --topic Wet",
        "content remove {}",
        "publish {}",
        "publish {} --at 2999-01-01",
        "unpublish {}",
    ],
}


def test_each_thing_that_may_be_missing_is_told_in_one_place():
    found = Counter(
        re.sub(r"\{.*?\}", "…", reason)
        for file in (ROOT / "app").rglob("*.py")
        for reason in re.findall(r'NotFound\(\s*\{.+?: f?"(.+?)"\}', file.read_text("utf-8"))
    )

    assert {"there is no prompt …", "there is no content …", "there is no site …"} <= found.keys()
    assert [reason for reason, times in found.items() if times > 1] == []


@pytest.mark.parametrize("noun", CALLS)
async def test_a_call_about_what_is_not_there_tells_it_in_the_same_words(administrator, noun, subtests):
    for method, path in CALLS[noun]:
        with subtests.test(f"{method} {path}"):
            sent = {"files": {"file": ("a.txt", b"x")}} if method == "POST" and "files" in path else {}
            answer = await administrator.request(method, path, **sent)
            assert failed(answer, 404) == {"id": f"there is no {noun} 4711"}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("noun", COMMANDS)
async def test_a_command_about_what_is_not_there_tells_it_in_the_same_words(
    pygai, database, noun, number, subtests
):
    await a_topic(database, name="Wet")

    for line in COMMANDS[noun]:
        with subtests.test(line):
            answer = await pygai(*line.format(number).split())
            assert answer.code == 1
            assert answer.complaints == f"✗ id: there is no {noun} {number}\n"
