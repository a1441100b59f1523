"""What T1 and T4 read from the address."""

import re
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BeforeValidator

from app.prompts.queries import Filters

GREATEST_ID = 2**63 - 1


def whole_number(value: object) -> object:
    """Only digits: what Python would also take as a number (` 1`, `+1`, `1_0`, `²`) is a mistake here."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,19}", value):
        raise ValueError("must be a whole number, 0 or more")
    return value


Identifier = Annotated[int, BeforeValidator(whole_number), Query(ge=0, le=GREATEST_ID)]


# FastAPI sends a plain function to a thread on each request, an async one it calls.
async def get_filters(
    id: Annotated[Identifier, Query(description="Only this prompt (gaiPrompt.id).")] = 0,  # noqa: A002
    intervalId: Annotated[Identifier, Query(description="Only prompts of this interval.")] = 0,  # noqa: N803
    topicId: Annotated[Identifier, Query(description="Only prompts of this topic.")] = 0,  # noqa: N803
    dirId: Annotated[Identifier, Query(description="Only prompts of this directory.")] = 0,  # noqa: N803
) -> Filters:
    return Filters(id, intervalId, topicId, dirId)


FiltersDep = Annotated[Filters, Depends(get_filters)]
