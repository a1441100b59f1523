"""What T1 and T4 read from the address."""

import re
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from app.core import errors
from app.core.http import jsend
from app.prompts.queries import Filters

GREATEST_ID = 2**63 - 1
LONGEST_WAIT = 60


def whole_number(value: object) -> object:
    """Only digits: what Python would also take as a number (` 1`, `+1`, `1_0`, `²`) is a mistake here."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,19}", value):
        raise ValueError("must be a whole number, 0 or more")
    return value


Identifier = Annotated[int, Field(ge=0, le=GREATEST_ID), BeforeValidator(whole_number)]


class FilterQuery(BaseModel):
    """The filters, in the words of the wire."""

    id: Identifier = Field(0, description="Only this prompt (gaiPrompt.id).")
    intervalId: Identifier = Field(0, description="Only prompts of this interval.")  # noqa: N815
    topicId: Identifier = Field(0, description="Only prompts of this topic.")  # noqa: N815
    dirId: Identifier = Field(0, description="Only prompts of this directory.")  # noqa: N815

    @property
    def filters(self) -> Filters:
        return Filters(self.id, self.intervalId, self.topicId, self.dirId)


class TaskQuery(FilterQuery):
    """What T1 may be asked."""

    wait: float = Field(
        0, ge=0, le=LONGEST_WAIT, allow_inf_nan=False, description="Seconds to wait for a task (long-poll)."
    )
    another: bool = Field(
        False, alias="next", description="Claim another task although this token holds one already."
    )


async def get_filters(query: Annotated[FilterQuery, Query()]) -> Filters:
    return query.filters


async def get_task_query(query: Annotated[TaskQuery, Query()]) -> TaskQuery:
    return query


def read_task_query(request: Request) -> TaskQuery:
    """`get_task_query` for a hot route. Raises Invalid."""
    try:
        return TaskQuery.model_validate(dict(request.query_params))
    except ValidationError as invalid:
        raise errors.Invalid(jsend.reasons_of(invalid.errors())) from invalid


FiltersDep = Annotated[Filters, Depends(get_filters)]
