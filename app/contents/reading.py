"""From the bytes of a T2 request to a submission, or to words about what is wrong with them."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from app.core import errors
from schemas.content import AttemptReport, ContentSubmission, Submission

FALSE_WORDS = {"", "0", "false", "no", "off"}

_submission: TypeAdapter[ContentSubmission | AttemptReport] = TypeAdapter(Submission)


async def read_submission(request: Request) -> ContentSubmission | AttemptReport:
    """Raises UnsupportedType, TooLarge, BadRequest for what is no JSON and Invalid for what is no submission."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not (
        content_type.startswith("application/") and content_type.endswith("+json")
    ):
        raise errors.UnsupportedType({"Content-Type": "must be application/json"})
    try:
        return _submission.validate_json(await request.body())
    except ValidationError as invalid:
        raise _refusal(invalid) from invalid


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
