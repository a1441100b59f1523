"""What a line of an exported file holds, checked when it comes in again.

Whatever a prompt refers to goes by name, with what it takes to make it where there is none of that name.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictStr

from app.models import FileStatus
from app.transfer.rows.kinds import RowKind
from schemas.content import storable
from schemas.prompt import GenerationType

GREATEST_ID = 2**53 - 1


def encodable(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as broken:
        raise ValueError("is not UTF-8") from broken
    return storable(value)


Text = Annotated[StrictStr, AfterValidator(encodable)]
Id = Annotated[int, Field(ge=1, le=GREATEST_ID)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Hash = Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{64}$")]
Digest = Annotated[StrictStr, Field(pattern=r"^(?:[0-9a-f]{2}){1,128}$")]


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: Id | None = None
    created_at: AwareDatetime | None = None


class AttachmentLine(BaseModel):
    """A stored file by its hash, with the address it can be had from, or an address alone."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    hash: Hash | None = None
    url: Text | None = None
    created_at: AwareDatetime | None = None


class DirectorySettings(BaseModel):
    """What a site is like, as far as it is said."""

    model_config = ConfigDict(extra="forbid")

    tmpl: Text | None = None
    title: Text | None = None
    description: Text | None = None
    about: Text | None = None
    language: Text | None = None
    base_url: Text | None = None
    author: Text | None = None
    theme: Text | None = None
    page_size: Count | None = None
    time_zone: Text | None = None
    discloses_ai: bool | None = None


class PromptLine(Line):
    type: GenerationType
    text: Text
    memo: Text | None = None
    is_enabled: bool = True
    is_show_in_content: bool = False
    count: Count = 10
    initial_count: Count | None = None
    is_exhausted: bool = False
    interval: Text | None = None
    interval_expression: Text | None = None
    interval_time_zone: Text | None = None
    topic: Text | None = None
    config: Text | None = None
    config_type: GenerationType | None = None
    config_text: dict[str, Any] | None = None
    instruction: Text | None = None
    instruction_text: Text | None = None
    instruction_config: dict[str, Any] | None = None
    directory: Text | None = None
    directory_path: Text | None = None
    directory_settings: DirectorySettings | None = None
    files: list[AttachmentLine] | None = None
    available_at: AwareDatetime | None = None
    last_content_id: Id | None = None
    last_content_created_at: AwareDatetime | None = None
    last_content_at: AwareDatetime | None = None
    modified_at: AwareDatetime | None = None


class ContentFileLine(BaseModel):
    """A submitted file and what became of it; the bytes of a `data:` URL only until they are stored."""

    model_config = ConfigDict(extra="forbid")

    source: Text
    status: FileStatus = FileStatus.FAILED
    reason: Text | None = None
    attempts: Count = 0
    name: Text | None = None
    hash: Hash | None = None
    payload: Text | None = None
    next_attempt_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None


class ContentLine(Line):
    prompt_id: Id | None = None
    prompt_created_at: AwareDatetime | None = None
    is_last_of_prompt: bool = False
    external_id: Text = ""
    hist_prompt_id: Text = ""
    hist_id: Text = ""
    cron_id: Text = ""
    text: Text
    submitted_by: Text | None = None
    submission_digest: Digest | None = None
    approved_by: Text | None = None
    approved_at: AwareDatetime | None = None
    files: list[ContentFileLine] | None = None


LINES: Mapping[RowKind, type[PromptLine] | type[ContentLine]] = {
    RowKind.PROMPTS: PromptLine,
    RowKind.CONTENTS: ContentLine,
}

JSON_COLUMNS = frozenset({"files", "config_text", "instruction_config", "directory_settings"})
# Texts that may be absent; a cell has to tell that from an empty one.
OPTIONAL_TEXTS = frozenset(
    {
        "memo",
        "interval",
        "interval_expression",
        "interval_time_zone",
        "topic",
        "config",
        "instruction",
        "instruction_text",
        "directory",
        "directory_path",
        "submitted_by",
        "approved_by",
    }
)
