"""A site that the whole service has made: its client hands texts and files in, and its readers get the pages."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.core.postgres.database import Database
from app.models import Directory
from app.publishing.preview.sample.articles import BELL, SAMPLES, SITE, TABLE, Written, media, written
from tests.builders import PASSWORD, a_prompt, a_site, a_submission, a_topic, a_user
from tests.faults.processes import Service, a_service

# The first is withdrawn, the second moved; then those that differ: without spaces, from right to left, without a
# topic, with a picture, with everything that a text can have.
TEXTS = ("soup", "ice", "harbour-zh", "night-ar", "gulls", "fog", "everything")


@dataclass(frozen=True)
class Grown:
    """A site of a running service. `articles` are paths of pages, the last of them with everything in it."""

    folder: Path
    url: str
    articles: Sequence[str]
    lists: Sequence[str]
    moved: str
    withdrawn: str

    @property
    def paths(self) -> Sequence[str]:
        left = ("nowhere/at/all/", self.withdrawn, self.moved)
        return ("", "archive/", "about/", "search/?q=tide", *self.lists, *self.articles, *left)


@asynccontextmanager
async def grown(folder: Path, database: Database, theme: str) -> AsyncIterator[Grown]:
    async with a_service(folder, database_url=database.dsn) as service:
        site = await _a_site(database, service, theme)
        async with _a_client(database, service) as client:
            pages = [await _handed_in(client, database, site, each) for each in _texts()]
        withdrawn, moved = pages[:2]
        topic = await a_topic(database, name="Kitchen")
        await _pygai(service, "unpublish", withdrawn["id"])
        await _pygai(service, "content", "move", moved["id"], "--topic", topic.name)
        paths = [page["publish"]["url"].removeprefix(site.base_url) for page in pages]
        year = paths[0].partition("/")[0]
        yield Grown(
            folder=folder / "data" / "sites" / site.path,
            url=str(site.base_url),
            articles=paths[2:],
            lists=("page/1/", "topics/kitchen/", f"{year}/"),
            moved=paths[1],
            withdrawn=paths[0],
        )


def _texts() -> Sequence[Written]:
    by_name = {sample.text: each for sample, each in zip(SAMPLES, written(SITE), strict=True)}
    return [by_name[name] for name in TEXTS]


async def _a_site(database: Database, service: Service, theme: str) -> Directory:
    return await a_site(
        database,
        theme=theme,
        name=theme,
        title=SITE.title,
        description=SITE.description,
        about=SITE.about,
        author=SITE.author,
        page_size=2,
        discloses_ai=True,
        base_url=f"{service.url}/sites/{theme}/",
    )


@asynccontextmanager
async def _a_client(database: Database, service: Service) -> AsyncIterator[httpx.AsyncClient]:
    user = await a_user(database)
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        answer = await client.post("/signin", data={"username": user.email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['data']['jwt']}"
        yield client


async def _handed_in(client: httpx.AsyncClient, database: Database, site: Directory, each: Written) -> Any:
    """What T2 says of a content whose page is there."""
    topic = await a_topic(database, name=each.article.topic.name) if each.article.topic else None
    prompt = await a_prompt(
        database, dir_id=site.id, topic_id=topic.id if topic else None, is_show_in_content=True
    )
    submission = a_submission(text=each.article.text, files=_files(each), promptId=str(prompt.id))
    answer = await client.post("/aicontent/input/?writetofile=1", json=submission)
    answer.raise_for_status()
    return (await client.get(answer.headers["Content-Location"])).raise_for_status().json()["data"]


def _files(each: Written) -> list[str]:
    drawn = media()
    paths = [picture.path for picture in each.article.pictures] + [file.path for file in each.article.files]
    kinds = {BELL.path: BELL.media_type, TABLE.path: TABLE.media_type}
    return [
        f"data:{kinds.get(path, 'image/png')};base64,{base64.b64encode(drawn[path]()).decode()}" for path in paths
    ]


async def _pygai(service: Service, *arguments: object) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", *map(str, arguments), env=service.environment
    )
    assert await process.wait() == 0
