"""What prompts refer to: topics, intervals, configs and instructions."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from schemas.changes import Changes
from schemas.prompt import GenerationType

NAME = "A name that no other of its kind has."
MEMO = "A note of the operators for themselves."
EXPRESSION = "Five fields: minute, hour, day of month, month, day of week (crontab(5))."
TIME_ZONE = "The time zone in which it counts (IANA)."
PARAMETERS = "Parameters for the model; their order is kept."
OWN_PARAMETERS = "Parameters of its own, which win over the prompt's config."


class TopicDraft(BaseModel):
    """A topic to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME)
    memo: str | None = Field(None, description=MEMO)


class TopicChanges(Changes):
    """What is to be different about a topic."""

    clearable: ClassVar = frozenset({"memo"})

    name: str | None = Field(None, description=NAME)
    memo: str | None = Field(None, description=MEMO)


class TopicDetails(BaseModel):
    """A topic: what prompts and their contents are about."""

    id: int = Field(description="The topic's number.")
    name: str = Field(description=NAME)
    memo: str | None = Field(description=MEMO)
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")


class IntervalDraft(BaseModel):
    """An interval to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME)
    expression: str = Field(description=EXPRESSION)
    time_zone: str = Field("UTC", description=TIME_ZONE)
    memo: str | None = Field(None, description=MEMO)


class IntervalChanges(Changes):
    """What is to be different about an interval."""

    clearable: ClassVar = frozenset({"memo"})

    name: str | None = Field(None, description=NAME)
    expression: str | None = Field(None, description=EXPRESSION)
    time_zone: str | None = Field(None, description=TIME_ZONE)
    memo: str | None = Field(None, description=MEMO)


class IntervalSummary(BaseModel):
    """An interval: when prompts that were returned come due again."""

    id: int = Field(description="The interval's number.")
    name: str = Field(description=NAME)
    expression: str = Field(description=EXPRESSION)
    time_zone: str = Field(description=TIME_ZONE)
    memo: str | None = Field(description=MEMO)
    next_at: datetime | None = Field(description="When it comes due next; null until that is worked out.")
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")


class IntervalDetails(IntervalSummary):
    """An interval and what is ahead of it."""

    upcoming: list[datetime] = Field(description="The next instants at which it comes due, in its own time zone.")


class ConfigDraft(BaseModel):
    """A config to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME)
    text: dict[str, Any] = Field(description=PARAMETERS)
    type: GenerationType = Field(GenerationType.TEXT, description="What is generated with it.")
    memo: str | None = Field(None, description=MEMO)


class ConfigChanges(Changes):
    """What is to be different about a config."""

    clearable: ClassVar = frozenset({"memo"})

    name: str | None = Field(None, description=NAME)
    text: dict[str, Any] | None = Field(None, description=PARAMETERS)
    type: GenerationType | None = Field(None, description="What is generated with it.")
    memo: str | None = Field(None, description=MEMO)


class ConfigDetails(BaseModel):
    """A config: parameters for an AI model, handed out with a prompt."""

    id: int = Field(description="The config's number.")
    type: GenerationType = Field(description="What is generated with it.")
    name: str = Field(description=NAME)
    text: dict[str, Any] = Field(description=PARAMETERS)
    memo: str | None = Field(description=MEMO)
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")


class InstructionDraft(BaseModel):
    """An instruction to be added."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME)
    text: str = Field("", description="What the model is told.")
    config: dict[str, Any] | None = Field(None, description=OWN_PARAMETERS)
    memo: str | None = Field(None, description=MEMO)


class InstructionChanges(Changes):
    """What is to be different about an instruction."""

    clearable: ClassVar = frozenset({"config", "memo"})

    name: str | None = Field(None, description=NAME)
    text: str | None = Field(None, description="What the model is told.")
    config: dict[str, Any] | None = Field(None, description=OWN_PARAMETERS)
    memo: str | None = Field(None, description=MEMO)


class InstructionDetails(BaseModel):
    """An instruction: what a model is told before a prompt."""

    id: int = Field(description="The instruction's number.")
    name: str = Field(description=NAME)
    text: str = Field(description="What the model is told.")
    config: dict[str, Any] | None = Field(description=OWN_PARAMETERS)
    memo: str | None = Field(description=MEMO)
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")
