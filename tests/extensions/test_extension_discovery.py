"""Extensions are found, loaded one by one, and never stop the host."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.host import ExtensionError
from app.sdk import shape

ANSWERS_SEVEN = "def contentHandler(text, writetofile, inputData):\n    return 7\n"


async def test_the_seeds_publish_file_runs_as_it_stands(write_file, seed_publish, load_host, default):
    write_file("publish.py", seed_publish)
    host = load_host("pygaiext")

    result = await host.run("publishHandler", (1, False), default.run)

    assert host.problems == ()
    assert result is None
    assert default.calls == []


async def test_every_handler_of_the_extension_path_is_found(write_file, seed_publish, load_host, default):
    write_file(
        "prompt.py",
        """
        def promptHandler(promptId, intervalId, topicId, dirId):
            return {"id": promptId, "type": "gentxt", "text": f"{intervalId}{topicId}{dirId}", "files": []}

        def resetHandler():
            return True
        """,
    )
    write_file("content.py", ANSWERS_SEVEN)
    write_file("publish.py", seed_publish)
    host = load_host("pygaiext")

    task = await host.run("promptHandler", (9, 1, 2, 3), default.run)
    content = await host.run("contentHandler", ("", False, {}), default.run)
    reset = await host.run("resetHandler", (), default.run)

    assert (task["id"], task["text"], content, reset) == (9, "123", 7, True)
    assert host.describe()[0]["handlers"] == [
        "promptHandler",
        "resetHandler",
        "contentHandler",
        "publishHandler",
    ]


@pytest.mark.parametrize("exists", [False, True])
def test_a_missing_or_empty_extension_path_is_no_problem(ext_path: Path, load_host, exists: bool):
    if exists:
        ext_path.mkdir()

    host = load_host("pygaiext", strict_extensions=True)

    assert host.problems == ()
    assert not host.has("publishHandler")


def test_a_file_without_the_handler_leaves_the_default(write_file, load_host):
    write_file("publish.py", "def publish(contentId):\n    return 1\n")

    host = load_host("pygaiext")

    assert host.problems == ()
    assert not host.has("publishHandler")


def test_an_extension_that_is_not_enabled_is_listed_and_never_executed(
    write_file, install, load_host, tmp_path: Path
):
    trace = tmp_path / "executed"
    write_file("publish.py", f"open({str(trace)!r}, 'w').close()")
    install("ext_idle", f"open({str(trace)!r}, 'w').close()", "idle")

    host = load_host()

    assert not trace.exists()
    assert [(line["name"], line["enabled"]) for line in host.describe()] == [("idle", False), ("pygaiext", False)]


async def test_an_entry_point_names_a_module_or_an_object(install, load_host, default):
    install("ext_module", ANSWERS_SEVEN, "mod")
    install(
        "ext_object",
        """
        class Answers:
            def __init__(self, number):
                self.number = number

            async def contentHandler(self, text, writetofile, inputData):
                return self.number

        eight = Answers(8)
        """,
        obj="ext_object:eight",
    )

    of_module = await load_host("mod").run("contentHandler", ("", False, {}), default.run)
    of_object = await load_host("obj").run("contentHandler", ("", False, {}), default.run)

    assert (of_module, of_object) == (7, 8)
    assert load_host("mod").describe()[0] == {
        "name": "mod",
        "source": "ext_module: ext_module",
        "version": "1.2",
        "enabled": True,
        "handlers": ["contentHandler"],
        "problem": None,
        "failures": None,
    }


async def test_the_order_of_the_settings_is_the_order_of_the_chain(install, load_host, default):
    for letter in "ab":
        install(
            f"ext_{letter}",
            f"def contentHandler(text, writetofile, inputData, proceed):\n    return proceed(text + {letter!r})",
            letter,
        )

    await load_host("b", "a", "b").run("contentHandler", ("", False, {}), default.run)
    await load_host("a", "b").run("contentHandler", ("", False, {}), default.run)

    assert [arguments[0] for arguments in default.calls] == ["ba", "ab"]


BROKEN = {
    "imports what is not there": ("import nowhere_to_be_found", "nowhere_to_be_found"),
    "syntax": ("def contentHandler(:", "SyntaxError"),
    "raises": ("raise ValueError('on purpose')", "ValueError: on purpose"),
    "exits": ("import sys\nsys.exit(3)", "SystemExit: 3"),
    "base exception": ("class Odd(BaseException): pass\nraise Odd('odd')", "Odd: odd"),
    "too few parameters": ("def contentHandler(text): return 1", "cannot be called with 3 positional"),
    "too many parameters": ("def contentHandler(a, b, c, d): return 1", "missing a required argument: 'd'"),
    "not callable": ("contentHandler = 5", "contentHandler is not callable"),
    "generator": ("def contentHandler(a, b, c): yield 1", "is a generator"),
    "null byte": ("contentHandler = '\0'", "null bytes"),
}


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_a_problem_and_the_other_files_stay_in_use(
    write_file, seed_publish, load_host, source: str, reason: str
):
    path = write_file("content.py", source)
    write_file("publish.py", seed_publish)

    host = load_host("pygaiext")

    (problem,) = host.problems
    assert (problem.extension, problem.source) == ("pygaiext", str(path))
    assert reason in problem.reason
    assert host.has("publishHandler")
    assert not host.has("contentHandler")


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_entry_point_is_a_problem_and_the_other_extensions_stay_in_use(
    install, load_host, source: str, reason: str
):
    install("ext_broken", source, "broken")
    install("ext_sound", ANSWERS_SEVEN, "sound")

    host = load_host("broken", "sound")

    assert [problem.extension for problem in host.problems] == ["broken"]
    assert reason in host.problems[0].reason
    assert [(line["name"], bool(line["problem"])) for line in host.describe()] == [
        ("broken", True),
        ("sound", False),
    ]
    assert host.has("contentHandler")


def test_a_module_that_carries_nothing_is_a_problem(install, load_host):
    install("ext_bare", "answer = 42", "bare")

    host = load_host("bare")

    assert "it carries none of promptHandler" in host.problems[0].reason


def test_a_name_nobody_carries_is_a_problem(load_host):
    host = load_host("missing")

    assert host.problems[0].extension == "missing"
    assert host.describe()[0]["problem"] == "no entry point of group pygai.extensions has this name"


def test_a_name_taken_twice_is_a_problem(install, load_host):
    install("ext_one", ANSWERS_SEVEN, "same")
    install("ext_two", ANSWERS_SEVEN, "same")

    host = load_host("same")

    assert host.problems[0].reason == "the name is taken more than once"
    assert "ext_one" in host.problems[0].source
    assert "ext_two" in host.problems[0].source


def test_a_package_with_unreadable_metadata_hides_nobody(install, load_host):
    info = install("ext_torn", ANSWERS_SEVEN, "torn")
    (info / "entry_points.txt").write_text("[pygai.extensions]\nno equals sign\n")
    install("ext_sound", ANSWERS_SEVEN, "sound")

    host = load_host("sound")

    assert host.problems == ()
    assert host.has("contentHandler")


def test_strict_makes_every_problem_fatal(write_file, load_host):
    write_file("content.py", "1 / 0")

    with pytest.raises(ExtensionError, match="ZeroDivisionError") as refused:
        load_host("missing", "pygaiext", strict_extensions=True)

    assert [problem.extension for problem in refused.value.problems] == ["missing", "pygaiext"]


def test_an_import_of_the_originals_modules_is_explained(write_file, load_host):
    write_file("prompt.py", "from gai.prompt import promptHandler as original")

    host = load_host("pygaiext")

    assert "declare `proceed`" in host.problems[0].reason


async def test_a_file_with_unusual_content_in_a_folder_with_an_unusual_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_file, load_host, default
):
    written = write_file(
        "content.py",
        """\
        from __future__ import annotations
        from dataclasses import dataclass

        @dataclass
        class Größe:
            值: int

        def contentHandler(text, writetofile, inputData):
            return Größe(len("Привет 世界")).值
        """,
    )
    folder = tmp_path / "дом 家 #1"
    (folder / "gai").mkdir(parents=True)
    (folder / "gai" / "content.py").write_bytes(b"\xef\xbb\xbf" + written.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.chdir(folder.parent)

    host = load_host("pygaiext", ext_path=Path("дом 家 #1"))

    assert host.problems == ()
    assert await host.run("contentHandler", ("", False, {}), default.run) == 9


async def test_a_file_in_another_declared_encoding_is_read_by_it(write_file, load_host, default):
    write_file(
        "content.py",
        "# -*- coding: gb18030 -*-\ndef contentHandler(a, b, c):\n    return len('世界')\n".encode("gb18030"),
    )

    result = await load_host("pygaiext").run("contentHandler", ("", False, {}), default.run)

    assert result == 2


def test_loading_leaves_the_import_path_and_the_folder_as_they_were(
    ext_path: Path, write_file, seed_publish, load_host
):
    write_file("publish.py", seed_publish)
    before = list(sys.path)

    load_host("pygaiext")

    assert sys.path == before
    assert "gai" not in sys.modules
    assert [path.name for path in (ext_path / "gai").iterdir()] == ["publish.py"]


async def test_a_file_changed_within_the_same_second_is_read_anew(write_file, load_host, default):
    results = []
    for number in (1, 2):
        write_file("content.py", f"def contentHandler(a, b, c):\n    return {number}\n")
        host = load_host("pygaiext")
        results.append(await host.run("contentHandler", ("", False, {}), default.run))

    assert results == [1, 2]


def test_the_settings_of_an_extension_are_its_own_and_read_only(
    install, load_host, monkeypatch: pytest.MonkeyPatch
):
    install("ext_settled", WITH_SETTINGS, "settled")
    monkeypatch.setenv("SHOP_LIMIT", "5")

    host = load_host("settled")

    (guard,) = host.roster.chain("contentHandler")
    assert dict(guard.handler.settings) == {"limit": 5}
    with pytest.raises(TypeError):
        guard.handler.settings["limit"] = 6


def test_settings_that_are_not_valid_are_a_problem_that_quotes_no_value(
    install, load_host, monkeypatch: pytest.MonkeyPatch
):
    install("ext_unsettled", WITH_SETTINGS, "unsettled")
    monkeypatch.setenv("SHOP_LIMIT", "hush-hush")

    host = load_host("unsettled")

    assert "its settings are not valid: limit" in host.problems[0].reason
    assert "hush-hush" not in host.problems[0].reason


WITH_SETTINGS = """
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    limit: int = 3

def contentHandler(text, writetofile, inputData, context):
    return context.settings["limit"]
"""


def test_a_router_is_handed_to_the_service_under_the_extensions_name(install, load_host):
    install("ext_routed", "from fastapi import APIRouter\nrouter = APIRouter(prefix='/shop')", "routed")

    ((name, router),) = load_host("routed").routers()

    assert (name, router.prefix) == ("routed", "/shop")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"router": "here"}, "router is not"),
        ({"Settings": {}}, "Settings is not"),
        ({"listeners": 5}, "listeners is neither"),
        ({"listeners": [5]}, "listener 5 is not callable"),
        ({"listeners": {"published": 5}}, "listeners is neither"),
    ],
)
def test_other_parts_of_the_wrong_kind_are_problems(parts: dict, reason: str):
    (problem,) = shape.find_problems(SimpleNamespace(**parts))

    assert reason in problem
