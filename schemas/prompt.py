"""T1: the task a client is handed."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class GenerationType(StrEnum):
    """What is to be generated: `gentxt` a text, `genimg` a picture."""

    TEXT = "gentxt"
    IMAGE = "genimg"


class PromptTask(BaseModel):
    """An AI generation task (T1). Optional keys are left out when there is nothing to say."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 1,
                    "type": "gentxt",
                    "text": "Write an essay of at least 500 words: live for today, let tomorrow worry about itself.",
                    "files": [],
                }
            ]
        }
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
