"""A publisher on a real database and a real folder, and what a test asks of the site it made."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Content, Directory, Publication
from app.publishing.build.rebuild import Rebuilding, Survey
from app.publishing.changes import Changes
from app.publishing.service import Publisher
from app.runtime import Runtime, open_runtime
from tests.builders import a_content, a_prompt


@dataclass
class Newspaper:
    """One installation that publishes."""

    runtime: Runtime
    progress: list[tuple[int, int]] = field(default_factory=list)

    @property
    def database(self) -> Any:
        return self.runtime.database

    @property
    def publisher(self) -> Publisher:
        return self.runtime.publisher

    @property
    def changes(self) -> Changes:
        return self.runtime.changes

    async def publish(self, site: Directory, text: str, *, topic: Any = None, **prompt: Any) -> Content:
        asked = await a_prompt(self.database, dir_id=site.id, topic_id=topic.id if topic else None, **prompt)
        content = await a_content(self.database, prompt_id=asked.id, text=text)
        await self.publisher.publish(content.id)
        return content

    def rebuilding(self, site: Directory, *, workers: int | None = None) -> Rebuilding:
        return Rebuilding(self.publisher.workshop, site, workers=workers)

    async def look(self, site: Directory) -> Survey:
        """What a check finds, without mending it."""
        return await self.rebuilding(site).check(self._note, mend=False)

    async def mend(self, site: Directory) -> Survey:
        return await self.rebuilding(site).check(self._note, mend=True)

    async def rebuild(self, site: Directory, *, workers: int | None = None) -> Survey:
        return await self.rebuilding(site, workers=workers).rebuild(self._note)

    async def history(self, content: Content) -> list[Publication]:
        async with self.database.session() as session:
            query = select(Publication).where(Publication.content_id == content.id).order_by(Publication.id)
            return list((await session.scalars(query)).all())

    async def address(self, content: Content) -> str:
        """The path of its page, without `index.html`."""
        return ((await self.history(content))[-1].filename or "").removesuffix("index.html")

    def folder(self, site: Directory) -> Path:
        return Path(self.publisher.workshop.settings.sites_location) / site.path

    def read(self, site: Directory, path: str) -> str:
        return (self.folder(site) / path).read_text(encoding="utf-8")

    def read_json(self, site: Directory, path: str) -> Any:
        return json.loads(self.read(site, path))

    def has(self, site: Directory, path: str) -> bool:
        return (self.folder(site) / path).exists()

    def files(self, site: Directory) -> dict[str, bytes]:
        folder = self.folder(site)
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    def _note(self, done: int, of: int) -> None:
        self.progress.append((done, of))


@pytest.fixture
async def newspaper(make_settings: Any) -> AsyncIterator[Newspaper]:
    async with open_runtime(make_settings()) as runtime:
        yield Newspaper(runtime)
