"""What handlers may return and pass on."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from app.host.errors import Failure, Outcome
from app.sdk import HandlerName
from app.sdk.handlers import ARGUMENT_TYPES


def conforming(name: HandlerName, value: Any) -> Any:
    """The result as the service uses it; Failure when it is of no type the handler may return."""
    match name:
        case HandlerName.PROMPT if value is None:
            return None
        case HandlerName.PROMPT if isinstance(value, Mapping):
            return _serializable(dict(value))
        case HandlerName.RESET if value is None or isinstance(value, bool):
            return value is not False
        case HandlerName.CONTENT if _is_number(value):
            return value
        case HandlerName.PUBLISH if value is None or _is_number(value):
            return value
    raise Failure(Outcome.WRONG_TYPE, f"{name} returned {type(value).__name__}, not {_EXPECTED[name]}")


def replaced(name: HandlerName, arguments: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with the first ones replaced by `new`; TypeError when those are of other types."""
    types = ARGUMENT_TYPES[name]
    if len(new) > len(types):
        raise TypeError(f"proceed takes at most {len(types)} arguments here, not {len(new)}")
    for value, wanted in zip(new, types, strict=False):
        if not (isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))):
            raise TypeError(f"proceed was given {type(value).__name__} where {name} takes {wanted.__name__}")
    return (*new, *arguments[len(new) :])


_EXPECTED = {
    HandlerName.PROMPT: "a dict or None",
    HandlerName.RESET: "a bool",
    HandlerName.CONTENT: "an int",
    HandlerName.PUBLISH: "an int or None",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _serializable(task: dict[str, Any]) -> dict[str, Any]:
    try:
        to_json(task)
    except (PydanticSerializationError, ValueError) as error:
        raise Failure(Outcome.WRONG_TYPE, f"promptHandler returned what JSON cannot say: {error}") from None
    return task
