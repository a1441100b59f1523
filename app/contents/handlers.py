"""Where extensions stand in for T2 (T3: `contentHandler`)."""

from typing import Any

from pydantic import ValidationError

from app.access.caller import Caller
from app.contents import service
from app.core import errors
from app.core.http import jsend
from app.core.postgres.database import Database
from app.core.settings import Settings
from app.host import ExtensionHost
from schemas.content import ContentData


async def submit(
    host: ExtensionHost,
    database: Database,
    settings: Settings,
    *,
    data: ContentData,
    publish: bool,
    caller: Caller,
) -> int:
    """T2 through the chain of `contentHandler`, our own storing being its last link; the content's number."""
    if not host.has("contentHandler"):
        submitted = await service.submit(database, settings, data=data, publish=publish, caller_id=caller.user_id)
        return submitted.content_id

    async def default(text: str, writetofile: bool, input_data: dict[str, Any]) -> int:
        changed = _validated({**input_data, "text": text})
        submitted = await service.submit(
            database, settings, data=changed, publish=writetofile, caller_id=caller.user_id
        )
        return submitted.content_id

    return await host.run("contentHandler", (data.text, publish, data.model_dump()), default)


def _validated(data: dict[str, Any]) -> ContentData:
    """An extension may have changed the data on its way here."""
    try:
        return ContentData.model_validate(data)
    except ValidationError as invalid:
        raise errors.Invalid(jsend.reasons_of(invalid.errors())) from invalid
