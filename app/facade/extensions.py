"""The way back into the service that handlers of extensions are given."""

from typing import Any

from pydantic import ValidationError

from app.access.caller import Caller
from app.core import errors
from app.core.http import jsend
from app.facade.connector import Connector
from schemas.content import ContentData
from schemas.prompt import PromptFilters

CALLER = Caller.internal("extension")


class ExtensionConnector:
    """The SDK's `Connector` over the facade's verbs."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector.without_extensions()

    async def read_prompt(self, prompt_id: int) -> dict[str, Any] | None:
        task = await self._connector.read_prompt(CALLER, prompt_id)
        return None if task is None else task.model_dump(mode="json", exclude_unset=True)

    async def read_content(self, content_id: int) -> dict[str, Any] | None:
        try:
            content = await self._connector.read_content(CALLER, content_id)
        except errors.NotFound:
            return None
        return content.model_dump(mode="json")

    async def submit_content(self, data: dict[str, Any], *, publish: bool) -> int:
        try:
            checked = ContentData.model_validate(data)
        except ValidationError as invalid:
            raise errors.Invalid(jsend.reasons_of(invalid.errors())) from invalid
        return await self._connector.submit_content(CALLER, checked, publish=publish)

    async def publish_content(self, content_id: int, *, rewrite: bool) -> int | None:
        return await self._connector.publish_by_default(CALLER, content_id, rewrite=rewrite)

    async def reset_prompts(self) -> bool:
        await self._connector.reset_prompts(CALLER, PromptFilters())
        return True
