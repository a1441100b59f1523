"""Topics: what prompts and their contents are about. Sites that list one follow its changes after the commit."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import rows
from app.models import Topic
from app.sites import rebuilds


async def add(session: AsyncSession, topic: Topic) -> Topic:
    """Raises Invalid, Conflict."""
    return await rows.add(session, topic)


async def edit(session: AsyncSession, topic: Topic, changes: Mapping[str, Any]) -> Topic:
    """Raises Invalid, Conflict."""
    if "name" in rows.assign(topic, changes):
        await rebuilds.request_for_topic(session, topic.id)
    return await rows.save(session, topic)


async def remove(session: AsyncSession, topic: Topic) -> None:
    """Its prompts go on without one, and sites that listed it are rebuilt without it."""
    await rebuilds.request_for_topic(session, topic.id)
    await rows.remove(session, topic)
