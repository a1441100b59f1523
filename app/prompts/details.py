"""Prompts as operators see them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from app.models import PromptAttempt, PromptFile
from app.prompts import editing, files, listing_queries
from app.prompts.listing_queries import PromptLine
from app.prompts.queries import Filters
from app.prompts.service import attachment_url
from app.prompts.states import state_of
from schemas.prompt import Attachment, PromptDetails, PromptSummary, ReportedAttempt

SHOWN_ATTEMPTS = 10


async def list_summaries(
    session: AsyncSession, *, filters: Filters, after_id: int, limit: int
) -> list[PromptSummary]:
    lines = await listing_queries.list_prompts(session, filters=filters, after_id=after_id, limit=limit)
    return [_summary(line) for line in lines]


async def get_details(session: AsyncSession, settings: Settings, *, prompt_id: int) -> PromptDetails:
    """Raises NotFound."""
    prompt = await editing.get(session, prompt_id)
    only = Filters(id=prompt.id)
    (summary,) = await list_summaries(session, filters=only, after_id=prompt.id - 1, limit=1)
    attached = await files.list_files(session, prompt_id=prompt.id)
    attempts = await listing_queries.list_attempts(session, prompt_id=prompt.id, limit=SHOWN_ATTEMPTS)
    return PromptDetails(
        **dict(summary),
        files=[attachment_of(file, settings) for file in attached],
        contents=await listing_queries.count_contents(session, prompt_id=prompt.id),
        attempts=_reported(attempts),
    )


def attachment_of(file: PromptFile, settings: Settings) -> Attachment:
    uploads_url = f"{settings.base_url}/uploads"
    url = file.url or attachment_url(uploads_url, file.media_hash or "", file.name)
    return Attachment(id=file.id, name=file.name, url=url)


def _summary(line: PromptLine) -> PromptSummary:
    return PromptSummary(
        **line.prompt.model_dump(),
        topic=line.topic,
        interval=line.interval,
        config=line.config,
        instruction=line.instruction,
        directory=line.directory,
        state=state_of(line.prompt, now=datetime.now(UTC)),
    )


def _reported(attempts: Sequence[PromptAttempt]) -> list[ReportedAttempt]:
    return [ReportedAttempt(at=one.created_at, status=one.status, reason=one.reason) for one in attempts]
