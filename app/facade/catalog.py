"""Topics, intervals, configs and instructions, as operators keep them: found by name or number."""

from datetime import UTC, datetime

from app.access.caller import Caller
from app.catalog import configs, instructions, intervals, topics
from app.catalog.cron import upcoming
from app.facade.base import Facade
from app.facade.named_rows import NamedRows
from app.models import Config, Instruction, Interval, Topic
from app.prompts import schedule
from schemas.catalog import (
    ConfigChanges,
    ConfigDetails,
    ConfigDraft,
    InstructionChanges,
    InstructionDetails,
    InstructionDraft,
    IntervalChanges,
    IntervalDetails,
    IntervalDraft,
    IntervalSummary,
    TopicChanges,
    TopicDetails,
    TopicDraft,
)

SHOWN_INSTANTS = 5

TOPICS = NamedRows(Topic, TopicDetails, topics)
INTERVALS = NamedRows(Interval, IntervalSummary, intervals)
CONFIGS = NamedRows(Config, ConfigDetails, configs)
INSTRUCTIONS = NamedRows(Instruction, InstructionDetails, instructions)


class Catalog(Facade):
    """What prompts refer to.

    Raises NotFound for a name or number that is none, Invalid and Conflict for a bad or taken name.
    """

    async def list_topics(self, caller: Caller) -> list[TopicDetails]:
        return await TOPICS.list_all(self._database, caller)

    async def read_topic(self, caller: Caller, topic: str) -> TopicDetails:
        return await TOPICS.read(self._database, caller, topic)

    async def add_topic(self, caller: Caller, draft: TopicDraft) -> TopicDetails:
        return await TOPICS.add(self._database, caller, draft)

    async def edit_topic(self, caller: Caller, topic: str, changes: TopicChanges) -> TopicDetails:
        """Sites that list the topic are rebuilt when its name changes."""
        return await TOPICS.edit(self._database, caller, topic, changes.given)

    async def remove_topic(self, caller: Caller, topic: str) -> TopicDetails:
        """Its prompts go on without one, and sites that listed it are rebuilt without it."""
        return await TOPICS.remove(self._database, caller, topic)

    async def list_intervals(self, caller: Caller) -> list[IntervalSummary]:
        return await INTERVALS.list_all(self._database, caller)

    async def read_interval(self, caller: Caller, interval: str) -> IntervalDetails:
        found = await INTERVALS.read(self._database, caller, interval)
        instants = upcoming(found.expression, found.time_zone, after=datetime.now(UTC), count=SHOWN_INSTANTS)
        return IntervalDetails(**dict(found), upcoming=instants)

    async def add_interval(self, caller: Caller, draft: IntervalDraft) -> IntervalSummary:
        """Raises Invalid also for an expression that never comes due."""
        return await INTERVALS.add(self._database, caller, draft)

    async def edit_interval(self, caller: Caller, interval: str, changes: IntervalChanges) -> IntervalSummary:
        """Returned prompts that wait for it come due at its new instants."""
        edited = await INTERVALS.edit(self._database, caller, interval, changes.given)
        await schedule.roll_forward(self._database)
        return await INTERVALS.read(self._database, caller, edited.name)

    async def remove_interval(self, caller: Caller, interval: str) -> IntervalSummary:
        """Its prompts go on without one: nothing makes those that were returned due."""
        return await INTERVALS.remove(self._database, caller, interval)

    async def list_configs(self, caller: Caller) -> list[ConfigDetails]:
        return await CONFIGS.list_all(self._database, caller)

    async def read_config(self, caller: Caller, config: str) -> ConfigDetails:
        return await CONFIGS.read(self._database, caller, config)

    async def add_config(self, caller: Caller, draft: ConfigDraft) -> ConfigDetails:
        return await CONFIGS.add(self._database, caller, draft)

    async def edit_config(self, caller: Caller, config: str, changes: ConfigChanges) -> ConfigDetails:
        return await CONFIGS.edit(self._database, caller, config, changes.given)

    async def remove_config(self, caller: Caller, config: str) -> ConfigDetails:
        """Its prompts go on without one."""
        return await CONFIGS.remove(self._database, caller, config)

    async def list_instructions(self, caller: Caller) -> list[InstructionDetails]:
        return await INSTRUCTIONS.list_all(self._database, caller)

    async def read_instruction(self, caller: Caller, instruction: str) -> InstructionDetails:
        return await INSTRUCTIONS.read(self._database, caller, instruction)

    async def add_instruction(self, caller: Caller, draft: InstructionDraft) -> InstructionDetails:
        return await INSTRUCTIONS.add(self._database, caller, draft)

    async def edit_instruction(
        self, caller: Caller, instruction: str, changes: InstructionChanges
    ) -> InstructionDetails:
        return await INSTRUCTIONS.edit(self._database, caller, instruction, changes.given)

    async def remove_instruction(self, caller: Caller, instruction: str) -> InstructionDetails:
        """Its prompts go on without one."""
        return await INSTRUCTIONS.remove(self._database, caller, instruction)
