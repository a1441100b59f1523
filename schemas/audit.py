"""The audit log: who changed what, when."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

MOST_LINES = 100_000


class AuditQuery(BaseModel):
    """Which lines of the audit log are meant: all that is given together."""

    model_config = ConfigDict(extra="forbid")

    actor: str | None = Field(None, description="Only what they did: a user's address, or `cli:` and a name.")
    action: str | None = Field(
        None, description="Only this action, or all of a family: `prompt` finds `prompt.add`."
    )
    subject: str | None = Field(None, description="Only what was done to it, such as `prompt 12`.")
    since: AwareDatetime | None = Field(None, description="Only from then on.")
    before: int | None = Field(None, description="Only lines with a smaller number, to page on.")
    limit: int = Field(50, ge=1, le=MOST_LINES, description="The most lines given.")


class AuditLine(BaseModel):
    """What somebody changed."""

    id: int = Field(description="The line's number.")
    created_at: datetime = Field(description="When it was changed.")
    actor: str = Field(description="Who changed it: a user's address, or `cli:` and the name at the command line.")
    action: str = Field(description="What was done, such as `prompt.edit`.")
    subject: str = Field(description="To what, such as `prompt 12`.")
    details: dict[str, JsonValue] = Field(
        description="What differs, `before` and `after`; never a secret and never a text."
    )
