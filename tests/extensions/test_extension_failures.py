"""A handler that raises, hangs or answers nonsense is recorded, and the content is stored all the same, once."""

import asyncio
import sys
import threading
import time
from typing import Any

import anyio
import pytest
from prometheus_client import REGISTRY

from app.host import HandlerFailed
from app.host.runner import MOST_ABANDONED

SUBMISSION = ("text", True, {"text": "text"})
TIMEOUT = 0.25
LONG = 1.5


def raises(text, writetofile, inputData):
    raise ValueError("on purpose")


async def raises_awaited(text, writetofile, inputData):
    raise ValueError("on purpose")


def exits(text, writetofile, inputData):
    sys.exit("good bye")


async def exits_awaited(text, writetofile, inputData):
    sys.exit("good bye")


def stops(text, writetofile, inputData):
    raise StopIteration


async def cancels_itself(text, writetofile, inputData):
    raise asyncio.CancelledError


def hangs(text, writetofile, inputData):
    time.sleep(LONG)
    return 1


async def hangs_awaited(text, writetofile, inputData):
    await asyncio.sleep(60)
    return 1


async def will_not_be_cancelled(text, writetofile, inputData):
    for _ in range(3):
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            await asyncio.sleep(LONG)
    return 1


FAILING = [
    (raises, "ValueError: on purpose"),
    (raises_awaited, "ValueError: on purpose"),
    (exits, "SystemExit: good bye"),
    (exits_awaited, "SystemExit: good bye"),
    (stops, "StopIteration"),
    (cancels_itself, "CancelledError"),
    (hangs, "no result after 0.25 seconds"),
    (hangs_awaited, "no result after 0.25 seconds"),
    (will_not_be_cancelled, "no result after 0.25 seconds"),
]
HANDLERS = pytest.mark.parametrize(("handler", "reason"), FAILING, ids=[f.__name__ for f, _ in FAILING])


@HANDLERS
async def test_the_default_stands_in_for_a_handler_that_fails(host_of, default, handler, reason):
    host = host_of("contentHandler", handler, extension_timeout_seconds=TIMEOUT)
    started = time.perf_counter()

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert time.perf_counter() - started < LONG
    assert result == 100
    assert default.calls == [SUBMISSION]
    failures = host.roster.failures["first"]
    assert (failures.count, failures.last_handler) == (1, "contentHandler")
    assert reason in failures.last_reason


@HANDLERS
async def test_on_error_fail_raises_and_runs_no_default(host_of, default, handler, reason):
    host = host_of("contentHandler", handler, extension_timeout_seconds=TIMEOUT, extension_on_error="fail")

    with pytest.raises(HandlerFailed) as failed:
        await host.run("contentHandler", SUBMISSION, default.run)

    assert (failed.value.name, default.calls) == ("first", [])
    assert reason in failed.value.reason
    assert reason not in failed.value.message


@pytest.mark.parametrize(
    ("name", "arguments", "value", "expected"),
    [
        ("promptHandler", (0, 0, 0, 0), None, None),
        ("promptHandler", (0, 0, 0, 0), {"id": 1}, {"id": 1}),
        ("promptHandler", (0, 0, 0, 0), [1], "default"),
        ("promptHandler", (0, 0, 0, 0), {"id": object()}, "default"),
        ("promptHandler", (0, 0, 0, 0), {"id": "\ud800"}, "default"),
        ("resetHandler", (), None, True),
        ("resetHandler", (), False, False),
        ("resetHandler", (), 1, "default"),
        ("contentHandler", SUBMISSION, 0, 0),
        ("contentHandler", SUBMISSION, None, "default"),
        ("contentHandler", SUBMISSION, "12", "default"),
        ("contentHandler", SUBMISSION, True, "default"),
        ("contentHandler", SUBMISSION, 1.0, "default"),
        ("publishHandler", (1, False), None, None),
        ("publishHandler", (1, False), 3, 3),
        ("publishHandler", (1, False), "3", "default"),
    ],
)
async def test_a_result_of_another_type_counts_as_a_failure(host_of, name, arguments, value, expected):
    async def default(*_):
        return "default"

    host = host_of(name, lambda *_: value)

    assert await host.run(name, arguments, default) == expected
    assert bool(host.roster.failures) is (expected == "default")


@pytest.mark.parametrize("ending", ["raise", "wrong type", "hang"])
@pytest.mark.parametrize("sync", [True, False])
async def test_the_default_never_runs_twice(host_of, default, sync: bool, ending: str):
    def stumbles(text, writetofile, inputData, proceed):
        proceed("changed")
        if ending == "hang":
            time.sleep(TIMEOUT * 2)
        return "wrong" if ending == "wrong type" else 1 / 0

    async def stumbles_awaited(text, writetofile, inputData, proceed):
        await proceed("changed")
        if ending == "hang":
            await asyncio.sleep(60)
        return "wrong" if ending == "wrong type" else 1 / 0

    host = host_of("contentHandler", stumbles if sync else stumbles_awaited, extension_timeout_seconds=TIMEOUT)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 100
    assert [arguments[0] for arguments in default.calls] == ["changed"]
    assert host.roster.failures["first"].count == 1


async def test_a_default_still_running_when_its_handler_fails_is_waited_for(host_of):
    calls = []

    async def slow_default(*arguments):
        calls.append(arguments)
        await asyncio.sleep(0.05)
        return 100

    async def impatient(text, writetofile, inputData, proceed):
        return await asyncio.wait_for(proceed(), 0.01)

    host = host_of("contentHandler", impatient)

    assert await host.run("contentHandler", SUBMISSION, slow_default) == 100
    assert len(calls) == 1
    assert "TimeoutError" in host.roster.failures["first"].last_reason


async def test_the_rest_of_the_chain_stands_in_for_one_that_fails(host_of, default):
    def proceeds(text, writetofile, inputData, proceed):
        return proceed(text + "!") + 1

    host = host_of("contentHandler", proceeds, raises, proceeds)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 102
    assert default.calls[0][0] == "text!!"
    assert list(host.roster.failures) == ["second"]


async def test_what_a_failing_handler_did_to_its_arguments_reaches_nobody(host_of, default):
    def spoils(text, writetofile, inputData):
        inputData.clear()
        raise ValueError

    host = host_of("contentHandler", spoils)

    await host.run("contentHandler", ("text", True, {"text": "text"}), default.run)

    assert default.calls == [SUBMISSION]


@pytest.mark.parametrize("sync", [True, False])
async def test_time_in_the_rest_of_the_chain_is_not_the_handlers(host_of, sync: bool):
    async def slow_default(*_):
        await asyncio.sleep(TIMEOUT * 2)
        return 100

    def patient(text, writetofile, inputData, proceed):
        return proceed() + 1

    async def patient_awaited(text, writetofile, inputData, proceed):
        return await proceed() + 1

    host = host_of("contentHandler", patient if sync else patient_awaited, extension_timeout_seconds=TIMEOUT)

    assert await host.run("contentHandler", SUBMISSION, slow_default) == 101
    assert host.roster.failures == {}


async def test_an_outer_handler_is_not_blamed_for_an_inner_one_that_hangs(host_of, default):
    async def outer(text, writetofile, inputData, proceed):
        return await proceed() + 1

    host = host_of("contentHandler", outer, hangs_awaited, extension_timeout_seconds=TIMEOUT)

    assert await host.run("contentHandler", SUBMISSION, default.run) == 101
    assert list(host.roster.failures) == ["second"]


async def test_a_failure_inside_is_named_once_when_errors_are_fatal(host_of, default):
    def outer(text, writetofile, inputData, proceed):
        return proceed()

    host = host_of("contentHandler", outer, raises, extension_on_error="fail")

    with pytest.raises(HandlerFailed, match="second"):
        await host.run("contentHandler", SUBMISSION, default.run)
    assert list(host.roster.failures) == ["second"]


async def test_proceed_after_the_call_is_over_runs_nothing(host_of, default):
    answers: list[Any] = []
    finished = threading.Event()

    def late(text, writetofile, inputData, proceed):
        time.sleep(TIMEOUT * 2)
        try:
            answers.append(proceed("late"))
        except RuntimeError as error:
            answers.append(str(error))
        finished.set()

    host = host_of("contentHandler", late, extension_timeout_seconds=TIMEOUT, extension_on_error="fail")
    with pytest.raises(HandlerFailed):
        await host.run("contentHandler", SUBMISSION, default.run)

    await asyncio.to_thread(finished.wait, 5)

    assert answers == ["proceed was called after the call had ended"]
    assert default.calls == []


async def test_a_handler_with_too_many_stuck_runs_is_not_called_any_more(host_of, default):
    release = threading.Event()
    calls = []

    def stuck(text, writetofile, inputData):
        calls.append(text)
        release.wait(10)
        return 1

    host = host_of("contentHandler", stuck, extension_timeout_seconds=0.1)
    for _ in range(MOST_ABANDONED + 1):
        assert await host.run("contentHandler", SUBMISSION, default.run) == 100

    release.set()
    await asyncio.sleep(0.1)

    assert len(calls) == MOST_ABANDONED
    assert "have still not ended" in host.roster.failures["first"].last_reason
    assert await host.run("contentHandler", SUBMISSION, default.run) == 1


@pytest.mark.parametrize("sync", [True, False])
async def test_a_cancelled_call_cancels_the_default_and_blames_nobody(host_of, sync: bool):
    entered, ended = asyncio.Event(), []

    async def endless(*_):
        entered.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    def proceeds(text, writetofile, inputData, proceed):
        return proceed()

    async def proceeds_awaited(text, writetofile, inputData, proceed):
        return await proceed()

    host = host_of("contentHandler", proceeds if sync else proceeds_awaited)
    task = asyncio.create_task(host.run("contentHandler", SUBMISSION, endless))
    await entered.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]
    assert host.roster.failures == {}


async def test_a_cancelled_scope_waits_until_the_default_has_let_go(host_of):
    ended = []

    async def endless(*_):
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            ended.append(True)

    async def proceeds(text, writetofile, inputData, proceed):
        return await proceed()

    host = host_of("contentHandler", proceeds)

    with anyio.move_on_after(0.02):
        await host.run("contentHandler", SUBMISSION, endless)

    assert ended == [True]


async def test_a_cancelled_call_does_not_wait_for_a_sync_handler(host_of, default):
    host = host_of("contentHandler", hangs)
    started = time.perf_counter()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(host.run("contentHandler", SUBMISSION, default.run), 0.05)

    assert time.perf_counter() - started < LONG
    assert default.calls == []


async def test_runs_are_counted_by_outcome(host_of, default):
    labels = {"extension": "first", "handler": "contentHandler", "outcome": "raised"}
    before = REGISTRY.get_sample_value("pygai_extension_calls_total", labels) or 0
    host = host_of("contentHandler", raises)

    await host.run("contentHandler", SUBMISSION, default.run)

    assert REGISTRY.get_sample_value("pygai_extension_calls_total", labels) == before + 1


async def test_failures_show_in_the_description(load_host, write_file, default):
    write_file("content.py", "def contentHandler(a, b, c):\n    raise OSError('no disk')\n")
    host = load_host("pygaiext")

    for _ in range(2):
        await host.run("contentHandler", SUBMISSION, default.run)

    failures = host.describe()[0]["failures"]
    assert (failures["count"], failures["last_reason"]) == (2, "OSError: no disk")
    assert failures["last_at"].endswith("+00:00")
