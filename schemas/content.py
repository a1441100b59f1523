"""T2: what a client hands back, and what became of it."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

EXAMPLE: dict[str, Any] = {
    "id": "",
    "text": "Rain ran slantwise down the window, tapping softly at the pane.",
    "files": ["http://localhost:8080/genimgs/139473250698292130.png"],
    "cronId": "_CRON-Daily_Writing_Prompt-Live_for_Today",
    "histId": "L-GTXT-1731317840133187",
    "promptId": "2",
}

RESULT: dict[str, Any] = {"status": "success", "data": EXAMPLE}
ATTEMPT: dict[str, Any] = {
    "status": "error",
    "message": "The model is overloaded",
    "data": {"promptId": "2", "histId": "L-GTXT-1731317840133187"},
}

FIRST_NUMBER_TOO_LARGE = 10**30


def storable(value: str) -> str:
    """PostgreSQL keeps any character but this one."""
    if "\x00" in value:
        raise ValueError("must not contain a NUL character")
    return value


def split_files(value: Any) -> Any:
    """One string with `;` between the addresses, as older clients send it, or nothing at all."""
    if value is None:
        return []
    if not isinstance(value, str):
        return value
    separator = r";(?=\s*(?:https?:|data:))" if "data:" in value else ";"
    return [part.strip() for part in re.split(separator, value) if part.strip()]


def empty_for_null(value: Any) -> Any:
    return "" if value is None else value


def number_as_text(value: Any) -> Any:
    """`7` and `7.0` are the number 7; what is no number at all is left to the type."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not abs(value) < FIRST_NUMBER_TOO_LARGE:  # which is so for NaN as well
        raise ValueError("is too large a number, or none")
    return str(int(value)) if value == int(value) else str(value)


# What is taken beyond the seeds' own types stands in the JSON Schema as well, so that it promises what we keep.
A_TEXT = {"type": "string", "pattern": "^[^\\u0000]*$"}
A_NUMBER = {
    "type": "number",
    "exclusiveMinimum": -FIRST_NUMBER_TOO_LARGE,
    "exclusiveMaximum": FIRST_NUMBER_TOO_LARGE,
}
NOTHING = {"type": "null"}

Text = Annotated[StrictStr, AfterValidator(storable), WithJsonSchema(A_TEXT)]
OptionalText = Annotated[Text, BeforeValidator(empty_for_null), WithJsonSchema({"anyOf": [A_TEXT, NOTHING]})]
Number = Annotated[Text, BeforeValidator(number_as_text), WithJsonSchema({"anyOf": [A_TEXT, A_NUMBER]})]
OptionalNumber = Annotated[
    Number, BeforeValidator(empty_for_null), WithJsonSchema({"anyOf": [A_TEXT, A_NUMBER, NOTHING]})
]
Files = Annotated[
    list[Text],
    FailFast(),  # a reason for each of a million wrong entries would hold up everybody
    BeforeValidator(split_files),
    WithJsonSchema({"anyOf": [{"type": "array", "items": A_TEXT, "maxItems": 32}, A_TEXT, NOTHING]}),
]
# The text may be empty only when there are files.
HOLDS_SOMETHING: list[Any] = [
    {"properties": {"text": {"minLength": 1}}},
    {"required": ["files"], "properties": {"files": {"type": "array", "minItems": 1}}},
]


class ContentData(BaseModel):
    """What was generated, and for which prompt."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE], "anyOf": HOLDS_SOMETHING})

    id: OptionalNumber = Field(
        "", description="An id of the client's own; empty by default. A number is taken too."
    )
    text: Text = Field(description="The generated text; may be empty only when there are files.")
    files: Files = Field(
        default_factory=list,
        description="Addresses of the generated files: `http(s)` or `data:` URLs, fetched after the answer. "
        "One string with `;` between them and `null` are taken too.",
    )
    cronId: OptionalText = Field("", description="The client's scheduled task.")
    histId: OptionalText = Field(
        "", description="The client's log entry. The same submission with the same one is stored once."
    )
    promptId: Number = Field(
        description="The prompt (gaiPrompt.id) as T1 gave it, a number or a string of it. "
        "Anything else is kept as it is and links to no prompt."
    )

    @model_validator(mode="after")
    def must_hold_something(self) -> "ContentData":
        if not self.text and not self.files:
            raise ValueError("text: may be empty only when there are files")
        return self


class ContentSubmission(BaseModel):
    """T2: a JSend success with the generated content."""

    status: Literal["success"]
    data: ContentData


class AttemptReport(BaseModel):
    """T2: a JSend fail or error of at most 1 MiB says that the client could not do the task."""

    status: Literal["fail", "error"]
    message: Any = Field(None, description="Why, for an error.")
    data: Any = Field(
        None, description="`promptId` (and `histId`, `cronId`) of the task, and whatever explains it."
    )


Submission = Annotated[ContentSubmission | AttemptReport, Field(discriminator="status")]


class FileStatus(StrEnum):
    """How a submitted file stands: `retrying` until it is `stored` or given up as `failed`."""

    PENDING = "pending"
    STORED = "stored"
    RETRYING = "retrying"
    FAILED = "failed"


class PublicationStatus(StrEnum):
    """How a publication stands: `replaced` when an extension published in our place, `withdrawn` when taken down."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class ContentFileState(BaseModel):
    """What became of one submitted file."""

    source: str = Field(description="The address as it was submitted; a long `data:` URL is shortened.")
    status: FileStatus = Field(description="`retrying` until it is stored or given up as `failed`.")
    reason: str | None = Field(description="Why it could not be had, the last time it was tried.")
    url: str | None = Field(description="Our own copy's address, once there is one.")


class PublicationState(BaseModel):
    """What became of the content's page."""

    id: int = Field(description="The publication's number (gaiPublish.id).")
    url: str | None = Field(description="The page's address, once it is published.")
    filename: str | None = Field(description="The page's path below its site.")
    created: str = Field(description="When publication was asked for (ISO 8601).")
    status: PublicationStatus = Field(
        description="`scheduled` until its time comes, `replaced` when an extension published in our place, "
        "`withdrawn` once the page was taken down."
    )
    reason: str | None = Field(description="Why it failed.")


class ContentState(BaseModel):
    """What became of a submission."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 12,
                    "promptId": "2",
                    "histId": "L-GTXT-1731317840133187",
                    "cronId": "_CRON-Daily_Writing_Prompt-Live_for_Today",
                    "text": EXAMPLE["text"],
                    "created": "2026-11-22T12:00:00+00:00",
                    "files": [
                        {
                            "source": "http://localhost:8080/genimgs/139473250698292130.png",
                            "status": "stored",
                            "reason": None,
                            "url": "http://127.0.0.1:5050/media/9f86d081884c7d659a2feaa0c55ad015/139473250698292130.png",
                        }
                    ],
                    "publish": {
                        "id": 3,
                        "url": "http://127.0.0.1:5050/sites/MyWebSite/2026/11/rain-on-the-window/",
                        "filename": "2026/11/rain-on-the-window/index.html",
                        "created": "2026-11-22T12:00:00+00:00",
                        "status": "published",
                        "reason": None,
                    },
                }
            ]
        }
    )

    id: int = Field(description="The content's number (gaiContent.id).")
    promptId: str = Field(description="The prompt's number as it was submitted.")
    histId: str = Field(description="The client's log entry.")
    cronId: str = Field(description="The client's scheduled task.")
    text: str = Field(description="The text as it was submitted.")
    created: str = Field(description="When it was stored (ISO 8601).")
    files: list[ContentFileState] = Field(description="The files in the order of the submission.")
    publish: PublicationState | None = Field(description="The latest publication, or null.")


class ContentQuery(BaseModel):
    """Which contents to list; those with a lesser number than `before_id`, to page on."""

    prompt_id: int | None = None
    before_id: int | None = None
    limit: int = Field(50, ge=1)


class ContentSummary(BaseModel):
    """A content in a list."""

    id: int = Field(description="The content's number.")
    prompt: int | None = Field(description="The number of its prompt; null when that was none or is gone.")
    histId: str = Field(description="The client's log entry.")
    created: datetime = Field(description="When it was stored.")
    text: str = Field(description="The text as it was submitted.")
    files: int = Field(description="How many files were submitted with it.")
    publication: PublicationStatus | None = Field(description="How its latest publication stands.")


class Approval(BaseModel):
    """Who stands behind a content."""

    id: int = Field(description="The content's number.")
    approved_by: str | None = Field(description="The user's e-mail address; null when nobody does.")
    approved_at: datetime | None = Field(description="Since when.")
    is_live: bool = Field(description="Whether the content has a live page, which says so.")


class ContentMove(BaseModel):
    """Where a published page is to go: under another topic (empty for none), or to another site."""

    model_config = ConfigDict(extra="forbid")

    topic: str | None = Field(None, description="The topic's name or number.")
    site: str | None = Field(None, description="The site's name.")

    @model_validator(mode="after")
    def must_name_one(self) -> "ContentMove":
        if (self.topic is None) == (self.site is None):
            raise ValueError("give a topic or a site")
        return self


class ScheduledPublication(BaseModel):
    """A publication that is planned."""

    content: int = Field(description="The content's number.")
    at: datetime = Field(description="When it is to be published, in the time zone in which that was said.")
