"""T1: the task a client is handed."""

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
