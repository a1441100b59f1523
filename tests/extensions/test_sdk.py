"""What authors of extensions build on."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from app import sdk
from app.sdk.testing import MemoryConnector, a_context, assert_extension, check_extension


def test_the_sdk_exports_its_committed_list():
    assert sdk.__all__ == [
        "Connector",
        "ContentHandler",
        "Context",
        "HandlerName",
        "Proceed",
        "PromptHandler",
        "PublishHandler",
        "ResetHandler",
    ]


def test_a_sound_extension_has_no_problems():
    async def prompt(promptId, intervalId, topicId, dirId, *, context, proceed):
        return None

    extension = SimpleNamespace(promptHandler=prompt, resetHandler=lambda: True)

    assert check_extension(extension) == []
    assert_extension(extension)


@pytest.mark.parametrize(
    ("extension", "reason"),
    [
        (SimpleNamespace(), "it carries none of"),
        (SimpleNamespace(resetHandler=lambda scope: True), "resetHandler(scope) cannot be called with 0"),
        (SimpleNamespace(contentHandler=lambda text, writetofile, context: 1), "multiple values"),
        (SimpleNamespace(publishHandler=None, router=None), "publishHandler is not callable"),
        (type("Shop", (), {"resetHandler": lambda self: True}), "Shop is a class; name an instance"),
        (
            SimpleNamespace(resetHandler=lambda: True, publish_handler=print),
            "publish_handler looks like a handler",
        ),
    ],
)
def test_every_flaw_is_named(extension, reason: str):
    with pytest.raises(AssertionError) as refused:
        assert_extension(extension)

    assert reason in str(refused.value)


async def test_an_author_can_call_a_handler_with_a_context_of_his_own():
    async def publish(contentId, reWrite, context):
        content = await context.connector.read_content(contentId)
        return await context.connector.publish_content(content["id"], rewrite=reWrite)

    connector = MemoryConnector()
    number = await connector.submit_content({"text": "text"}, publish=False)
    context = a_context(connector=connector, settings={"shop": "mine"})

    result = await publish(number, False, context)

    assert (result, connector.published) == (1, [number])
    assert context.settings["shop"] == "mine"
    assert context.http is context.http
    await context.http.aclose()


async def test_the_ten_lines_of_the_guide_work_as_they_stand(write_file, load_host, default):
    guide = (Path(__file__).parents[2] / "docs" / "extensions.md").read_text(encoding="utf-8")
    write_file("content.py", guide.split("```python\n", 1)[1].split("```", 1)[0])
    host = load_host("pygaiext", strict_extensions=True)

    await host.run("contentHandler", ("Rain.", False, {}), default.run)

    assert default.calls == [("Hello, reader!\n\nRain.", False, {})]
