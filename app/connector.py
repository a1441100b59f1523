"""The way back into the service that extensions are given."""

from typing import Any

from pydantic import ValidationError

from app.contents import service as contents
from app.contents.shown import shown
from app.core import errors
from app.core.http import jsend
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.prompts import service as prompts
from app.publishing.service import Publisher
from schemas.content import ContentData


class ServiceConnector:
    """The SDK's `Connector` over our own services; each call is a transaction of its own."""

    def __init__(self, database: Database, settings: Settings, publisher: Publisher) -> None:
        self._database = database
        self._settings = settings
        self._publisher = publisher

    async def read_prompt(self, prompt_id: int) -> dict[str, Any] | None:
        return await prompts.find_task(self._database, self._settings, prompt_id=prompt_id)

    async def read_content(self, content_id: int) -> dict[str, Any] | None:
        async with self._database.session() as session:
            try:
                report = await contents.get_report(session, content_id=content_id)
            except errors.NotFound:
                return None
            return shown(report, self._settings)

    async def submit_content(self, data: dict[str, Any], *, publish: bool) -> int:
        try:
            checked = ContentData.model_validate(data)
        except ValidationError as invalid:
            raise errors.Invalid(jsend.reasons_of(invalid.errors())) from invalid
        submitted = await contents.submit(
            self._database, self._settings, data=checked, publish=publish, caller_id=None
        )
        return submitted.content_id

    async def publish_content(self, content_id: int, *, rewrite: bool) -> int | None:
        return await self._publisher.publish(content_id, rewrite)

    async def reset_prompts(self) -> bool:
        await prompts.reset(self._database, self._settings)
        return True
