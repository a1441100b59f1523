"""T1: the task a client is handed, and the prompt behind it as operators keep it."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from schemas.changes import Changes

GREATEST_ID = 2**63 - 1
LONGEST_WAIT_SECONDS = 60


def whole_number(value: object) -> object:
    """Only digits: what Python would also take as a number (` 1`, `+1`, `1_0`, `²`) is a mistake here."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,19}", value):
        raise ValueError("must be a whole number, 0 or more")
    return value


Identifier = Annotated[int, Field(ge=0, le=GREATEST_ID), BeforeValidator(whole_number)]


class GenerationType(StrEnum):
    """What is to be generated: `gentxt` a text, `genimg` a picture."""

    TEXT = "gentxt"
    IMAGE = "genimg"


class PromptFilters(BaseModel):
    """Which prompts are meant: all given numbers together; 0 means any."""

    id: Identifier = Field(0, description="Only this prompt (gaiPrompt.id).")
    intervalId: Identifier = Field(0, description="Only prompts of this interval.")
    topicId: Identifier = Field(0, description="Only prompts of this topic.")
    dirId: Identifier = Field(0, description="Only prompts of this directory.")


class TaskQuery(PromptFilters):
    """What T1 may be asked."""

    wait: float = Field(
        0,
        ge=0,
        le=LONGEST_WAIT_SECONDS,
        allow_inf_nan=False,
        description="Seconds to wait for a task (long-poll).",
    )
    another: bool = Field(
        False, alias="next", description="Claim another task although this token holds one already."
    )


class PromptTask(BaseModel):
    """An AI generation task (T1). Optional keys are left out when there is nothing to say; extensions may add some."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "id": 1,
                    "type": "gentxt",
                    "text": "Write an essay of at least 500 words: live for today, let tomorrow worry about itself.",
                    "files": [],
                }
            ]
        },
    )

    id: int = Field(description="The prompt's number (gaiPrompt.id); hand it back as `promptId`.")
    type: GenerationType = Field(description="`gentxt` to generate a text, `genimg` to generate a picture.")
    text: str = Field(description="The prompt.")
    files: list[str] = Field(description="Absolute addresses of the attached files; empty if there are none.")
    instId: int | None = Field(None, description="The system instruction's number (gaiInstruction.id).")
    instName: str | None = Field(None, description="The system instruction's name.")
    instText: str | None = Field(None, description="The system instruction.")
    config: dict[str, Any] | None = Field(
        None, description="Parameters for the model; the instruction's own win over the prompt's."
    )


class Lease(BaseModel):
    """A lease that was extended."""

    leasedUntil: str = Field(description="When the lease ends (ISO 8601).", examples=["2026-11-22T12:15:00+00:00"])


class Attachment(BaseModel):
    """A file attached to a prompt."""

    id: int = Field(description="The attachment's number.", examples=[7])
    name: str = Field(description="Its name.", examples=["leaf.jpg"])
    url: str = Field(
        description="Its absolute address.",
        examples=["http://127.0.0.1:5050/uploads/9f86d081884c7d659a2feaa0c55ad015/leaf.jpg"],
    )


TEXT = "What is asked of the model."
SHOWS = "Whether pages show the prompt's text."
COUNT = "How often it is to be done, and again after a reset."
ENABLED = "Whether it is handed out."
MEMO = "A note of the operators for themselves."
TOPIC = "Its topic, by name or number."
INTERVAL = "The interval by which it comes due again, by name or number."
CONFIG = "The config with its parameters, by name or number."
INSTRUCTION = "The instruction that the model is given first, by name or number."
DIRECTORY = "The site that it is published to, by name or number."


class PromptSelection(BaseModel):
    """Which prompts are meant, in the words of operators; what is empty means any."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier = Field(0, description="Only this prompt.")
    interval: str = Field("", description=INTERVAL)
    topic: str = Field("", description=TOPIC)
    directory: str = Field("", description=DIRECTORY)


class PromptDraft(BaseModel):
    """A prompt to be added."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description=TEXT)
    type: GenerationType = Field(GenerationType.TEXT, description="What is to be generated.")
    count: int = Field(10, description=COUNT)
    is_enabled: bool = Field(True, description=ENABLED)
    is_show_in_content: bool = Field(False, description=SHOWS)
    memo: str | None = Field(None, description=MEMO)
    topic: str | None = Field(None, description=TOPIC)
    interval: str | None = Field(None, description=INTERVAL)
    config: str | None = Field(None, description=CONFIG)
    instruction: str | None = Field(None, description=INSTRUCTION)
    directory: str | None = Field(None, description=DIRECTORY)


class PromptChanges(Changes):
    """What is to be different about a prompt."""

    clearable: ClassVar = frozenset({"memo", "topic", "interval", "config", "instruction", "directory"})

    text: str | None = Field(None, description=TEXT)
    type: GenerationType | None = Field(None, description="What is to be generated.")
    count: int | None = Field(None, description=COUNT)
    is_enabled: bool | None = Field(None, description=ENABLED)
    is_show_in_content: bool | None = Field(None, description=SHOWS)
    memo: str | None = Field(None, description=MEMO)
    topic: str | None = Field(None, description=TOPIC)
    interval: str | None = Field(None, description=INTERVAL)
    config: str | None = Field(None, description=CONFIG)
    instruction: str | None = Field(None, description=INSTRUCTION)
    directory: str | None = Field(None, description=DIRECTORY)


class PromptStatus(StrEnum):
    """Whether a prompt can be handed out, and what it waits for otherwise."""

    AVAILABLE = "available"
    LEASED = "leased"
    DUE = "due"
    WAITING_FOR_INTERVAL = "waiting_for_interval"
    WAITING_FOR_RESET = "waiting_for_reset"
    DISABLED = "disabled"
    EXHAUSTED = "exhausted"


class PromptState(BaseModel):
    """A prompt's status at the moment at which it was read."""

    status: PromptStatus = Field(description="Whether it can be handed out.")
    until: datetime | None = Field(None, description="When the lease ends, or at which instant it comes due.")


class PromptSummary(BaseModel):
    """A prompt as operators keep it, with the names of what it refers to."""

    id: int = Field(description="The prompt's number.")
    type: GenerationType = Field(description="What is to be generated.")
    text: str = Field(description=TEXT)
    memo: str | None = Field(description=MEMO)
    is_enabled: bool = Field(description=ENABLED)
    is_show_in_content: bool = Field(description=SHOWS)
    count: int = Field(description="How often it is still to be done.")
    initial_count: int = Field(description="The count that a reset restores.")
    is_exhausted: bool = Field(description="Whether it was disabled because its count ran out.")
    interval_id: int | None = Field(description="The interval's number.")
    topic_id: int | None = Field(description="The topic's number.")
    config_id: int | None = Field(description="The config's number.")
    inst_id: int | None = Field(description="The instruction's number.")
    dir_id: int | None = Field(description="The directory's number.")
    available_at: datetime | None = Field(description="Since when it waits, or when it comes due.")
    last_content_id: int | None = Field(description="The content that was returned last.")
    last_content_at: datetime | None = Field(description="When it was returned.")
    leased_to: str | None = Field(description="The `jti` of the token that holds it.")
    leased_at: datetime | None = Field(description="Since when.")
    leased_until: datetime | None = Field(description="When the lease ends.")
    created_at: datetime = Field(description="When it was added.")
    modified_at: datetime = Field(description="When it was last changed.")
    topic: str | None = Field(description="The topic's name.")
    interval: str | None = Field(description="The interval's name.")
    config: str | None = Field(description="The config's name.")
    instruction: str | None = Field(description="The instruction's name.")
    directory: str | None = Field(description="The directory's name.")
    state: PromptState = Field(description="Whether it can be handed out.")


class ReportedAttempt(BaseModel):
    """A client's report that it could not do a task."""

    at: datetime = Field(description="When it was reported.")
    status: str = Field(description="`fail` or `error`.")
    reason: str = Field(description="What the client said.")


class PromptDetails(PromptSummary):
    """A prompt with its attachments and what became of it."""

    files: list[Attachment] = Field(description="Its attachments, in the order in which they are handed out.")
    contents: int = Field(description="How many contents were returned for it.")
    attempts: list[ReportedAttempt] = Field(description="The last failed attempts, the newest first.")
