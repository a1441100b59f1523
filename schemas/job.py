"""Work after the answer, as operators see it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field


class JobStatus(StrEnum):
    """Waiting, worked on, or failed for the last time and held."""

    QUEUED = "queued"
    PICKED = "picked"
    FAILED = "failed"


class JobState(BaseModel):
    """A job, and why it failed the last time it did."""

    id: int = Field(description="The job's number.")
    job: str = Field(description="What kind of work it is.")
    status: JobStatus
    about: dict[str, Any] = Field(description="What it is to be done with.")
    attempts: int = Field(description="How often it was tried.")
    created_at: datetime
    due_at: datetime
    reason: str | None = Field(description="Why it failed the last time it did.")
