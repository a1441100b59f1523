"""From the bytes of a T2 request to a submission, or to words about what is wrong with them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request

from app.core import errors
from schemas.content import AttemptReport, ContentSubmission, Submission

FALSE_WORDS = {"", "0", "false", "no", "off"}

LARGE_BODY = 1024 * 1024

# Millions of small values would hold up everybody; of the reason only the beginning is kept.
MOST_BYTES_OF_ATTEMPT = LARGE_BODY


class _AttemptStatus(BaseModel):
    """What is read of a large body before anything is made of it."""

    status: Literal["fail", "error"]


_submission: TypeAdapter[ContentSubmission | AttemptReport] = TypeAdapter(Submission)


async def read_submission(request: Request) -> ContentSubmission | AttemptReport:
    """Raises UnsupportedType, TooLarge, BadRequest for what is no JSON and Invalid for what is no submission."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not (
        content_type.startswith("application/") and content_type.endswith("+json")
    ):
        raise errors.UnsupportedType({"Content-Type": "must be application/json"})
    return _validated(await request.body())


def _validated(body: bytes) -> ContentSubmission | AttemptReport:
    with _uninterrupted(body):
        _refuse_large_attempt(body)
        try:
            return _submission.validate_json(body)
        except ValidationError as invalid:
            raise _refusal(invalid) from invalid


@contextmanager
def _uninterrupted(body: bytes) -> Iterator[None]:
    """Millions of values made at once would set off the collector again and again, for three times as long."""
    if len(body) <= LARGE_BODY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _refuse_large_attempt(body: bytes) -> None:
    if len(body) <= MOST_BYTES_OF_ATTEMPT:
        return
    with suppress(ValidationError):  # then it is a success, or nothing that would be taken anyway
        _AttemptStatus.model_validate_json(body)
        raise errors.TooLarge({"body": f"a fail or an error may have at most {MOST_BYTES_OF_ATTEMPT} bytes"})


def _refusal(invalid: ValidationError) -> errors.DomainError:
    problems = invalid.errors(include_url=False, include_context=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return errors.BadRequest({"body": "is not valid JSON in UTF-8"})
    reasons: dict[str, str] = {}
    for problem in problems:
        field, reason = _field_and_reason(problem)
        reasons.setdefault(field, reason)
    return errors.Invalid(reasons)


def _field_and_reason(problem: Any) -> tuple[str, str]:
    # The union puts its tag in front of the path, and a choice of types behind it.
    place = [str(part) for part in problem["loc"][1:] if not str(part).startswith(("constrained", "function"))]
    if problem["type"].startswith("union_tag"):
        return "status", "must be success, fail or error"
    reason = str(problem["msg"]).removeprefix("Value error, ")
    if reason.startswith("text: "):
        return "data.text", reason.removeprefix("text: ")
    return ".".join(part for part in place if part not in {"str", "int"}) or "body", reason


def wants_publication(request: Request) -> bool:
    """`writetofile` is on when it is there and says neither nothing nor no."""
    return request.query_params.get("writetofile", "").strip().lower() not in FALSE_WORDS
