"""With `--json`, whatever a command does, its standard output is one JSON value and nothing else."""

import json
import shlex

import pytest
import typer.main

from app.cli import app
from app.models import Publication, PublicationStatus
from tests.builders import (
    a_config,
    a_content,
    a_prompt,
    a_site,
    a_topic,
    a_user,
    ahead,
    an_instruction,
    an_interval,
    saved,
)
from tests.cli.original import SAMPLE
from tests.cli.test_documentation import commands

COMMANDS = {
    name
    for name, command in commands(typer.main.get_command(app))
    if any("--json" in parameter.opts for parameter in command.params)
}

# Each with something to say; `{folder}` is the test's own, the others are what `installation` has made.
SUCCEEDING = (
    "demo",
    "publish {content}",
    "publish {content} --at 2999-01-01",
    "publish --unpublished",
    "publish --all",
    "publish --check",
    "publish --check --dry-run",
    "unpublish {planned}",
    f"import {shlex.quote(str(SAMPLE))} --time-zone Asia/Shanghai",
    "export prompts {folder}/prompts.csv",
    "backup {folder}/new.tar.gz",
    "restore {folder}/pygai.tar.gz --replace",
    "prompt add --text Rain --count 2",
    "prompt list",
    "prompt show {prompt}",
    "prompt edit {prompt} --memo wet",
    "topic add Rain",
    "topic list",
    "topic show {topic}",
    "topic edit {topic} --memo wet",
    "interval add hourly '0 * * * *'",
    "interval list",
    "interval show {interval}",
    "interval edit {interval} --memo wet",
    "config add Careful --text '{{}}'",
    "config list",
    "config show {config}",
    "config edit {config} --memo wet",
    "instruction add Kind --text 'Be kind.'",
    "instruction list",
    "instruction show {instruction}",
    "instruction edit {instruction} --memo wet",
    "directory add Poems",
    "directory list",
    "directory show {site}",
    "directory edit {site} --title Rain",
    "theme list",
    "content list",
    "content show {content}",
    "content approve {content}",
    "content move {published} --topic {topic}",
    "jobs list",
    "audit list",
    "user add gai@example.com --make-password",
    "user list",
    "user show {user}",
    "user edit {user} --role admin",
    "token add {user} --name phone",
    "token list",
    "extension list",
)
FAILING = (
    "doctor",
    "publish {content} 4711",
    "publish {content} 4711 --at 2999-01-01",
    "publish 4711",
    "publish",
    "publish --all --site nowhere",
    "publish {unpublishable}",
    "publish --all",
    "unpublish {planned} 4711",
    "unpublish {content}",
    "import {folder}/broken.csv --kind prompts",
    "import {folder}/nothing.csv",
    "export prompts",
    "export nothing {folder}/prompts.csv",
    "backup {folder}/nowhere/pygai.tar.gz",
    "restore {folder}/broken.csv",
    "prompt show rain",
    "prompt show 4711",
    "prompt list --topic nothing",
    "prompt add",
    "prompt edit {prompt} --attach {folder}/nothing.png",
    "topic add {topic}",
    "topic show nothing",
    "topic edit {topic}",
    "config add Careful --text '['",
    "interval add never 'next tuesday'",
    "directory add Poems --path /etc",
    "content move {content} --topic {topic}",
    "user show nobody@example.com",
    "jobs list --status nothing",
)


@pytest.fixture
async def installation(database, pygai, tmp_path):
    """One of everything, by what a line calls it."""
    site, topic, user = await a_site(database), await a_topic(database, name="Wet"), await a_user(database)
    prompt = await a_prompt(database, dir_id=site.id, topic_id=topic.id)
    content, planned, published = [await a_content(database, prompt_id=prompt.id) for _ in range(3)]
    await saved(
        database, Publication(content_id=planned.id, status=PublicationStatus.SCHEDULED, due_at=ahead(days=1))
    )
    await pygai("publish", published.id)
    (tmp_path / "broken.csv").write_text("nothing\n1\n")
    return {
        "folder": tmp_path,
        "site": site.name,
        "topic": topic.name,
        "user": user.email,
        "prompt": prompt.id,
        "content": content.id,
        "planned": planned.id,
        "published": published.id,
        "interval": (await an_interval(database, name="often")).name,
        "config": (await a_config(database, name="Plain")).name,
        "instruction": (await an_instruction(database, name="Short")).name,
    }


@pytest.fixture
async def unpublishable(database):
    """A content that a page was asked for, and whose site has no theme that there is."""
    site = await a_site(database, theme="nothing")
    content = await a_content(database, prompt_id=(await a_prompt(database, dir_id=site.id)).id)
    await saved(database, Publication(content_id=content.id))
    return content.id


def arguments(line, **known):
    return [part.format(**known) for part in shlex.split(line)]


def test_every_command_that_knows_json_is_held_to_it():
    of_lines = {name for name in COMMANDS for line in SUCCEEDING if f"{line} ".startswith(f"{name} ")}

    assert COMMANDS - of_lines == {"doctor"}, "which finds something to mend wherever tests run"


@pytest.mark.parametrize("line", SUCCEEDING)
async def test_a_command_that_succeeds_prints_one_json_value(pygai, database, installation, line):
    await pygai(*arguments("backup {folder}/pygai.tar.gz", **installation))
    await database.dispose()  # to restore takes a database that nobody uses

    answer = await pygai(*arguments(line, **installation), "--json")

    assert answer.code == 0, answer.complaints
    assert json.loads(answer.printed) is not None


@pytest.mark.parametrize("line", FAILING)
async def test_a_command_that_fails_prints_one_json_value(pygai, installation, unpublishable, line):
    answer = await pygai(*arguments(line, **installation, unpublishable=unpublishable), "--json")

    assert answer.code in {1, 2}
    assert json.loads(answer.printed)


@pytest.mark.parametrize(
    "broken",
    [{"PYGAI_PORT": "none"}, {"PYGAI_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}],
    ids=["setting", "database"],
)
async def test_every_command_prints_one_json_value_when_the_installation_is_broken(
    pygai, installation, broken, subtests
):
    for line in SUCCEEDING:
        with subtests.test(line):
            answer = await pygai(*arguments(line, **installation), "--json", **broken)
            assert json.loads(answer.printed) is not None
            assert answer.code or line in {"theme list", "extension list"}


async def test_why_a_command_failed_is_in_the_json_too(pygai):
    answer = await pygai("topic", "show", "nothing", "--json")

    assert answer.data == {"errors": ["topic: there is no topic 'nothing'"]}
    assert "there is no topic 'nothing'" in answer.complaints


async def test_what_could_not_be_published_is_in_the_json_beside_the_sites(pygai, installation, unpublishable):
    answer = await pygai("publish", "--all", "--json")

    failed, *sites = answer.data
    assert answer.code == 1
    assert (failed["content"], failed["status"]) == (unpublishable, "failed")
    assert installation["site"] in {line["site"] for line in sites}


async def test_what_an_extension_prints_is_not_in_the_json(pygai, installation):
    handler = installation["folder"] / "ext" / "gai" / "publish.py"
    handler.parent.mkdir(parents=True)
    handler.write_text("def publishHandler(contentId, reWrite):\n    print('I was here')\n    return 77\n")
    variables = {"PYGAI_EXTENSIONS": "pygaiext", "PYGAI_EXT_PATH": str(handler.parents[1])}

    answer = await pygai("publish", installation["content"], "--json", **variables)

    assert [line["status"] for line in answer.data] == ["replaced"]
    assert "I was here" in answer.complaints
