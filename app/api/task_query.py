"""What T1 and T4 read from the address."""

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import ValidationError

from app.core import errors
from app.core.http import jsend
from schemas.prompt import PromptFilters, TaskQuery

FiltersDep = Annotated[PromptFilters, Query()]
_NOTHING_ASKED = TaskQuery()


async def get_task_query(query: Annotated[TaskQuery, Query()]) -> TaskQuery:
    return query


TaskQueryDep = Depends(get_task_query)


def read_task_query(request: Request) -> TaskQuery:
    """`get_task_query` for a hot route. Raises Invalid."""
    if not request.scope["query_string"]:
        return _NOTHING_ASKED
    try:
        return TaskQuery.model_validate(dict(request.query_params))
    except ValidationError as invalid:
        raise errors.Invalid(jsend.reasons_of(invalid.errors())) from invalid
