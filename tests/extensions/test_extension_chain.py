"""Several extensions with one handler form a chain; `proceed` runs the next one, the last is the default."""

import asyncio
import contextvars
import itertools
import time
from typing import Any

import pytest

from app.core import errors

SUBMISSION = ("text", True, {"text": "text", "promptId": "2"})


def a_handler(mark: str, *, sync: bool) -> Any:
    """Proceeds with its mark added to the text and adds one to the result."""

    def marked(text, writetofile, inputData, proceed):
        return proceed(text + mark) + 1

    async def awaited(text, writetofile, inputData, proceed):
        return await proceed(text + mark) + 1

    return marked if sync else awaited


@pytest.mark.parametrize("kinds", list(itertools.product([True, False], repeat=3)))
async def test_sync_and_async_handlers_chain_in_any_mixture(host_of, default, kinds):
    chain = [a_handler(mark, sync=sync) for mark, sync in zip("abc", kinds, strict=True)]
    host = host_of("contentHandler", *chain)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 103
    assert default.calls == [("textabc", True, {"text": "text", "promptId": "2"})]


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
async def test_handlers_run_in_their_order(host_of, default, order):
    chain = [a_handler(mark, sync=index % 2 == 0) for index, mark in enumerate(order)]
    host = host_of("contentHandler", *chain)

    await host.run("contentHandler", SUBMISSION, default.run)

    assert default.calls[0][0] == "text" + "".join(order)


async def test_without_an_extension_the_default_runs(host_of, default):
    host = host_of("publishHandler", lambda contentId, reWrite: 1)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 100
    assert not host.has("contentHandler")
    assert host.has("publishHandler")


async def test_a_handler_without_proceed_replaces_all_after_it(host_of, default):
    async def replaces(text, writetofile, inputData):
        return 5

    host = host_of("contentHandler", a_handler("a", sync=True), replaces, a_handler("c", sync=False))

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 6
    assert default.calls == []


async def test_handlers_are_called_positionally_with_the_documented_types(host_of, default):
    seen = []

    def handler(*arguments):
        seen.extend(arguments)

    host = host_of("promptHandler", handler)

    result = await host.run("promptHandler", (0, 3, 0, 0), default.run)

    assert (result, seen) == (None, [0, 3, 0, 0])


async def test_proceed_without_arguments_passes_on_what_the_handler_has(host_of, default):
    async def handler(text, writetofile, inputData, *, proceed):
        inputData["lang"] = "en"
        return await proceed()

    host = host_of("contentHandler", handler)

    await host.run("contentHandler", SUBMISSION, default.run)

    assert default.calls == [("text", True, {"text": "text", "promptId": "2", "lang": "en"})]
    assert "lang" not in SUBMISSION[2]


@pytest.mark.parametrize(
    "wrong", [(5,), (None,), ("text", 1), ("text", True, []), ("text", True, {}, "one too many")]
)
async def test_proceed_with_arguments_of_other_types_is_the_handlers_failure(host_of, default, wrong):
    async def handler(text, writetofile, inputData, proceed):
        return await proceed(*wrong)

    host = host_of("contentHandler", handler)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 100
    assert default.calls == [SUBMISSION]
    assert "TypeError: proceed" in host.roster.failures["first"].last_reason


@pytest.mark.parametrize("sync", [True, False])
async def test_proceed_twice_runs_the_default_once(host_of, default, sync: bool):
    def twice(text, writetofile, inputData, proceed):
        return proceed("one") + proceed("two")

    async def twice_awaited(text, writetofile, inputData, proceed):
        return sum(await asyncio.gather(proceed("one"), proceed("two")))

    host = host_of("contentHandler", twice if sync else twice_awaited)

    result = await host.run("contentHandler", SUBMISSION, default.run)

    assert result == 200
    assert [arguments[0] for arguments in default.calls] == ["one"]


@pytest.mark.parametrize("sync", [True, False])
async def test_what_the_default_refuses_reaches_the_caller_and_blames_nobody(host_of, sync: bool):
    async def refuses(*_):
        raise errors.Invalid({"text": "is empty"})

    host = host_of(
        "contentHandler", a_handler("a", sync=sync), a_handler("b", sync=not sync), extension_on_error="fail"
    )

    with pytest.raises(errors.Invalid, match="is empty"):
        await host.run("contentHandler", SUBMISSION, refuses)

    assert host.roster.failures == {}


async def test_a_handler_may_catch_what_the_default_refuses(host_of):
    async def refuses(*_):
        raise errors.NotFound({"id": "unknown"})

    def handler(contentId, reWrite, proceed):
        try:
            return proceed()
        except errors.NotFound:
            return None

    host = host_of("publishHandler", handler)

    assert await host.run("publishHandler", (1, False), refuses) is None
    assert host.roster.failures == {}


async def test_a_refusal_of_the_default_outranks_the_error_a_handler_makes_of_it(host_of):
    async def refuses(*_):
        raise errors.NotFound({"id": "unknown"})

    def handler(contentId, reWrite, proceed):
        try:
            return proceed()
        except errors.NotFound as error:
            raise KeyError("mine") from error

    host = host_of("publishHandler", handler)

    with pytest.raises(errors.NotFound):
        await host.run("publishHandler", (1, False), refuses)
    assert host.roster.failures["first"].last_reason == "KeyError: 'mine'"


async def test_sync_handlers_run_beside_the_loop_and_beside_each_other(host_of, default):
    def sleeps(text, writetofile, inputData):
        time.sleep(0.2)
        return 1

    host = host_of("contentHandler", sleeps)
    started = time.perf_counter()

    await asyncio.gather(*(host.run("contentHandler", SUBMISSION, default.run) for _ in range(10)))

    assert time.perf_counter() - started < 1


async def test_a_full_house_of_sync_handlers_waits_for_nobody(host_of, default):
    def slow(text, writetofile, inputData, proceed):
        time.sleep(0.02)
        return proceed()

    host = host_of("contentHandler", slow, slow, extension_timeout_seconds=5)

    results = await asyncio.gather(*(host.run("contentHandler", SUBMISSION, default.run) for _ in range(100)))

    assert results == [100] * 100
    assert host.roster.failures == {}


async def test_calls_at_the_same_time_keep_apart(host_of):
    async def echo(text, writetofile, inputData):
        await asyncio.sleep(0)
        return int(text)

    host = host_of("contentHandler", a_handler("0", sync=True), a_handler("0", sync=False))

    results = await asyncio.gather(*(host.run("contentHandler", (str(n), False, {}), echo) for n in range(50)))

    assert results == [n * 100 + 2 for n in range(50)]


@pytest.mark.parametrize("sync", [True, False])
async def test_context_variables_reach_handler_and_default(host_of, sync: bool):
    request_id = contextvars.ContextVar("request_id", default=0)
    request_id.set(7)
    seen = []

    def reads(text, writetofile, inputData, proceed):
        seen.append(request_id.get())
        return proceed()

    async def reads_awaited(text, writetofile, inputData, proceed):
        seen.append(request_id.get())
        return await proceed()

    async def default(*_):
        return request_id.get()

    host = host_of("contentHandler", reads if sync else reads_awaited)

    assert await host.run("contentHandler", SUBMISSION, default) == 7
    assert seen == [7]


async def test_a_sync_function_that_returns_something_to_await_is_awaited(host_of, default):
    async def later():
        return 4

    host = host_of("contentHandler", lambda text, writetofile, inputData: later())

    assert await host.run("contentHandler", SUBMISSION, default.run) == 4


async def test_context_gives_an_async_handler_the_service(host_of, default):
    async def handler(text, writetofile, inputData, context):
        number = await context.connector.submit_content(inputData, publish=False)
        context.log.info("stored", number=number)
        return number

    host = host_of("contentHandler", handler)

    assert await host.run("contentHandler", SUBMISSION, default.run) == 1


async def test_context_lets_a_sync_handler_wait_for_the_service(host_of, default):
    def handler(text, writetofile, inputData, proceed, context):
        return proceed(str(context.wait(context.connector.read_content(99))))

    host = host_of("contentHandler", handler)

    await host.run("contentHandler", SUBMISSION, default.run)

    assert default.calls[0][0] == "None"


async def test_waiting_on_the_loop_itself_is_refused_rather_than_stuck(host_of, default):
    async def handler(text, writetofile, inputData, context):
        return context.wait(context.connector.submit_content(inputData, publish=False))

    host = host_of("contentHandler", handler)

    assert await host.run("contentHandler", SUBMISSION, default.run) == 100
    assert "only a sync handler may wait" in host.roster.failures["first"].last_reason


async def test_the_http_client_is_one_and_closed_by_the_host(host_of, default):
    clients = []

    async def handler(text, writetofile, inputData, context):
        clients.append(context.http)
        return 1

    host = host_of("contentHandler", handler)
    await host.run("contentHandler", SUBMISSION, default.run)
    await host.run("contentHandler", SUBMISSION, default.run)

    await host.aclose()

    assert clients[0] is clients[1]
    assert clients[0].is_closed


async def test_an_original_style_file_may_declare_proceed(write_file, load_host, default):
    write_file(
        "content.py",
        """
        def contentHandler(text, writetofile, inputData, proceed):
            return proceed(text.upper())
        """,
    )

    await load_host("pygaiext").run("contentHandler", SUBMISSION, default.run)

    assert default.calls[0][0] == "TEXT"
